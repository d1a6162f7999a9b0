package dev.holdfast.examples.airline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.examples.airline.TestingCommand.Outcome;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All recorded runs, where they are: the file that the system property {@code holdfast.airlineRuns} names, otherwise the one in the folder
 * {@code shared} beside the repository. Elsewhere as many made-up ones as take a moment.
 */
@HoldfastTest
final class RecordedRunsTest {

  private static final Path SHARED =
      Path.of("..", "..", "shared", "data", "airline-agent-runs.json");
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final int MADE_UP = 40;

  @Test
  void allAreThereAfterAKillHalfWay(TestDatabase database, @TempDir Path folder)
      throws IOException {
    Path file = file(folder);
    int messages = RunsFile.read(InputFile.of(file)).stream()
        .mapToInt(run -> run.messages().size())
        .sum();
    kill(database, file, messages / 2);
    String seed = String.valueOf(Seed.next("outage"));

    Outcome second = TestingCommand.run(
        database,
        "--runs",
        file.toString(),
        "--workers",
        "8",
        "--failure-rate",
        "0.3",
        "--seed",
        seed,
        "--json");

    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.number("/found/messages")).isBetween(messages / 2L, messages - 1L);
    assertThat(second.number("/found/messages") + second.number("/written/messages"))
        .isEqualTo(messages);
    assertThat(second.number("/verified/messages")).isEqualTo(messages);
    assertThat(second.number("/totals/messages")).isEqualTo(messages);
    assertThat(second.number("/calls/rolledBack")).isPositive();
  }

  private static void kill(TestDatabase database, Path file, int afterMessages) {
    try (ChildJvm child = ChildJvm.start(
        InterruptedReplay.class,
        database.jdbcUrl(),
        database.user(),
        database.password(),
        "airline",
        "8",
        "message",
        String.valueOf(afterMessages),
        file.toString())) {
      child.readLineMatching(InterruptedReplay.READY, LIMIT);
      child.kill();
    }
  }

  private static Path file(Path folder) throws IOException {
    String named = System.getProperty("holdfast.airlineRuns", "");
    Path recorded = named.isEmpty() ? SHARED : Path.of(named);
    if (!named.isEmpty() || Files.exists(recorded)) {
      assertThat(RunsFile.read(InputFile.of(recorded)))
          .hasSize(200)
          .flatExtracting(RecordedRun::messages)
          .hasSize(5308);
      return recorded;
    }
    Path file = folder.resolve("runs.json");
    Files.writeString(file, new SyntheticRuns(Seed.next("recorded-runs"), MADE_UP).json());
    return file;
  }
}
