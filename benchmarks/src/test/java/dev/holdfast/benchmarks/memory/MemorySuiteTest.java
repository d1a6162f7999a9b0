package dev.holdfast.benchmarks.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class MemorySuiteTest {

  @Test
  void turnsNamesOfMethodsIntoWords() {
    assertThat(MemorySuite.words("dev.holdfast.JsonBenchmarks.fold16Appends"))
        .isEqualTo("fold 16 appends");
    assertThat(MemorySuite.words("retryDecides")).isEqualTo("retry decides");
  }

  /** Fails when the loops around the methods were not generated. */
  @Test
  void findsItsBenchmarks() {
    var out = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    assertThat(BenchmarkList.defaultList().find(out, List.of(MemorySuite.INCLUDED), List.of()))
        .hasSizeGreaterThanOrEqualTo(11);
  }
}
