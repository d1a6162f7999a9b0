package dev.holdfast.examples.airline;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the job has to say at its end; the JSON form has these names. Immutable.
 *
 * @param setup what it worked on
 * @param found what was there before
 * @param written what this start wrote, null when it was to verify only
 * @param totals what is there now
 * @param reservation the history of one reservation, null when no run changed one
 * @param verified whether everything is as it should be
 */
record Report(
    Setup setup,
    Progress found,
    @Nullable Written written,
    Totals totals,
    @Nullable ReservationHistory reservation,
    Verdict verified) {

  /**
   * What the job worked on.
   *
   * @param runs the recorded runs of the file
   * @param messages their messages
   */
  record Setup(
      String runsFile,
      int runs,
      long messages,
      String database,
      String server,
      String namespace,
      int workers) {}

  /**
   * How far the runs were.
   *
   * @param runs those with at least one message
   * @param complete those with all
   */
  record Progress(int runs, int complete, long messages) {}

  /**
   * What one start wrote.
   *
   * @param runs those that it completed
   * @param sharedWrites changes of reservations and customers
   * @param changeSets versions, of all states
   * @param changes keys in them
   * @param conflicts writes that somebody else forestalled and that were decided anew
   */
  record Written(
      long runs,
      long messages,
      long sharedWrites,
      long changeSets,
      long changes,
      long conflicts,
      Speed speed) {}

  /** How fast it was. */
  record Speed(double seconds, long changeSetsPerSecond, Latency step) {}

  /** How long a step, which is one message with all that it changes, took. */
  record Latency(double medianMillis, double p99Millis, double slowestMillis, String slowest) {}

  /**
   * What is in the namespaces now, from other files too.
   *
   * @param versions the sum over all states
   */
  record Totals(
      long runs,
      long messages,
      long reservations,
      long users,
      long versions,
      long changes,
      long databaseBytes) {}

  /**
   * The history of a reservation.
   *
   * @param runs how many runs changed it
   * @param versions in order
   */
  record ReservationHistory(String name, int runs, List<Line> versions) {}

  /** One version of a reservation. */
  record Line(long version, Instant at, String actor, String reason, String what) {}

  /**
   * The outcome of the verification.
   *
   * @param messages those that are there as they were recorded
   * @param sharedWrites changes of reservations and customers that were made exactly once
   * @param difference the first thing that is not as it should be, null when there is none
   */
  record Verdict(
      int runs, long messages, long sharedWrites, @Nullable String difference) {
    boolean isGood() {
      return difference == null;
    }
  }
}
