package dev.holdfast.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasurementTest {

  private static final Metric METRIC = new Metric("per \"step\"", "B");

  @Test
  void isOneLineOfJsonWithAllFields() {
    Measurement measurement =
        new Measurement(new Contender("floor", 16, 1000), METRIC, 3, 1.23456789);
    assertThat(measurement.toJsonLine("history"))
        .isEqualTo("{\"suite\":\"history\",\"contender\":\"floor\",\"threads\":16,\"states\":1000,"
            + "\"metric\":\"per \\\"step\\\"\",\"unit\":\"B\",\"round\":3,\"value\":1.234568}");
  }

  @Test
  void refusesWhatIsNotANumber() {
    Contender floor = Contender.alone("floor");
    assertThatThrownBy(() -> new Measurement(floor, METRIC, 1, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Measurement(floor, METRIC, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void followsALineAboutTheRun() {
    assertThat(ResultsFile.metaLine("history", Map.of("fsync", "on")))
        .isEqualTo("{\"suite\":\"history\",\"meta\":{\"fsync\":\"on\"}}");
  }
}
