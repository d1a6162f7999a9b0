package dev.holdfast.benchmarks.writes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.benchmarks.Settings;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValuesTest {

  @Test
  void areSmallAndTheSameForTheSameSeed() {
    assertThat(Values.next(new Random(1)).toString())
        .isEqualTo(Values.next(new Random(1)).toString())
        .isNotEqualTo(Values.next(new Random(2)).toString())
        .hasSizeBetween(40, 80);
  }

  @Test
  void coverSoManyKeys() {
    assertThat(Values.next(1_000, new Random(1)).keySet())
        .hasSize(1_000)
        .contains("key-0000", "key-0999");
  }

  @Test
  void noPoolIsLargerThanTheNumberOfThreads() {
    Settings full = new Settings(false, null, 1, "", null);
    assertThat(Pools.sizes(16, full)).containsExactly(4, 8, 16);
    assertThat(Pools.sizes(64, full)).contains(4, 64);
    assertThat(Pools.sizes(1, full)).hasSize(1);
  }
}
