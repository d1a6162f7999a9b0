package dev.holdfast.benchmarks.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Settings;
import dev.holdfast.benchmarks.report.Report;
import dev.holdfast.benchmarks.report.ResultsFile;
import dev.holdfast.benchmarks.server.CommitFloor;
import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.migrations.SchemaName;
import java.io.File;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every variant does the same work, on a real server. */
class FeaturesSuiteTest {

  private static final int TIMES = 5;

  /** The working copy of these very classes stands in for another one. */
  private static final Path CHECKOUT = Path.of("..");

  @Test
  void everyVariantWritesWhatItIsAsked(@TempDir Path folder) {
    try (Database database = Database.embedded(folder.resolve("data"))) {
      PrintStream nowhere =
          new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
      Bench bench = new Bench(
          database,
          new Settings(true, null, 1, "", CHECKOUT),
          new Report(nowhere, ResultsFile.create(folder.resolve("x.jsonl"), "x", Map.of())),
          new CommitFloor(database, database.newSchema()));
      SchemaName schema = database.newSchema();
      long written = 0;
      for (Load load : Load.ALL) {
        for (Variant variant : variants(load)) {
          String classPath = variant.equals(Variant.BEFORE)
              ? ClassPath.ofBuildIn(CHECKOUT)
              : ClassPath.ofThisBuild();
          try (Subject subject = Subject.start(bench, schema, load, variant, classPath)) {
            assertThat(subject.throughput(TIMES)).isPositive();
          }
          written += Load.STATES;
          written += load.name().startsWith("Set") ? TIMES * load.threads() : 0;
          assertThat(database.sql().number(schema.in("SELECT sum(version) FROM {schema}.state")))
              .as("%s by %s", load.title(), variant.name())
              .isEqualTo(written);
        }
      }
    }
  }

  /** All of them for one load, one of them for the others: each takes a virtual machine of its own. */
  private static List<Variant> variants(Load load) {
    return load.equals(Load.ALL.get(0))
        ? List.of(Variant.ALONE, Variant.OFF, Variant.ON, Variant.BEFORE)
        : List.of(Variant.OFF);
  }

  @Test
  void anotherBuildReplacesThisOne() {
    String here = ClassPath.ofThisBuild();
    String there = ClassPath.ofBuildIn(CHECKOUT);

    for (String module : new String[] {"migrations", "store", "effect", "api"}) {
      String classes =
          CHECKOUT.resolve(module).resolve("target/classes").toAbsolutePath().toString();
      assertThat(entries(there))
          .contains(classes)
          .filteredOn(entry -> entry.contains(module + "/target"))
          .hasSize(1);
    }
    assertThat(entries(there)).hasSameSizeAs(entries(here).toArray());
  }

  @Test
  void aBuildThatIsNotCompiledIsRefused(@TempDir Path empty) {
    assertThatThrownBy(() -> ClassPath.ofBuildIn(empty))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(empty.resolve("migrations").toString());
  }

  private static Stream<String> entries(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator));
  }
}
