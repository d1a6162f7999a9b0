package dev.holdfast.examples.airline;

import static dev.holdfast.examples.airline.TextReport.counted;
import static dev.holdfast.examples.airline.TextReport.number;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.examples.airline.Report.Progress;
import dev.holdfast.examples.airline.Report.Settled;
import dev.holdfast.examples.airline.Report.Setup;
import dev.holdfast.examples.airline.Report.Speed;
import dev.holdfast.examples.airline.Report.Written;
import dev.holdfast.examples.database.ExampleDatabase;
import dev.holdfast.examples.reservation.Outage;
import dev.holdfast.examples.reservation.ReservationService;
import dev.holdfast.examples.terminal.ProgressLine;
import dev.holdfast.store.StateMetrics;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Looks at what is there, replays what is missing, verifies. Confined to one thread. */
final class AirlineJob {

  private final ExampleDatabase database;
  private final Input input;
  private final ReservationService service;
  private final PrintStream chatter;
  private final Survey survey;

  /**
   * A job.
   *
   * @param chatter for what a person reads on the way
   */
  AirlineJob(ExampleDatabase database, Input input, PrintStream chatter) {
    this.database = database;
    this.input = input;
    this.service = service(database, input);
    this.chatter = chatter;
    this.survey = new Survey(database, input.namespaces());
  }

  private static ReservationService service(ExampleDatabase database, Input input) {
    try {
      return ReservationService.open(
          database.dataSource(), input.namespaces().prefix(), input.outage());
    } catch (SQLException e) {
      throw new HoldfastException(
          ErrorCode.DATABASE, "The reservation service cannot make its tables: " + e.getMessage());
    }
  }

  /** Replays what is missing and verifies. */
  Report replay(int workers, ProgressLine line) {
    return replay(workers, line, false);
  }

  /** Settles the rollback failures of earlier starts, replays what is missing, and verifies. */
  Report resolve(int workers, ProgressLine line) {
    return replay(workers, line, true);
  }

  private Report replay(int workers, ProgressLine line, boolean settles) {
    Found found = found();
    Tally tally = new Tally();
    Ledger ledger = new Ledger(database.holdfast(), input.namespaces(), input.seeds(), tally);
    ToolCalls calls =
        ToolCalls.over(database.holdfast(), input.namespaces(), service, ledger, tally);
    Settled settled =
        settles ? new ServiceDesk(database.holdfast(), input.namespaces(), service).settle() : null;
    Replay replay = new Replay(database.holdfast(), input.namespaces(), calls, tally);
    return report(workers, found, write(workers, found, line, replay, tally), settled);
  }

  /** Verifies only. */
  Report verify() {
    return report(0, found(), null, null);
  }

  private Found found() {
    chatter.println(survey.server() + ", " + database.place());
    Found found = Found.of(database.holdfast(), input.namespaces(), input.runs());
    chatter.println(sentence(found));
    return found;
  }

  private String sentence(Found found) {
    if (found.runs() == 0) {
      return "Found nothing from an earlier start.";
    }
    String facts = "Found " + counted(found.runs(), "run") + " from an earlier start, "
        + number(found.complete()) + " complete, " + counted(found.messages(), "message") + ". ";
    boolean isComplete = found.complete() == input.runs().size();
    return facts + (isComplete ? "Nothing is left to do." : "Going on from there.");
  }

  private Written write(int workers, Found found, ProgressLine line, Replay replay, Tally tally) {
    long start = System.nanoTime();
    try {
      replay.play(input.runs(), found, workers, () -> show(line, found, tally));
    } finally {
      line.end();
    }
    return written(tally, (System.nanoTime() - start) / 1e9);
  }

  private void show(ProgressLine line, Found found, Tally tally) {
    long messages = found.messages() + tally.messages();
    line.show(
        messages,
        input.messages(),
        "%s of %s messages, %s of %s runs"
            .formatted(
                number(messages),
                number(input.messages()),
                number(found.complete() + tally.runs()),
                number(input.runs().size())));
  }

  private Written written(Tally tally, double seconds) {
    StateMetrics metrics = database.holdfast().metrics();
    Speed speed = new Speed(
        Math.round(seconds * 1000) / 1000.0,
        Math.round(tally.changeSets() / seconds),
        tally.latency());
    return new Written(
        tally.runs(),
        tally.messages(),
        tally.shared(),
        database.holdfast().effects().metrics().rolledBack(),
        database.holdfast().effects().metrics().rollbackFailed(),
        tally.changeSets(),
        metrics.sets(),
        metrics.conflicts(),
        speed);
  }

  private Report report(
      int workers, Found found, @Nullable Written written, @Nullable Settled settled) {
    return new Report(
        new Setup(
            input.name(),
            input.runs().size(),
            input.messages(),
            database.place(),
            survey.server(),
            input.namespaces().prefix(),
            workers,
            input.outage().rate(),
            input.outage().seed()),
        new Progress(found.runs(), found.complete(), found.messages()),
        written,
        settled,
        survey.calls(),
        survey.totals(),
        survey.mostSharedReservation().orElse(null),
        new Verification(database, input.namespaces()).verify(input.runs()),
        new Books(database, input.namespaces(), service).audit());
  }

  /**
   * What to replay, and where to.
   *
   * @param name how the file of the runs is called
   * @param seeds what reservations are like before the first run touches them
   * @param outage which calls of the reservation service fail
   */
  record Input(
      String name,
      List<RecordedRun> runs,
      Map<String, ObjectNode> seeds,
      Namespaces namespaces,
      Outage outage) {

    /** Copies the collections. */
    Input {
      runs = List.copyOf(runs);
      seeds = Map.copyOf(seeds);
    }

    /** What the file holds, for people. */
    String sentence() {
      return name + ": " + counted(runs.size(), "recorded run") + ", "
          + counted(messages(), "message");
    }

    long messages() {
      return runs.stream().mapToLong(run -> run.messages().size()).sum();
    }
  }
}
