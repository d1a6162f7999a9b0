package dev.holdfast.examples.airline;

import static dev.holdfast.examples.airline.TextReport.counted;

import dev.holdfast.Holdfast;
import dev.holdfast.examples.airline.Report.Verdict;
import dev.holdfast.examples.database.DatabaseOptions;
import dev.holdfast.examples.database.ExampleDatabase;
import dev.holdfast.examples.reservation.Outage;
import dev.holdfast.examples.terminal.InputException;
import dev.holdfast.examples.terminal.Job;
import dev.holdfast.examples.terminal.ProgressLine;
import dev.holdfast.examples.terminal.Terminal;
import dev.holdfast.store.json.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** The job: reads the files, replays, verifies and reports. Confined to one thread. */
@Command(
    name = "airline",
    synopsisHeading = "Usage: examples/run ",
    sortOptions = false,
    description = {
      "Replays recorded agent runs of an airline's service desk with several workers.",
      "May be killed at any time: the next start goes on at the next message."
    })
final class AirlineCommand implements Callable<Integer> {

  private static final int MAX_WORKERS = 128;
  private static final int SPARE_CONNECTIONS = 2;
  private static final Duration LEASE = Duration.ofSeconds(5);

  private final Terminal terminal;

  @Option(
      names = "--runs",
      paramLabel = "FILE",
      description = "The recorded runs, a JSON array. Default: six small ones that are bundled.")
  private @Nullable Path runsFile;

  @Option(
      names = "--reservations",
      paramLabel = "FILE",
      description = "What reservations are like before a run changes them, a JSON object by id."
          + " Default: those of the bundled runs, none for others.")
  private @Nullable Path reservationsFile;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many threads replay, 1 to " + MAX_WORKERS + ". Default: ${DEFAULT-VALUE}.")
  private int workers;

  @Mixin
  private DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = "--namespace",
      paramLabel = "PREFIX",
      defaultValue = "airline",
      description = "What the namespaces of the states begin with. Default: ${DEFAULT-VALUE}.")
  private String namespace = "";

  @Option(
      names = "--failure-rate",
      paramLabel = "RATE",
      defaultValue = "0",
      description = "How many calls of the reservation service fail, 0 to 1; compensations fail"
          + " as often. Default: ${DEFAULT-VALUE}.")
  private double failureRate;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Which of them fail: the same number, the same calls. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--resolve",
      description = "First settles what earlier starts could not undo: retries it, now that the"
          + " service works, and resolves what it still refuses with a note.")
  private boolean resolve;

  @Option(names = "--verify", description = "Only compares what is stored with the files.")
  private boolean verifyOnly;

  @Option(
      names = "--json",
      description = "The report as JSON on standard output, and nothing else there.")
  private boolean json;

  AirlineCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Runs the job and ends the process. */
  public static void main(String[] arguments) {
    Terminal terminal = Terminal.ofProcess();
    Job.main(new AirlineCommand(terminal), terminal, arguments);
  }

  @Override
  public Integer call() {
    requireOptions();
    List<RecordedRun> runs = RunsFile.read(runsInput());
    Map<String, ObjectNode> seeds = seeds();
    AirlineJob.Input input = new AirlineJob.Input(
        runsInput().name(), runs, seeds, new Namespaces(namespace), new Outage(failureRate, seed));
    say(input.sentence());
    if (failureRate > 0) {
      say("The reservation service fails at a rate of %s (seed %d)".formatted(failureRate, seed));
    }
    try (ExampleDatabase opened = ExampleDatabase.open(database, this::settings)) {
      Report report = run(new AirlineJob(opened, input, chatter()));
      print(report, opened);
      return report.difference() == null ? Job.DONE : Job.FAILED;
    }
  }

  /** The replay itself goes on with what was interrupted, once its lease has run out; recovery would roll it back. */
  private Holdfast.Builder settings(Holdfast.Builder builder) {
    return builder
        .maximumPoolSize(workers + SPARE_CONNECTIONS)
        .effects(effects -> effects.lease(LEASE).withoutRecovery());
  }

  private Report run(AirlineJob job) {
    if (verifyOnly) {
      return job.verify();
    }
    ProgressLine line = terminal.progress(chatter());
    return resolve ? job.resolve(workers, line) : job.replay(workers, line);
  }

  private void requireOptions() {
    if (workers < 1 || workers > MAX_WORKERS) {
      throw new InputException("--workers is 1 to " + MAX_WORKERS + ", not " + workers);
    }
    if (namespace.isBlank() || namespace.length() > 100) {
      throw new InputException("--namespace is a text of 1 to 100 characters");
    }
    if (!(failureRate >= 0 && failureRate <= 1)) {
      throw new InputException("--failure-rate is 0 to 1, not " + failureRate);
    }
    if (resolve && (verifyOnly || failureRate > 0)) {
      throw new InputException(
          "--resolve needs a service that works; leave out --failure-rate and --verify");
    }
  }

  private InputFile runsInput() {
    return runsFile == null ? InputFile.bundled("sample-runs.json") : InputFile.of(runsFile);
  }

  private Map<String, ObjectNode> seeds() {
    if (reservationsFile != null) {
      return InputFile.of(reservationsFile).reservations();
    }
    return runsFile == null
        ? InputFile.bundled("sample-reservations.json").reservations()
        : Map.of();
  }

  private void print(Report report, ExampleDatabase opened) {
    Verdict verdict = report.verified();
    String difference = report.difference();
    if (json) {
      terminal.out().println(Json.json(report).toPrettyString());
    } else {
      new TextReport(terminal.out(), terminal.columns()).print(report);
      say("");
    }
    if (difference == null) {
      say("verified: %s of %s, %s by tools made once each"
          .formatted(
              counted(verdict.messages(), "message"),
              counted(verdict.runs(), "run"),
              counted(verdict.sharedWrites(), "change")));
      say("audited: " + TextReport.audit(report.audit()));
    } else {
      terminal.err().println("airline: verification failed: " + difference);
    }
    if (!json && !verifyOnly && difference == null) {
      new NextSteps(terminal.out(), new Namespaces(namespace))
          .print(opened, !report.calls().open().isEmpty());
    }
  }

  /** What a person reads on the way; it never stands in the way of JSON. */
  private void say(String text) {
    chatter().println(text);
  }

  private PrintStream chatter() {
    return json ? terminal.err() : terminal.out();
  }
}
