package dev.holdfast.examples.airline;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the job has to say at its end; the JSON form has these names. Immutable.
 *
 * @param setup what it worked on
 * @param found what was there before
 * @param written what this start wrote, null when it was to verify only
 * @param settled what this start settled of earlier rollback failures, null when it was not asked to
 * @param calls how the tool calls that change something ended, those of earlier starts included
 * @param totals what is there now
 * @param reservation the history of one reservation, null when no run changed one
 * @param verified whether everything is as it should be
 * @param audit whether the reservation service agrees
 */
record Report(
    Setup setup,
    Progress found,
    @Nullable Written written,
    @Nullable Settled settled,
    Calls calls,
    Totals totals,
    @Nullable ReservationHistory reservation,
    Verdict verified,
    Audit audit) {

  /** What is not as it should be; null when everything is. */
  @Nullable
  String difference() {
    return verified.isGood() ? audit.difference() : verified.difference();
  }

  /**
   * What the job worked on.
   *
   * @param runs the recorded runs of the file
   * @param messages their messages
   * @param failureRate of the reservation service's calls
   * @param seed says which of them fail
   */
  record Setup(
      String runsFile,
      int runs,
      long messages,
      String database,
      String server,
      String namespace,
      int workers,
      double failureRate,
      long seed) {}

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
   * @param rolledBack tool calls that failed and were undone
   * @param rollbackFailed tool calls that failed and could not be undone wholly
   * @param changeSets versions, of all states
   * @param changes keys in them
   * @param conflicts writes that somebody else forestalled and that were decided anew
   */
  record Written(
      long runs,
      long messages,
      long sharedWrites,
      long rolledBack,
      long rollbackFailed,
      long changeSets,
      long changes,
      long conflicts,
      Speed speed) {}

  /**
   * Rollback failures that one start settled.
   *
   * @param retried those that a retry could compensate
   * @param byHand those that a person had to
   */
  record Settled(int retried, int byHand) {}

  /**
   * How effect transactions stand.
   *
   * @param rolledBack without a failure
   * @param rollbackFailed with rollback failures that are open
   * @param resolved with rollback failures that are settled
   * @param unfinished by another process, or by one that died
   * @param open rollback failures that somebody has to settle, the oldest first
   */
  record Calls(
      long committed,
      long rolledBack,
      long rollbackFailed,
      long resolved,
      long unfinished,
      List<OpenFailure> open) {}

  /** A compensation that failed and is not settled. */
  record OpenFailure(
      Instant at, String effect, String id, String operation, int attempts, String why) {}

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
   * @param sharedWrites changes of reservations and customers that were made exactly once, by the tool calls that were committed
   * @param difference the first thing that is not as it should be, null when there is none
   */
  record Verdict(
      int runs, long messages, long sharedWrites, @Nullable String difference) {
    boolean isGood() {
      return difference == null;
    }
  }

  /**
   * The outcome of the comparison of the reservation service with the journal.
   *
   * @param calls those that stand in the service
   * @param seats sold, less those given back
   * @param money paid, less what was given back and what certificates promise
   * @param difference the first thing that does not agree, null when there is none
   */
  record Audit(
      long calls, long seats, BigDecimal money, @Nullable String difference) {}
}
