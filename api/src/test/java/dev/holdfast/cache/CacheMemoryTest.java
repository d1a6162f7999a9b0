package dev.holdfast.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import org.junit.jupiter.api.Test;

class CacheMemoryTest {

  @Test
  void estimatesTheNumbersOfTheContract() {
    assertThat(CacheMemory.estimate(128, 1)).isEqualTo(new CacheMemory(0.12, 0.15, 1024.0));
    assertThat(CacheMemory.estimate(1024, 10)).isEqualTo(new CacheMemory(10.0, 12.0, 102.4));
    assertThat(CacheMemory.estimate(10_000, 1)).isEqualTo(new CacheMemory(9.77, 11.72, 1024.0));
  }

  @Test
  void estimatesTheWorkloadPresets() {
    assertThat(CacheMemory.estimate(128, 1).estimatedMebibytes()).isEqualTo(0.12);
    assertThat(CacheMemory.estimate(512, 1).estimatedMebibytes()).isEqualTo(0.5);
    assertThat(CacheMemory.estimate(2048, 1).estimatedMebibytes()).isEqualTo(2.0);
  }

  @Test
  void refusesWhatIsNoSize() {
    for (double size : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> CacheMemory.estimate(1, size)).hasMessageContaining("above 0 KiB");
    }
    assertThatThrownBy(() -> CacheMemory.estimate(-1, 1)).hasMessageContaining("-1");
    for (double size : new double[] {Double.MIN_VALUE, Double.MAX_VALUE}) {
      assertThatThrownBy(() -> CacheMemory.estimate(1_000, size))
          .isInstanceOf(HoldfastException.class)
          .hasMessageContaining("not 1000 and " + size);
    }
  }
}
