package dev.holdfast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.holdfast.testkit.Seed;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Hit rates on two traces, beside plain Caffeine. */
class HitRateTest {

  private static final int SIZE = 500;
  private static final int REQUESTS = 200_000;
  private static final int KEYS = 20_000;

  @Test
  void adaptiveIsCaffeineOnAZipfTrace() {
    int[] trace = zipf(new SplittableRandom(Seed.next("zipf")));
    Map<CachePolicy, Double> rates = rates("zipf", trace);
    assertThat(rate(rates, CachePolicy.ADAPTIVE)).isGreaterThan(rate(rates, CachePolicy.FIFO));
    assertThat(rate(rates, CachePolicy.ADAPTIVE))
        .isBetween(caffeine(trace) - 1, caffeine(trace) + 1);
  }

  /** A working set that fits, and scans through everything between: what pushes an LRU out. */
  @Test
  void adaptiveIsCaffeineOnATraceWithScans() {
    SplittableRandom random = new SplittableRandom(Seed.next("scan"));
    int[] trace = new int[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      trace[i] = i % 2_000 < 1_000 ? random.nextInt(SIZE * 4 / 5) : KEYS + i;
    }
    Map<CachePolicy, Double> rates = rates("scan", trace);
    assertThat(rate(rates, CachePolicy.ADAPTIVE)).isGreaterThan(rate(rates, CachePolicy.LRU) + 5);
    assertThat(rate(rates, CachePolicy.ADAPTIVE))
        .isBetween(caffeine(trace) - 1, caffeine(trace) + 1);
  }

  private static Map<CachePolicy, Double> rates(String name, int[] trace) {
    Map<CachePolicy, Double> rates = new EnumMap<>(CachePolicy.class);
    for (CachePolicy policy : CachePolicy.values()) {
      ComputeCache<Integer, Integer> cache =
          ComputeCache.builder().policy(policy).maximumSize(SIZE).build();
      for (int key : trace) {
        assertThat(cache.get(key, same -> same)).isEqualTo(key);
      }
      rates.put(policy, cache.statistics().counts().orElseThrow().hitRatePercent());
    }
    System.out.println(
        "hit rates in percent, " + name + ": " + rates + ", caffeine=" + caffeine(trace));
    return rates;
  }

  private static double rate(Map<CachePolicy, Double> rates, CachePolicy policy) {
    return Objects.requireNonNull(rates.get(policy));
  }

  private static double caffeine(int[] trace) {
    Cache<Integer, Integer> cache = Caffeine.newBuilder()
        .maximumSize(SIZE)
        .executor(Runnable::run)
        .recordStats()
        .build();
    for (int key : trace) {
      if (cache.getIfPresent(key) == null) {
        cache.put(key, key);
      }
    }
    return Math.round(cache.stats().hitRate() * 10_000) / 100.0;
  }

  /** Ranks with probability 1 / rank, by inversion of the distribution. */
  private static int[] zipf(SplittableRandom random) {
    double[] upTo = new double[KEYS];
    double sum = 0;
    for (int i = 0; i < KEYS; i++) {
      sum += 1.0 / (i + 1);
      upTo[i] = sum;
    }
    int[] trace = new int[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      int found = Arrays.binarySearch(upTo, random.nextDouble() * sum);
      trace[i] = found < 0 ? -found - 1 : found;
    }
    return trace;
  }
}
