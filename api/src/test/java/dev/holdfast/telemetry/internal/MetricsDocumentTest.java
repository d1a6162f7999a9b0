package dev.holdfast.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The table in docs/metrics.md is that of the meters. With {@code -Dholdfast.metrics.write=true} it is written. */
class MetricsDocumentTest {

  private static final Path PAGE = Path.of("../docs/metrics.md");
  private static final String BEGIN = "<!-- metrics-table -->\n";
  private static final String END = "<!-- /metrics-table -->\n";

  @Test
  void theTableIsThatOfTheMeters() throws IOException {
    StringBuilder table = new StringBuilder("| name | type | tags | what |\n|---|---|---|---|\n");
    for (MeterName meter : MeterName.values()) {
      table
          .append("| `")
          .append(meter.suffix())
          .append("` | ")
          .append(meter.type().name().toLowerCase(Locale.ROOT))
          .append(" | ")
          .append(String.join(", ", meter.tags()))
          .append(" | ")
          .append(meter.says())
          .append(" |\n");
    }
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    String expected = page.substring(0, begin) + table + page.substring(page.indexOf(END));
    if (Boolean.getBoolean("holdfast.metrics.write")) {
      Files.writeString(PAGE, expected);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(expected);
  }

  @Test
  void noNameIsUsedTwice() {
    assertThat(Arrays.stream(MeterName.values()).map(MeterName::suffix).toList())
        .hasSizeGreaterThan(30)
        .doesNotHaveDuplicates();
    assertThat(new HashSet<>(Arrays.asList(
            "transaction.rollback_failures_total", "transaction.failed_operation_count")))
        .isSubsetOf(Arrays.stream(MeterName.values()).map(MeterName::suffix).toList());
  }
}
