package dev.holdfast.benchmarks;

import dev.holdfast.benchmarks.cache.CacheSuite;
import dev.holdfast.benchmarks.effects.EffectsSuite;
import dev.holdfast.benchmarks.features.FeaturesSuite;
import dev.holdfast.benchmarks.history.HistorySuite;
import dev.holdfast.benchmarks.memory.MemorySuite;
import dev.holdfast.benchmarks.performance.Page;
import dev.holdfast.benchmarks.reads.ReadsSuite;
import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.benchmarks.writes.WritesSuite;
import dev.holdfast.error.HoldfastException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The program behind {@code benchmarks/run}. */
@Command(
    name = "benchmarks/run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures Holdfast beside what one would write by hand.",
    footer = {
      "",
      "Tables are printed in Markdown; every value goes to results/<suite>-<date>.jsonl.",
      "Exit status: 0 when all requirements are met, 3 when one is not, 1 for an error, 2 for a wrong option."
    })
public final class BenchmarksCommand implements Callable<Integer> {

  private static final List<Suite> SUITES = List.of(
      new WritesSuite(),
      new ReadsSuite(),
      new MemorySuite(),
      new HistorySuite(),
      new CacheSuite(),
      new FeaturesSuite(),
      new EffectsSuite());
  private static final int NOT_MET = 3;

  /** Every suite, and then the page. */
  private static final String ALL = "all";

  /** What writes the figures into the documentation. */
  private static final String PAGE = "page";

  @Spec
  private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "SUITE",
      arity = "1..*",
      description =
          "What to measure: writes, reads, memory, history, cache, features, effects; page writes the newest results into "
              + "docs/performance.md; all does everything.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--quick", description = "End within five minutes, with wider spreads.")
  private boolean isQuick;

  @Option(names = "--rounds", paramLabel = "N", description = "How often everything is measured.")
  private @Nullable Integer rounds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of everything random: the order of contenders, the keys that are written.")
  private long seed = 1;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only the loads of writes, reads and features whose name contains this, "
          + "say \"hot\", \"64 threads\" or \"conversation\".")
  private String only = "";

  @Option(
      names = "--before",
      paramLabel = "FOLDER",
      description = "Another checkout of Holdfast, compiled, that features compares with.")
  private @Nullable Path before;

  @ArgGroup(exclusive = false)
  private @Nullable Address address;

  @Option(names = "--folder", hidden = true, defaultValue = ".")
  private Path folder = Path.of(".");

  /** Runs the suites that the arguments name. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BenchmarksCommand())
        .setExecutionExceptionHandler(BenchmarksCommand::explain)
        .execute(arguments));
  }

  /** What the user can answer is one line; anything else is a defect and shows where it was. */
  private static int explain(Exception failure, CommandLine command, ParseResult parsed) {
    boolean isForUser =
        failure instanceof HoldfastException || failure instanceof IllegalStateException;
    if (isForUser) {
      System.err.println(failure.getMessage());
    } else {
      failure.printStackTrace();
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  @Override
  public Integer call() {
    List<Suite> suites = suites();
    Settings settings = settings();
    boolean allMet = suites.isEmpty() || measure(suites, settings);
    if (names.contains(PAGE) || names.contains(ALL)) {
      new Page(folder, isQuick).write();
    }
    return allMet ? 0 : NOT_MET;
  }

  private boolean measure(List<Suite> suites, Settings settings) {
    try (Database database = open()) {
      SuiteRun run =
          new SuiteRun(database, settings, folder.resolve("results"), Clock.systemUTC(), utf8());
      boolean allMet = true;
      for (Suite suite : suites) {
        allMet &= run.run(suite);
      }
      return allMet;
    }
  }

  private List<Suite> suites() {
    if (names.contains(ALL)) {
      return SUITES;
    }
    return names.stream().filter(name -> !name.equals(PAGE)).map(this::suite).toList();
  }

  /** Standard output, whatever the locale is: tables hold a character that ASCII has not. */
  private static PrintStream utf8() {
    return new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
  }

  private Suite suite(String name) {
    return SUITES.stream()
        .filter(suite -> suite.name().equals(name))
        .findFirst()
        .orElseThrow(() -> wrong("There is no suite \"" + name + "\", only "
            + SUITES.stream().map(Suite::name).toList()));
  }

  private Settings settings() {
    try {
      return new Settings(isQuick, rounds, seed, only, before);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private ParameterException wrong(String message) {
    CommandSpec own = spec == null ? CommandSpec.create() : spec;
    return new ParameterException(own.commandLine(), message);
  }

  private Database open() {
    return address == null
        ? Database.embedded(folder.resolve("data"))
        : Database.external(address.url, address.user, address.password);
  }

  /** A server that runs already. */
  private static final class Address {

    @Option(
        names = "--jdbc-url",
        required = true,
        paramLabel = "URL",
        description = "Measure on this server instead of an embedded one, in schemas of its own; "
            + "the user must be allowed to create schemas and to checkpoint.")
    private String url = "";

    @Option(names = "--user", paramLabel = "U", defaultValue = "postgres")
    private String user = "postgres";

    @Option(names = "--password", paramLabel = "P", defaultValue = "")
    private String password = "";
  }
}
