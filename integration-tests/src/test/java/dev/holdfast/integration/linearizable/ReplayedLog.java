package dev.holdfast.integration.linearizable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The log, version by version: what it says about itself that cannot be, and what the state held when. Immutable once made; {@link
 * #newest()} and all that is asked below it is meaningful only without problems.
 */
final class ReplayedLog {

  private final NavigableMap<Long, List<LoggedChange>> versions = new TreeMap<>();
  private final Map<String, NavigableMap<Long, LoggedChange>> keys = new TreeMap<>();
  private final Map<String, List<Long>> calls = new TreeMap<>();
  private final Set<String> written = new HashSet<>();
  private final List<String> problems = new ArrayList<>();

  ReplayedLog(List<LoggedChange> log) {
    log.stream().sorted(Comparator.comparingLong(LoggedChange::version)).forEach(this::add);
    checkDense();
  }

  private void add(LoggedChange change) {
    List<LoggedChange> together =
        versions.computeIfAbsent(change.version(), v -> new ArrayList<>());
    if (together.isEmpty()) {
      calls.computeIfAbsent(change.call(), c -> new ArrayList<>()).add(change.version());
    } else if (!together.get(0).call().equals(change.call())) {
      problems.add("version " + change.version() + " is of two calls: "
          + together.get(0).call() + " and " + change.call());
    }
    together.add(change);
    chain(change);
  }

  /** A change must start from the value that the one before it left. */
  private void chain(LoggedChange change) {
    NavigableMap<Long, LoggedChange> ofKey =
        keys.computeIfAbsent(change.key(), k -> new TreeMap<>());
    Long left = ofKey.isEmpty() ? null : ofKey.lastEntry().getValue().after();
    if (!Objects.equals(left, change.before())) {
      problems.add("version " + change.version() + " changed key " + change.key() + " from "
          + change.before() + ", but it was " + left);
    }
    if (change.after() != null && !written.add(change.key() + "=" + change.after())) {
      problems.add("version " + change.version() + " brought the value " + change.after()
          + " of key " + change.key() + " back");
    }
    if (ofKey.put(change.version(), change) != null) {
      problems.add("version " + change.version() + " changed key " + change.key() + " twice");
    }
  }

  private void checkDense() {
    long expected = 1;
    for (long version : versions.keySet()) {
      if (version != expected) {
        problems.add("version " + expected + " is missing; the next one is " + version);
      }
      expected = version + 1;
    }
  }

  List<String> problems() {
    return List.copyOf(problems);
  }

  long newest() {
    return versions.isEmpty() ? 0 : versions.lastKey();
  }

  List<String> calls() {
    return List.copyOf(calls.keySet());
  }

  List<Long> versionsOf(String call) {
    return calls.getOrDefault(call, List.of());
  }

  Map<String, @Nullable Long> writtenAt(long version) {
    Map<String, @Nullable Long> values = new TreeMap<>();
    versions
        .getOrDefault(version, List.of())
        .forEach(change -> values.put(change.key(), change.after()));
    return values;
  }

  @Nullable
  Long valueAt(String key, long version) {
    NavigableMap<Long, LoggedChange> ofKey = keys.get(key);
    Map.Entry<Long, LoggedChange> last = ofKey == null ? null : ofKey.floorEntry(version);
    return last == null ? null : last.getValue().after();
  }

  /** The keys that were there at a version, and their values. */
  SortedMap<String, Long> contentAt(long version) {
    SortedMap<String, Long> content = new TreeMap<>();
    for (String key : keys.keySet()) {
      Long value = valueAt(key, version);
      if (value != null) {
        content.put(key, value);
      }
    }
    return content;
  }

  /**
   * The versions at which a key had a value; empty when it never had.
   *
   * @throws IllegalArgumentException when a key was absent at times that do not follow each other: such histories are not for this checker
   */
  VersionRange rangeOf(String key, @Nullable Long value) {
    List<VersionRange> ranges = new ArrayList<>();
    long start = 0;
    Long current = null;
    for (LoggedChange change : keys.getOrDefault(key, new TreeMap<>()).values()) {
      addIf(Objects.equals(current, value), new VersionRange(start, change.version() - 1), ranges);
      start = change.version();
      current = change.after();
    }
    addIf(Objects.equals(current, value), new VersionRange(start, newest()), ranges);
    if (ranges.size() > 1) {
      throw new IllegalArgumentException(
          "Key " + key + " had the value " + value + " more than once: " + ranges);
    }
    return ranges.isEmpty() ? new VersionRange(0, -1) : ranges.get(0);
  }

  private static void addIf(boolean had, VersionRange range, List<VersionRange> ranges) {
    if (had) {
      ranges.add(range);
    }
  }
}
