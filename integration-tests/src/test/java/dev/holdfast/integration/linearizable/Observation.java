package dev.holdfast.integration.linearizable;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a client knows of one call to one state. Immutable.
 *
 * @param kind what was called and how it ended
 * @param call names the call, in the whole history; a write carries it as its actor
 * @param invoked when the call began, on the clock that all clients share
 * @param returned when it returned, later than it began
 * @param version the version that the call returned, {@link #UNTOLD} when it tells none
 * @param values keys and the values written or read; null for a key that was absent or removed
 * @param before keys and the values that a function of the value was given; empty for all other calls
 */
record Observation(
    Kind kind,
    String call,
    long invoked,
    long returned,
    long version,
    Map<String, @Nullable Long> values,
    Map<String, @Nullable Long> before) {

  static final long UNTOLD = -1;

  Observation {
    if (invoked >= returned) {
      throw new IllegalArgumentException("Call " + call + " returned before it was invoked");
    }
    values = Collections.unmodifiableMap(new TreeMap<>(values));
    before = Collections.unmodifiableMap(new TreeMap<>(before));
  }

  Observation withVersion(long other) {
    return new Observation(kind, call, invoked, returned, other, values, before);
  }

  Observation withValues(Map<String, @Nullable Long> others) {
    return new Observation(kind, call, invoked, returned, version, others, before);
  }

  Observation withBefore(Map<String, @Nullable Long> others) {
    return new Observation(kind, call, invoked, returned, version, values, others);
  }

  Observation withKind(Kind other) {
    return new Observation(other, call, invoked, returned, version, values, before);
  }

  Observation withTimes(long otherInvoked, long otherReturned) {
    return new Observation(kind, call, otherInvoked, otherReturned, version, values, before);
  }

  /** What was called and how it ended. */
  enum Kind {
    /** A write that returned. */
    WROTE,
    /** A write that ended with an exception saying that nothing was written. */
    REFUSED,
    /** A write that ended with an exception saying that it may or may not be there. */
    IN_DOUBT,
    /** The version of the state was read, or named by a conflict. */
    READ_VERSION,
    /** Values of some keys were read in one call, the version is not told. */
    READ_KEYS,
    /** The value of one key was read, and the version is that which wrote it; absent keys tell none. */
    FOUND_KEY,
    /** The whole state was read at a version. */
    READ_ALL
  }
}
