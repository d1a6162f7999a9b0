package dev.holdfast.benchmarks.reads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Settings;
import dev.holdfast.benchmarks.report.Report;
import dev.holdfast.benchmarks.report.ResultsFile;
import dev.holdfast.benchmarks.server.CommitFloor;
import dev.holdfast.benchmarks.server.Database;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All ways to read something read the same, on a real server; a run that finds a difference ends there. */
class ReadsSuiteTest {

  @Test
  void allWaysReadTheSame(@TempDir Path folder) {
    try (Database database = Database.embedded(folder.resolve("data"))) {
      PrintStream nowhere =
          new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
      Bench bench = new Bench(
          database,
          new Settings(true, null, 1, "", null),
          new Report(nowhere, ResultsFile.create(folder.resolve("x.jsonl"), "x", Map.of())),
          new CommitFloor(database, database.newSchema()));
      try (Fixture fixture = new Fixture(bench, 2)) {
        fixture.write(ReadsSuite.SIZES);
        List<Reading> readings = ReadsSuite.readings(fixture);
        assertThat(readings).hasSizeGreaterThan(8);
        readings.forEach(Reading::requireAgreement);
      }
    }
  }
}
