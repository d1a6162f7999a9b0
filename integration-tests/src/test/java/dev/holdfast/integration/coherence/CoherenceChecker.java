package dev.holdfast.integration.coherence;

import dev.holdfast.integration.coherence.Seen.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether what calls to one state showed keeps what the cache promises, in real time:
 *
 * <ul>
 *   <li>a cached read shows every version that anybody was told of longer ago than the bound, before the read began;
 *   <li>no read shows less than its own process was told of before it began, be it by a read or by its own write;
 *   <li>a strict read shows every version that anybody was told of before it began;
 *   <li>no read shows a version whose write began only after the read had returned;
 *   <li>a version has the value that was written as that version.
 * </ul>
 *
 * <p>Told of is whoever had a call returned that made or showed the version. Each rule is a comparison with the newest version of calls that
 * returned before some moment, which takes a sorted list and a search. Stateless.
 */
final class CoherenceChecker {

  private static final int SHOWN = 5;

  private CoherenceChecker() {}

  /** What is wrong with calls to one state, by the rule that is broken; the first few of each. */
  static Map<Rule, List<String>> problems(List<Seen> calls, Duration bound) {
    Problems problems = new Problems();
    Told everybody = new Told(calls);
    Map<Integer, Told> processes = new HashMap<>();
    calls.stream()
        .map(Seen::process)
        .distinct()
        .forEach(process -> processes.put(
            process,
            new Told(calls.stream().filter(call -> call.process() == process).toList())));
    Map<Long, Seen> writes = new HashMap<>();
    calls.stream()
        .filter(call -> call.kind() == Kind.WRITE)
        .forEach(write -> writes.put(write.version(), write));
    for (Seen read : calls) {
      if (read.kind() == Kind.WRITE) {
        continue;
      }
      Told own = processes.getOrDefault(read.process(), everybody);
      problems.requireNotBehind(Rule.BACKWARDS, read, own.newestBefore(read.invoked()));
      if (read.kind() == Kind.CACHED) {
        problems.requireNotBehind(
            Rule.TOO_OLD, read, everybody.newestBefore(read.invoked() - bound.toNanos()));
      } else {
        problems.requireNotBehind(Rule.NOT_CURRENT, read, everybody.newestBefore(read.invoked()));
      }
      Seen write = writes.get(read.version());
      if (write != null && write.invoked() > read.returned()) {
        problems.add(Rule.FROM_THE_FUTURE, read + " shows what was written later by " + write);
      }
      if (write != null && write.value() != read.value()) {
        problems.add(Rule.WRONG_VALUE, read + " has not the value of " + write);
      }
    }
    return problems.found;
  }

  /** How far behind the newest version that anybody was told of the cached reads were at most, in nanoseconds. */
  static long worst(List<Seen> calls) {
    Told everybody = new Told(calls);
    return calls.stream()
        .mapToLong(
            read -> read.kind() == Kind.CACHED ? read.invoked() - everybody.firstAfter(read) : 0)
        .max()
        .orElse(0);
  }

  /** What is promised. */
  enum Rule {
    TOO_OLD,
    BACKWARDS,
    NOT_CURRENT,
    FROM_THE_FUTURE,
    WRONG_VALUE
  }

  private static final class Problems {

    private final Map<Rule, List<String>> found = new EnumMap<>(Rule.class);

    void requireNotBehind(Rule rule, Seen read, Seen told) {
      if (read.version() < told.version()) {
        add(rule, read + " although " + told);
      }
    }

    void add(Rule rule, String problem) {
      List<String> shown = found.computeIfAbsent(rule, any -> new ArrayList<>());
      if (shown.size() < SHOWN) {
        shown.add(problem);
      }
    }
  }

  /** The newest version that somebody was told of, at any moment. */
  private static final class Told {

    private static final Seen NOTHING =
        new Seen(Kind.WRITE, 0, 0, 0, 0, Long.MIN_VALUE, Long.MIN_VALUE);

    /** In order of return, and of versions: only calls that told of a newer version than all before. */
    private final List<Seen> newer = new ArrayList<>();

    Told(List<Seen> calls) {
      newer.add(NOTHING);
      calls.stream().sorted(Comparator.comparingLong(Seen::returned)).forEach(call -> {
        if (call.version() > newer.get(newer.size() - 1).version()) {
          newer.add(call);
        }
      });
    }

    /** The call that told of the newest version before a moment. */
    Seen newestBefore(long moment) {
      int low = 0;
      int high = newer.size();
      while (high - low > 1) {
        int middle = (low + high) >>> 1;
        if (newer.get(middle).returned() < moment) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return newer.get(low);
    }

    /** When somebody was first told of a newer version than a read shows; the moment of the read itself if nobody was before. */
    long firstAfter(Seen read) {
      int low = 0;
      int high = newer.size();
      while (high - low > 1) {
        int middle = (low + high) >>> 1;
        if (newer.get(middle).version() <= read.version()) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return high == newer.size()
          ? read.invoked()
          : Math.min(read.invoked(), newer.get(high).returned());
    }
  }
}
