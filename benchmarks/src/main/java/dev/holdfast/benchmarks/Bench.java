package dev.holdfast.benchmarks;

import dev.holdfast.benchmarks.report.Report;
import dev.holdfast.benchmarks.server.CommitFloor;
import dev.holdfast.benchmarks.server.Database;

/**
 * What a suite gets. Confined to one thread.
 *
 * @param database where to measure
 * @param settings how thoroughly
 * @param report where the values go
 * @param floor the time of a commit, to measure again beside writes: it changes with what else the machine does
 */
public record Bench(Database database, Settings settings, Report report, CommitFloor floor) {

  /** Says on standard error what is under way. */
  public void progress(String what) {
    System.err.println("... " + what);
  }
}
