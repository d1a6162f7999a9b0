package dev.holdfast.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.holdfast.testkit.Seed;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Hit rates on two traces, beside plain Caffeine. */
class HitRateTest {

  private static final int SIZE = 500;
  private static final int REQUESTS = 200_000;
  private static final int KEYS = 20_000;

  /** How many traces are averaged: Caffeine admits by chance now and then, which moves one trace by up to 3 points. */
  private static final int TRACES = 10;

  /** In points: four times the standard error of the mean over all traces, an eighth of what LRU is off. */
  private static final double TOLERANCE = 1;

  @Test
  void adaptiveIsCaffeineOnAZipfTrace() {
    double[] cumulative = harmonic();
    Map<CachePolicy, Double> rates = rates("zipf", random -> zipf(random, cumulative));
    assertThat(rate(rates, CachePolicy.ADAPTIVE)).isGreaterThan(rate(rates, CachePolicy.FIFO));
  }

  /** A working set that fits, and scans through everything between: what pushes an LRU out. */
  @Test
  void adaptiveIsCaffeineOnATraceWithScans() {
    Map<CachePolicy, Double> rates = rates("scan", HitRateTest::scans);
    assertThat(rate(rates, CachePolicy.ADAPTIVE)).isGreaterThan(rate(rates, CachePolicy.LRU) + 5);
  }

  /** The mean rate of each policy over all traces, once ADAPTIVE is found to equal Caffeine's and LRU, the control, not to. */
  private static Map<CachePolicy, Double> rates(
      String name, Function<SplittableRandom, int[]> traces) {
    SplittableRandom random = new SplittableRandom(Seed.next(name));
    Map<CachePolicy, Double> rates = new EnumMap<>(CachePolicy.class);
    double caffeine = 0;
    for (int i = 0; i < TRACES; i++) {
      int[] trace = traces.apply(random);
      for (CachePolicy policy : CachePolicy.values()) {
        rates.merge(policy, holdfast(policy, trace) / TRACES, Double::sum);
      }
      caffeine += caffeine(trace) / TRACES;
    }
    rates.replaceAll((policy, rate) -> Math.round(rate * 100) / 100.0);
    System.out.printf(
        Locale.ROOT, "hit rates in percent, %s: %s, caffeine=%.2f%n", name, rates, caffeine);
    assertThat(rate(rates, CachePolicy.ADAPTIVE)).isCloseTo(caffeine, within(TOLERANCE));
    assertThat(rate(rates, CachePolicy.LRU)).isNotCloseTo(caffeine, within(TOLERANCE));
    return rates;
  }

  private static double holdfast(CachePolicy policy, int[] trace) {
    ComputeCache<Integer, Integer> cache =
        ComputeCache.builder().policy(policy).maximumSize(SIZE).build();
    for (int key : trace) {
      if (!Integer.valueOf(key).equals(cache.get(key, same -> same))) {
        throw new AssertionError("another value for " + key);
      }
    }
    return cache.statistics().counts().orElseThrow().hitRatePercent();
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

  private static int[] scans(SplittableRandom random) {
    int[] trace = new int[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      trace[i] = i % 2_000 < 1_000 ? random.nextInt(SIZE * 4 / 5) : KEYS + i;
    }
    return trace;
  }

  /** Ranks with probability 1 / rank, by inversion of the distribution. */
  private static int[] zipf(SplittableRandom random, double[] cumulative) {
    int[] trace = new int[REQUESTS];
    for (int i = 0; i < REQUESTS; i++) {
      int found = Arrays.binarySearch(cumulative, random.nextDouble() * cumulative[KEYS - 1]);
      trace[i] = found < 0 ? -found - 1 : found;
    }
    return trace;
  }

  private static double[] harmonic() {
    double[] cumulative = new double[KEYS];
    double sum = 0;
    for (int i = 0; i < KEYS; i++) {
      sum += 1.0 / (i + 1);
      cumulative[i] = sum;
    }
    return cumulative;
  }
}
