package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.health.HealthResult;
import dev.holdfast.health.HealthStatus;
import dev.holdfast.store.cache.ReadCacheMetrics;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When the share of hits is judged, and how. */
class HitRatioTest {

  private long hits;
  private long misses;
  private final HitRatio ratio = new HitRatio(
      0.8, () -> new ReadCacheMetrics(1, 1, hits, misses, 0, 0, 0, 0, 0, 0, Duration.ZERO));

  private HealthResult after(long newHits, long newMisses) {
    hits += newHits;
    misses += newMisses;
    return ratio.check();
  }

  @Test
  void fewReadsSayNothing() {
    assertThat(after(0, 999)).isEqualTo(HealthResult.healthy());
    HealthResult judged = after(0, 1);
    assertThat(judged.status()).isEqualTo(HealthStatus.DEGRADED);
    assertThat(judged.message()).contains("80 %");
    assertThat(judged.details()).containsEntry("hit_ratio", 0.0).containsEntry("reads", 1_000L);
  }

  @Test
  void theThresholdItselfIsGoodEnough() {
    assertThat(after(800, 200).status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(after(799, 201).status()).isEqualTo(HealthStatus.DEGRADED);
  }

  @Test
  void aJudgementStandsUntilThereAreEnoughReadsForAnother() {
    assertThat(after(0, 1_000).status()).isEqualTo(HealthStatus.DEGRADED);
    assertThat(after(999, 0).status()).isEqualTo(HealthStatus.DEGRADED);
    HealthResult judged = after(1, 0);
    assertThat(judged.status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(judged.details()).containsEntry("hit_ratio", 1.0);
  }

  @Test
  void whatWasLoadedAtTheStartDoesNotCount() {
    misses = 100_000;
    ratio.restart();
    assertThat(after(900, 100).status()).isEqualTo(HealthStatus.HEALTHY);
  }
}
