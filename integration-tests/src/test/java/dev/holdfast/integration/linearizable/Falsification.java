package dev.holdfast.integration.linearizable;

import dev.holdfast.integration.linearizable.Observation.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A way to make a linearizable history wrong, as a faulty store would. */
enum Falsification {
  /** A read shows the version before one whose write had returned before the read began. */
  STALE_READ {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return pairs(
          history,
          read -> isVersioned(read),
          (write, read) -> write.returned() < read.invoked(),
          (version, read) -> at(read, version - 1, log));
    }
  },
  /** A read shows a version whose write began after the read had returned. */
  READ_FROM_THE_FUTURE {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return pairs(
          history,
          read -> isVersioned(read),
          (write, read) -> read.returned() < write.invoked(),
          (version, read) -> at(read, version, log));
    }
  },
  /** A key's value is read that had been overwritten before the read began. */
  STALE_VALUE {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return pairs(
          history,
          read -> read.kind() == Kind.READ_KEYS,
          (write, read) -> write.returned() < read.invoked()
              && write.values().keySet().containsAll(read.values().keySet()),
          (version, read) -> read.withValues(before(read.values(), version, log)));
    }
  },
  /** A write that returned is not in the log, and nothing shows the gap. */
  LOST_WRITE {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return wrote(history, log)
          .filter(write -> versionOf(write, log) == log.newest())
          .map(write -> without(history, log.newest()));
    }
  },
  /** A version is left out. */
  GAP {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return wrote(history, log)
          .map(write -> versionOf(write, log))
          .filter(version -> version < log.newest())
          .map(version -> without(history, version));
    }
  },
  /** Two writes return the same version. */
  DOUBLED_VERSION {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return wrote(history, log)
          .filter(write -> write.version() > 1)
          .map(write -> replace(history, write, write.withVersion(write.version() - 1)));
    }
  },
  /** A write is done a second time. */
  WRITTEN_TWICE {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return history.observations().stream()
          .filter(write -> versionOf(write, log) > 0)
          .map(write -> repeated(history, write, log));
    }
  },
  /** Two writes returned in the other order than their versions have, the second before the first began. */
  REORDERED_RETURN {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return wrote(history, log)
          .flatMap(first -> wrote(history, log)
              .filter(second -> first.returned() < second.invoked())
              .map(second -> swapped(history, first, second)));
    }
  },
  /** A write that was said not to have happened did. */
  REFUSED_AND_WRITTEN {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return wrote(history, log)
          .map(write -> replace(history, write, write.withKind(Kind.REFUSED)));
    }
  },
  /** Nobody made a version. */
  FOREIGN_WRITE {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return history.observations().stream()
          .filter(write -> versionOf(write, log) > 0)
          .map(write -> new Recording(
              history.observations().stream()
                  .filter(other -> !other.equals(write))
                  .toList(),
              history.log()));
    }
  },
  /** A snapshot holds one key as it was at another version. */
  TORN_SNAPSHOT {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return history.observations().stream()
          .filter(read -> read.kind() == Kind.READ_ALL && read.version() > 1)
          .map(read -> replace(history, read, torn(read, log)));
    }
  },
  /** A function was given a value that was not the newest: the update before is lost. */
  LOST_UPDATE {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return wrote(history, log)
          .filter(write -> !write.before().isEmpty() && !write.before().containsValue(null))
          .map(write -> replace(history, write, write.withBefore(earlier(write, log))));
    }
  },
  /** Something else was written than was asked for. */
  WRONG_VALUE {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return wrote(history, log)
          .map(write -> replace(history, write, write.withValues(Map.of("a", -1L))));
    }
  },
  /** Only one of two keys that were written together arrived. */
  HALF_A_CHANGE_SET {
    @Override
    Stream<Recording> all(Recording history, ReplayedLog log) {
      return wrote(history, log)
          .filter(write -> write.values().size() > 1)
          .map(write -> withoutKey(history, versionOf(write, log), "b"));
    }
  };

  /** One of the wrong histories that this makes of a right one, if there is one. */
  Optional<Recording> apply(Recording history, Random random) {
    List<Recording> all =
        new ArrayList<>(all(history, new ReplayedLog(history.log())).toList());
    Collections.shuffle(all, random);
    return all.stream().findFirst();
  }

  abstract Stream<Recording> all(Recording history, ReplayedLog log);

  private interface Order {
    boolean holds(Observation write, Observation read);
  }

  private interface Change {
    Observation of(long version, Observation read);
  }

  private static Stream<Recording> pairs(
      Recording history, Predicate<Observation> isRead, Order order, Change change) {
    ReplayedLog log = new ReplayedLog(history.log());
    return wrote(history, log)
        .flatMap(write -> history.observations().stream()
            .filter(isRead)
            .filter(read -> order.holds(write, read))
            .map(read -> replace(history, read, change.of(versionOf(write, log), read))));
  }

  private static Stream<Observation> wrote(Recording history, ReplayedLog log) {
    return history.observations().stream()
        .filter(write -> write.kind() == Kind.WROTE && versionOf(write, log) > 0);
  }

  private static boolean isVersioned(Observation read) {
    return read.kind() == Kind.READ_ALL || read.kind() == Kind.READ_VERSION;
  }

  private static long versionOf(Observation write, ReplayedLog log) {
    List<Long> versions = log.versionsOf(write.call());
    return versions.isEmpty() ? 0 : versions.get(0);
  }

  private static Observation at(Observation read, long version, ReplayedLog log) {
    Observation moved = read.withVersion(version);
    return read.kind() == Kind.READ_ALL
        ? moved.withValues(new TreeMap<>(log.contentAt(version)))
        : moved;
  }

  private static Map<String, @Nullable Long> before(
      Map<String, @Nullable Long> values, long version, ReplayedLog log) {
    Map<String, @Nullable Long> before = new TreeMap<>();
    values.keySet().forEach(key -> before.put(key, log.valueAt(key, version - 1)));
    return before;
  }

  private static Observation torn(Observation read, ReplayedLog log) {
    Map<String, @Nullable Long> content = new TreeMap<>(read.values());
    String changed = log.writtenAt(read.version()).keySet().iterator().next();
    content.put(changed, -1L);
    return read.withValues(content);
  }

  private static Map<String, @Nullable Long> earlier(Observation write, ReplayedLog log) {
    String key = write.before().keySet().iterator().next();
    long wroteBefore = log.rangeOf(key, write.before().get(key)).lowest();
    return before(write.before(), wroteBefore, log);
  }

  private static Recording replace(Recording history, Observation old, Observation now) {
    UnaryOperator<Observation> swap = one -> one.equals(old) ? now : one;
    return new Recording(history.observations().stream().map(swap).toList(), history.log());
  }

  private static Recording swapped(Recording history, Observation first, Observation second) {
    Recording half = replace(history, first, first.withTimes(second.invoked(), second.returned()));
    return replace(half, second, second.withTimes(first.invoked(), first.returned()));
  }

  private static Recording without(Recording history, long version) {
    return new Recording(
        history.observations(),
        history.log().stream().filter(change -> change.version() != version).toList());
  }

  private static Recording withoutKey(Recording history, long version, String key) {
    return new Recording(
        history.observations(),
        history.log().stream()
            .filter(change -> change.version() != version || !change.key().equals(key))
            .toList());
  }

  private static Recording repeated(Recording history, Observation write, ReplayedLog log) {
    List<LoggedChange> changes = new ArrayList<>(history.log());
    long version = log.newest() + 1;
    write
        .values()
        .forEach((key, value) -> changes.add(
            new LoggedChange(version, write.call(), key, log.valueAt(key, log.newest()), value)));
    return new Recording(history.observations(), changes);
  }
}
