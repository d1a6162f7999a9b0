package dev.holdfast.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.cache.CacheStatistics.Counts;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ComputeCacheTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final TestingNanoTime time = new TestingNanoTime();

  private ComputeCache<String, Integer> cache(CachePolicy policy, int size) {
    return builder(policy, size).build();
  }

  private ComputeCache.Builder builder(CachePolicy policy, int size) {
    return ComputeCache.builder().policy(policy).maximumSize(size).nanoTime(time);
  }

  private static Counts counts(ComputeCache<?, ?> cache) {
    return cache.statistics().counts().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void anAbsentKeyIsAMiss(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    assertThat(cache.find("a")).isEmpty();
    assertThat(counts(cache)).isEqualTo(new Counts(0, 1, 0, 0));
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void whatWasPutIsFound(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    cache.put("a", 1);
    cache.put("a", 2);
    assertThat(cache.find("a")).contains(new Cached<>(2));
    assertThat(cache.size()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void isComputedOnce(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    AtomicInteger calls = new AtomicInteger();
    assertThat(cache.get("abc", key -> calls.incrementAndGet())).isEqualTo(1);
    assertThat(cache.get("abc", key -> calls.incrementAndGet())).isEqualTo(1);
    assertThat(counts(cache)).isEqualTo(new Counts(1, 1, 0, 0));
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void nullIsAValue(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    AtomicInteger calls = new AtomicInteger();
    for (int i = 0; i < 2; i++) {
      assertThat(cache.<RuntimeException>get("a", key -> {
            calls.incrementAndGet();
            return null;
          }))
          .isNull();
    }
    assertThat(calls).hasValue(1);
    assertThat(cache.find("a")).contains(new Cached<>(null));
    assertThat(cache.find("b")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void anExpiredEntryIsGone(CachePolicy policy) {
    ComputeCache<String, Integer> cache = builder(policy, 10).timeToLive(SECOND).build();
    cache.put("a", 1);
    time.advance(SECOND.minusNanos(1));
    assertThat(cache.find("a")).isPresent();
    time.advance(Duration.ofNanos(1));
    assertThat(cache.find("a")).isEmpty();
    time.advance(SECOND.multipliedBy(10));
    assertThat(cache.size()).isZero();
    assertThat(counts(cache)).isEqualTo(new Counts(1, 1, 0, 1));
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void readingDoesNotProlongALife(CachePolicy policy) {
    ComputeCache<String, Integer> cache = builder(policy, 10).timeToLive(SECOND).build();
    cache.put("a", 1);
    for (int i = 0; i < 10; i++) {
      assertThat(cache.find("a")).isPresent();
      time.advance(SECOND.dividedBy(10));
    }
    assertThat(cache.find("a")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void anEntryCanHaveALifeOfItsOwn(CachePolicy policy) {
    ComputeCache<String, Integer> cache = builder(policy, 10).timeToLive(SECOND).build();
    cache.put("long", 1, SECOND.multipliedBy(100));
    cache.put("short", 2, SECOND.dividedBy(2));
    time.advance(SECOND.dividedBy(2));
    assertThat(cache.find("short")).isEmpty();
    time.advance(SECOND.multipliedBy(50));
    assertThat(cache.find("long")).isPresent();
    assertThatThrownBy(() -> cache.put("x", 1, SECOND.negated()))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("PT-1S");
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void aLifeOfZeroHasExpiredAtOnce(CachePolicy policy) {
    ComputeCache<String, Integer> cache =
        builder(policy, 10).timeToLive(Duration.ZERO).build();
    cache.put("a", 1);
    assertThat(cache.find("a")).isEmpty();
    time.advance(SECOND.multipliedBy(10));
    assertThat(cache.size()).isZero();
    assertThat(counts(cache).expirations()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void withoutExpiryAnEntryLivesForEver(CachePolicy policy) {
    ComputeCache<String, Integer> cache = builder(policy, 10).withoutExpiry().build();
    cache.put("a", 1);
    time.advance(Duration.ofDays(365 * 100));
    assertThat(cache.find("a")).isPresent();
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void aLifeLongerThanTheClockCanTellIsForEver(CachePolicy policy) {
    ComputeCache<String, Integer> cache =
        builder(policy, 10).timeToLive(Duration.ofDays(365 * 500)).build();
    time.advance(SECOND);
    cache.put("a", 1);
    time.advance(Duration.ofDays(365 * 100));
    assertThat(cache.find("a")).isPresent();
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void neverHoldsMoreThanItsSize(CachePolicy policy) {
    ComputeCache<Integer, Integer> cache = builder(policy, 5).build();
    for (int i = 0; i < 100; i++) {
      cache.put(i, i);
      assertThat(cache.size()).isLessThanOrEqualTo(5);
    }
    assertThat(cache.size()).isEqualTo(5);
    assertThat(counts(cache).evictions()).isEqualTo(95);
  }

  @Test
  void whoGoesDependsOnThePolicy() {
    assertThat(goesAmong(CachePolicy.LRU)).isEqualTo("c");
    assertThat(goesAmong(CachePolicy.LFU)).isEqualTo("c");
    assertThat(goesAmong(CachePolicy.FIFO)).isEqualTo("a");
  }

  private String goesAmong(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 3);
    List.of("a", "b", "c").forEach(key -> cache.put(key, 1));
    List.of("a", "a", "b").forEach(cache::find);
    cache.put("d", 1);
    List<String> gone = new ArrayList<>(List.of("a", "b", "c", "d"));
    gone.removeIf(key -> cache.find(key).isPresent());
    assertThat(gone).hasSize(1);
    return gone.get(0);
  }

  @Test
  void amongEqualsOfLfuTheFirstWrittenGoes() {
    ComputeCache<String, Integer> cache = cache(CachePolicy.LFU, 2);
    cache.put("a", 1);
    cache.put("b", 1);
    cache.find("b");
    cache.find("a");
    cache.put("c", 1);
    assertThat(cache.find("a")).isEmpty();
    assertThat(cache.find("b")).isPresent();
  }

  @Test
  void overwritingCountsUsesOfLfuAnew() {
    ComputeCache<String, Integer> cache = cache(CachePolicy.LFU, 2);
    cache.put("a", 1);
    for (int i = 0; i < 5; i++) {
      cache.find("a");
    }
    cache.put("b", 1);
    cache.find("b");
    cache.put("a", 2); // one use again, b has two
    cache.put("c", 1);
    assertThat(cache.find("a")).isEmpty();
    assertThat(cache.find("b")).isPresent();
  }

  @Test
  void overwritingIsAUseForLruAndANewPlaceForFifo() {
    for (CachePolicy policy : List.of(CachePolicy.LRU, CachePolicy.FIFO)) {
      ComputeCache<String, Integer> cache = cache(policy, 2);
      cache.put("a", 1);
      cache.put("b", 1);
      cache.put("a", 2);
      cache.put("c", 1);
      assertThat(cache.find("b")).as("%s", policy).isEmpty();
      assertThat(cache.find("a")).as("%s", policy).contains(new Cached<>(2));
    }
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void overwritingAtCapacityEvictsNobody(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 3);
    List.of("a", "b", "c").forEach(key -> cache.put(key, 1));
    for (int i = 0; i < 10; i++) {
      cache.put("b", i);
    }
    assertThat(List.of("a", "b", "c")).allMatch(key -> cache.find(key).isPresent());
    assertThat(counts(cache).evictions()).isZero();
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void whatHasExpiredGoesFirst(CachePolicy policy) {
    ComputeCache<String, Integer> cache = builder(policy, 3).withoutExpiry().build();
    cache.put("a", 1);
    cache.put("b", 1);
    cache.put("short", 1, SECOND);
    for (int i = 0; i < 9; i++) {
      cache.find("short"); // what every policy would keep
    }
    time.advance(SECOND.multipliedBy(5));
    cache.put("d", 1);
    assertThat(List.of("a", "b", "d")).allMatch(key -> cache.find(key).isPresent());
    assertThat(counts(cache).evictions()).isZero();
    assertThat(counts(cache).expirations()).isEqualTo(1);
  }

  @Test
  void theHitRateIsAPercentage() {
    ComputeCache<String, Integer> cache = cache(CachePolicy.LRU, 3);
    cache.find("a");
    cache.find("a");
    cache.put("a", 1);
    cache.find("a");
    assertThat(counts(cache).requests()).isEqualTo(3);
    assertThat(counts(cache).hitRatePercent()).isEqualTo(33.33);
    assertThat(new Counts(0, 0, 0, 0).hitRatePercent()).isZero();
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void clearingForgetsEntriesAndCounts(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 1);
    cache.put("a", 1);
    cache.put("b", 1);
    cache.find("b");
    cache.clear();
    assertThat(cache.statistics())
        .isEqualTo(new CacheStatistics(0, 0, 0, 1, new Counts(0, 0, 0, 0)));
    assertThat(cache.find("b")).isEmpty();
  }

  @Test
  void withoutStatisticsThereAreFourFields() {
    ComputeCache<String, Integer> cache =
        builder(CachePolicy.LRU, 7).withoutStatistics().build();
    cache.put("a", 1);
    cache.find("a");
    assertThat(cache.statistics()).isEqualTo(new CacheStatistics(1, 0, 1, 7, null));
    assertThat(cache.statistics().counts()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void aSizeOfZeroKeepsNothing(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 0);
    cache.put("a", 1);
    assertThat(cache.size()).isZero();
    assertThat(cache.find("a")).isEmpty();
    assertThat(cache.get("a", String::length)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void countsValidAndExpiredEntries(CachePolicy policy) {
    ComputeCache<String, Integer> cache = builder(policy, 10).timeToLive(SECOND).build();
    cache.put("a", 1);
    cache.put("b", 1);
    cache.put("c", 1, SECOND.multipliedBy(100));
    time.advance(SECOND);
    CacheStatistics statistics = cache.statistics();
    assertThat(statistics.validEntries()).isEqualTo(1);
    assertThat(statistics.totalEntries() - statistics.expiredEntries()).isEqualTo(1);
    if (policy != CachePolicy.ADAPTIVE) { // which may have removed them already
      assertThat(statistics.expiredEntries()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void anEmptyCacheHasNothingToEvict(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 1);
    assertThat(cache.invalidate("a")).isFalse();
    cache.put("a", 1);
    assertThat(cache.invalidate("a")).isTrue();
    cache.put("b", 1);
    assertThat(counts(cache).evictions()).isZero();
    assertThat(cache.find("b")).isPresent();
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    ComputeCache.Builder builder = ComputeCache.builder();
    assertThatThrownBy(() -> builder.maximumSize(-1)).hasMessageContaining("0 to 10000000, not -1");
    assertThatThrownBy(() -> builder.maximumSize(10_000_001)).hasMessageContaining("maximumSize");
    assertThatThrownBy(() -> builder.timeToLive(SECOND.negated())).hasMessageContaining("PT-1S");
    assertThat(builder.build().maximumSize()).isEqualTo(128);
    assertThat(builder.build().policy()).isEqualTo(CachePolicy.ADAPTIVE);
    assertThat(builder.build().timeToLive()).contains(Duration.ofHours(1));
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void aFailureCachesNothing(CachePolicy policy) throws IOException {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    Computation<String, Integer, IOException> failing = key -> {
      throw new IOException(key);
    };
    assertThatThrownBy(() -> cache.get("a", failing))
        .isInstanceOf(IOException.class)
        .hasMessage("a");
    assertThat(cache.find("a")).isEmpty();
    assertThat(cache.<IOException>get("a", key -> 7)).isEqualTo(7);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void anErrorCachesNothingAndBlocksNobody(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    assertThatThrownBy(() -> cache.get("a", key -> {
          throw new StackOverflowError();
        }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(cache.get("a", key -> 7)).isEqualTo(7);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void aComputationMayAskForOtherKeys(CachePolicy policy) {
    ComputeCache<Integer, Integer> cache = builder(policy, 100).build();
    assertThat(fibonacci(cache, 60)).isEqualTo((int) (1_548_008_755_920L % 1_000_000_007));
  }

  private static int fibonacci(ComputeCache<Integer, Integer> cache, int n) {
    Integer value = cache.get(
        n,
        key -> key < 2
            ? key
            : (int)
                (((long) fibonacci(cache, key - 1) + fibonacci(cache, key - 2)) % 1_000_000_007));
    return value == null ? -1 : value;
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void aComputationThatAsksForItsOwnKeyIsFound(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    HoldfastException failure = catchThrowableOfType(
        HoldfastException.class,
        () -> cache.get("a", key -> cache.get("b", k -> cache.get("a", x -> 1))));
    assertThat(failure.code()).isEqualTo(ErrorCode.CACHE_MISUSE);
    assertThat(failure).hasMessageContaining("\"a\"");
    assertThat(cache.size()).isZero();
    assertThat(cache.get("a", key -> 5)).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void whatIsPutWhileItIsComputedWins(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    Integer computed = cache.get("a", key -> {
      cache.put("a", 2);
      return 1;
    });
    assertThat(computed).isEqualTo(1);
    assertThat(cache.find("a")).contains(new Cached<>(2));
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void whatIsInvalidatedWhileItIsComputedIsNotKept(CachePolicy policy) {
    ComputeCache<String, Integer> cache = cache(policy, 10);
    cache.get("a", key -> {
      cache.invalidate("a");
      return 1;
    });
    cache.get("b", key -> {
      cache.clear();
      return 1;
    });
    assertThat(cache.find("a")).isEmpty();
    assertThat(cache.find("b")).isEmpty();
  }
}
