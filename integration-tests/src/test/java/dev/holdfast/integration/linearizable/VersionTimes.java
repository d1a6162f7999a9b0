package dev.holdfast.integration.linearizable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether every version can be given a moment at which it became the state's newest, such that the moments are in the order of the
 * versions and explain every call.
 *
 * <p>Let p(v) be the moment of version v. A write that made v happened at p(v), so its invocation is a lower and its return an upper bound
 * of p(v). A read that saw one of the versions lo to hi happened at some moment of its own between invocation and return, at which lo was
 * there and hi + 1 was not: such a moment exists exactly if p(lo) is not after its return and p(hi + 1) is not before its invocation. So
 * every call is a set of bounds on single moments, and nothing else binds them but their order. Rising moments within all bounds exist
 * exactly if no lower bound of a version is above the upper bound of the same or a later one: give each version the highest lower bound of
 * itself and those before. That is the whole test; a general search over orders (Wing and Gong, Lowe) is not needed because the versions
 * have told the order of the writes. {@link HistoryCheckerTest} compares the verdict with such a search all the same.
 *
 * <p>Confined to one thread.
 */
final class VersionTimes {

  private static final int SHOWN = 10;

  private final Bound[] notBefore;
  private final Bound[] notAfter;

  VersionTimes(long newest) {
    int size = Math.toIntExact(newest) + 2;
    notBefore = new Bound[size];
    notAfter = new Bound[size];
    Arrays.fill(notBefore, new Bound(Long.MIN_VALUE, "nothing"));
    Arrays.fill(notAfter, new Bound(Long.MAX_VALUE, "nothing"));
  }

  void wrote(Observation write, long version) {
    raise(version, write);
    lower(version, write);
  }

  /** A write of which nobody knows when it ended. */
  void wroteAtSomeTime(Observation write, long version) {
    raise(version, write);
  }

  void saw(Observation read, VersionRange range) {
    lower(range.lowest(), read);
    raise(range.highest() + 1, read);
  }

  private void raise(long version, Observation by) {
    int v = Math.toIntExact(version);
    if (notBefore[v].time < by.invoked()) {
      notBefore[v] = new Bound(by.invoked(), by.call());
    }
  }

  private void lower(long version, Observation by) {
    int v = Math.toIntExact(version);
    if (notAfter[v].time > by.returned()) {
      notAfter[v] = new Bound(by.returned(), by.call());
    }
  }

  /** What cannot be, the first few; version 0 was always there, and the one after the newest never. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    Bound earliest = notBefore[0];
    int low = 0;
    for (int v = 1; v < notBefore.length - 1 && problems.size() < SHOWN; v++) {
      if (notBefore[v].time > earliest.time) {
        earliest = notBefore[v];
        low = v;
      }
      if (earliest.time > notAfter[v].time) {
        problems.add(problem(earliest, low, notAfter[v], v));
      }
    }
    return problems;
  }

  private static String problem(Bound late, int low, Bound early, int high) {
    return "call " + early.call + " returned at " + early.time + " and shows that version " + high
        + " was there; call " + late.call + " was invoked only then, at " + late.time
        + ", and shows that version " + low + " was not there yet";
  }

  private record Bound(long time, String call) {}
}
