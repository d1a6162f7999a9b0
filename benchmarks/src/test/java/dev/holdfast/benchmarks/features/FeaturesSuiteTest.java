package dev.holdfast.benchmarks.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Settings;
import dev.holdfast.benchmarks.features.FeaturesSuite.Load;
import dev.holdfast.benchmarks.features.FeaturesSuite.Subject;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.report.Report;
import dev.holdfast.benchmarks.report.ResultsFile;
import dev.holdfast.benchmarks.server.CommitFloor;
import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every variant does the same work, on a real server. */
class FeaturesSuiteTest {

  private static final int TIMES = 5;

  @Test
  void everyVariantWritesWhatItIsAsked(@TempDir Path folder) {
    try (Database database = Database.embedded(folder.resolve("data"))) {
      SchemaName schema = database.newSchema();
      Migrations.of(database.dataSource(), schema).migrate();
      PrintStream nowhere =
          new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
      Bench bench = new Bench(
          database,
          new Settings(true, null, 1, ""),
          new Report(nowhere, ResultsFile.create(folder.resolve("x.jsonl"), "x", Map.of())),
          new CommitFloor(database, database.newSchema()));
      long written = 0;
      for (Load load : FeaturesSuite.LOADS) {
        for (Variant variant : FeaturesSuite.VARIANTS) {
          try (Subject subject = Subject.open(bench, schema, load, variant)) {
            assertThat(subject.throughput(Stop.afterEach(TIMES))).isPositive();
          }
          written += load.name().startsWith("Set") ? TIMES * load.threads() : 0;
          assertThat(database.sql().number(schema.in("SELECT sum(version) FROM {schema}.state")))
              .as("%s by %s", load.title(), variant.name())
              .isEqualTo(written);
        }
      }
    }
  }
}
