package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SeedTest {

  private final String given = System.getProperty("holdfast.seed", "");
  private final PrintStream standardOutput = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    System.clearProperty("holdfast.seed");
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setOut(standardOutput);
    System.clearProperty("holdfast.seed");
    if (!given.isEmpty()) {
      System.setProperty("holdfast.seed", given);
    }
  }

  @Test
  void printsWhatItReturns() {
    long seed = Seed.next("model");
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .startsWith("seed model=" + seed + " ")
        .contains("-Dholdfast.seed=" + seed + ")");
  }

  @Test
  void differsFromTimeToTime() {
    assertThat(Seed.next("a")).isNotEqualTo(Seed.next("a"));
  }

  @Test
  void repeatsTheOneThatIsGiven() {
    System.setProperty("holdfast.seed", "-42");
    assertThat(Seed.next("model")).isEqualTo(-42);
    assertThat(printed.toString(StandardCharsets.UTF_8)).startsWith("seed model=-42 ");
  }

  @Test
  void refusesWhatIsNoNumber() {
    System.setProperty("holdfast.seed", "0x1F");
    assertThatThrownBy(() -> Seed.next("model"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holdfast.seed")
        .hasMessageContaining("0x1F");
  }
}
