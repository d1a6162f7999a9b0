package dev.holdfast.integration.linearizable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a state was linearizable: that there is one order of all writes without gaps, in which each reads what the one before left;
 * that every read saw the state as it was at some moment between invocation and return; and that what returned before something else
 * began comes before it in that order.
 *
 * <p>The order is the one that the versions tell. The state's own log, read at the end, says which call made which version; it is believed
 * in nothing: every call must be in it as often as it may be and with what it wrote, it must chain, and every value that a client read is
 * compared with it. What is left is real time, see {@link VersionTimes}.
 *
 * <p>Clients must write each value of a key once, so that a value tells who wrote it: one that comes back is a write done twice. A key that
 * is removed and read without a version is more than this checker decides; it throws an {@link IllegalArgumentException}. Confined to one
 * thread.
 */
final class HistoryChecker {

  private final List<Observation> observations;
  private final ReplayedLog log;
  private final VersionTimes times;
  private final List<String> problems = new ArrayList<>();

  private HistoryChecker(Recording recording) {
    this.observations = recording.observations();
    this.log = new ReplayedLog(recording.log());
    this.times = new VersionTimes(log.newest());
  }

  /** What is wrong with a history, in words; empty when it is linearizable. */
  static List<String> problems(Recording recording) {
    HistoryChecker checker = new HistoryChecker(recording);
    if (checker.log.problems().isEmpty()) {
      checker.check();
      checker.problems.addAll(checker.times.problems());
    } else {
      checker.problems.addAll(checker.log.problems());
    }
    return List.copyOf(checker.problems);
  }

  private void check() {
    checkEveryVersionHasACall();
    observations.forEach(this::check);
  }

  private void checkEveryVersionHasACall() {
    Set<String> calls = new HashSet<>();
    for (Observation observation : observations) {
      if (!calls.add(observation.call())) {
        throw new IllegalArgumentException("Two calls are named " + observation.call());
      }
    }
    log.calls().stream()
        .filter(call -> !calls.contains(call))
        .forEach(call -> problems.add(
            "versions " + log.versionsOf(call) + " are of " + call + ", which no client called"));
  }

  private void check(Observation call) {
    switch (call.kind()) {
      case WROTE -> checkWrote(call);
      case REFUSED -> checkRefused(call);
      case IN_DOUBT -> checkInDoubt(call);
      case READ_VERSION -> checkVersion(call);
      case READ_KEYS -> saw(call, rangeOf(call));
      case FOUND_KEY -> checkFound(call);
      case READ_ALL -> checkAll(call);
    }
  }

  private void checkWrote(Observation write) {
    List<Long> made = log.versionsOf(write.call());
    if (made.size() != 1) {
      problem(write, "returned and must have made one version, but made " + made);
      return;
    }
    long version = made.get(0);
    if (write.version() != Observation.UNTOLD && write.version() != version) {
      problem(write, "returned version " + write.version() + ", but made " + version);
    }
    checkContent(write, version);
    times.wrote(write, version);
  }

  private void checkInDoubt(Observation write) {
    List<Long> made = log.versionsOf(write.call());
    if (made.size() > 1) {
      problem(write, "was written more than once: " + made);
      return;
    }
    for (long version : made) {
      checkContent(write, version);
      times.wroteAtSomeTime(write, version);
    }
  }

  private void checkContent(Observation write, long version) {
    Map<String, @Nullable Long> written = log.writtenAt(version);
    if (!written.equals(write.values())) {
      problem(write, "wrote " + write.values() + ", but version " + version + " has " + written);
    }
    write.before().forEach((key, given) -> {
      Long before = log.valueAt(key, version - 1);
      if (!Objects.equals(before, given)) {
        problem(
            write,
            "made version " + version + " from " + key + "=" + given + ", but it was " + before);
      }
    });
  }

  private void checkRefused(Observation write) {
    List<Long> made = log.versionsOf(write.call());
    if (!made.isEmpty()) {
      problem(write, "was refused, but made " + made);
    }
  }

  private void checkVersion(Observation read) {
    saw(read, existing(read.version()));
  }

  private void checkFound(Observation read) {
    boolean absent = read.values().containsValue(null);
    if (!absent
        && !log.writtenAt(read.version()).entrySet().containsAll(read.values().entrySet())) {
      problem(
          read,
          "says that version " + read.version() + " wrote " + read.values() + ", but it wrote "
              + log.writtenAt(read.version()));
    }
    saw(read, rangeOf(read));
  }

  private void checkAll(Observation read) {
    VersionRange range = existing(read.version());
    if (!range.isEmpty() && !log.contentAt(read.version()).equals(read.values())) {
      problem(
          read,
          "saw version " + read.version() + " as " + read.values() + ", but it was "
              + log.contentAt(read.version()));
    }
    saw(read, range);
  }

  private VersionRange existing(long version) {
    return VersionRange.only(version).intersection(new VersionRange(0, log.newest()));
  }

  private VersionRange rangeOf(Observation read) {
    VersionRange range = new VersionRange(0, log.newest());
    for (Map.Entry<String, @Nullable Long> one : read.values().entrySet()) {
      range = range.intersection(log.rangeOf(one.getKey(), one.getValue()));
    }
    return range;
  }

  private void saw(Observation read, VersionRange range) {
    if (range.isEmpty()) {
      problem(
          read, "saw what no version was: version " + read.version() + " with " + read.values());
    } else {
      times.saw(read, range);
    }
  }

  private void problem(Observation call, String what) {
    problems.add("call " + call.call() + " " + what);
  }
}
