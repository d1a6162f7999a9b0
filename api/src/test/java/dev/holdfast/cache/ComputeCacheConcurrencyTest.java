package dev.holdfast.cache;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ComputeCacheConcurrencyTest {

  private final ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void stop() throws InterruptedException {
    pool.shutdownNow();
    assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  private static <K> ComputeCache<K, Integer> cache(CachePolicy policy, int size) {
    return ComputeCache.builder().policy(policy).maximumSize(size).build();
  }

  /** All begin at the same time. */
  private <T> List<T> together(int threads, Callable<T> work) throws Exception {
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      futures.add(pool.submit(() -> {
        start.await();
        return work.call();
      }));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      results.add(future.get(30, TimeUnit.SECONDS));
    }
    return results;
  }

  private static void fill(ComputeCache<Integer, Integer> cache, int puts, AtomicInteger next) {
    for (int i = 0; i < puts; i++) {
      cache.put(next.incrementAndGet(), i);
    }
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void fiveWritersNeverOverfillTen(CachePolicy policy) throws Exception {
    overfill(policy, 5, 10);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void threeWritersNeverOverfillFive(CachePolicy policy) throws Exception {
    overfill(policy, 3, 5);
  }

  private void overfill(CachePolicy policy, int writers, int size) throws Exception {
    ComputeCache<Integer, Integer> cache = cache(policy, size);
    AtomicInteger next = new AtomicInteger();
    together(writers, () -> {
      fill(cache, 20, next);
      return cache.size();
    });
    assertThat(cache.size()).isLessThanOrEqualTo(size).isPositive();
    assertThat(cache.statistics().counts().orElseThrow().evictions())
        .isEqualTo(writers * 20L - cache.size());
  }

  /** What reads a key through a cache, with how it is computed. */
  private interface Lookup {

    Integer get(ComputeCache<String, Integer> cache, String key, Callable<Integer> computation)
        throws Exception;
  }

  /** How often fifty threads that begin together compute a key; of twenty rounds, the worst. */
  private int mostComputations(CachePolicy policy, Lookup lookup) throws Exception {
    int most = 0;
    for (int round = 0; round < 20; round++) {
      ComputeCache<String, Integer> cache = cache(policy, 10);
      AtomicInteger calls = new AtomicInteger();
      List<Integer> results = together(
          50,
          () -> lookup.get(cache, "a", () -> {
            TimeUnit.MILLISECONDS.sleep(2);
            return calls.incrementAndGet();
          }));
      assertThat(results).hasSize(50).allMatch(result -> result <= calls.get());
      most = Math.max(most, calls.get());
    }
    return most;
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void fiftyThreadsComputeAKeyOnce(CachePolicy policy) throws Exception {
    assertThat(mostComputations(
            policy,
            (cache, key, computation) ->
                requireNonNull(cache.get(key, same -> computation.call()))))
        .isEqualTo(1);
  }

  /** A control: without the cache's turn-taking the same load computes more than once. */
  @Test
  void theLoadWouldFindTwoComputations() throws Exception {
    assertThat(mostComputations(CachePolicy.LRU, (cache, key, computation) -> {
          Optional<Cached<Integer>> known = cache.find(key);
          if (known.isPresent()) {
            return requireNonNull(known.get().value());
          }
          Integer computed = computation.call();
          cache.put(key, computed);
          return computed;
        }))
        .isGreaterThan(1);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void fifteenTasksOfFiveKeysComputeFive(CachePolicy policy) throws Exception {
    ComputeCache<Integer, Integer> cache = cache(policy, 10);
    AtomicInteger task = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    together(
        15,
        () -> cache.get(task.getAndIncrement() % 5, key -> {
          calls.incrementAndGet();
          return key * key;
        }));
    assertThat(calls).hasValue(5);
    assertThat(cache.get(4, key -> -1)).isEqualTo(16);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void hitsAndMissesAreAllRequests(CachePolicy policy) throws Exception {
    ComputeCache<Integer, Integer> cache = cache(policy, 20);
    AtomicInteger next = new AtomicInteger();
    together(8, () -> {
      for (int i = 0; i < 500; i++) {
        int key = next.incrementAndGet() % 40;
        switch (i % 3) {
          case 0 -> cache.find(key);
          case 1 -> cache.get(key, same -> same);
          default -> cache.put(key, i);
        }
      }
      return true;
    });
    assertThat(cache.statistics().counts().orElseThrow().requests()).isEqualTo(8 * 334);
  }

  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void otherKeysNeverWait(CachePolicy policy) throws Exception {
    ComputeCache<Integer, Integer> cache = cache(policy, 2_000);
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    Future<Integer> slow = pool.submit(() -> cache.get(-1, key -> {
      begun.countDown();
      release.await();
      return 1;
    }));
    begun.await();
    for (int i = 0; i < 1_000; i++) { // enough to meet the same bin of any table
      assertThat(cache.get(i, key -> key)).isEqualTo(i);
      cache.put(i, 2);
      cache.invalidate(i);
    }
    assertThat(slow).isNotDone();
    release.countDown();
    assertThat(slow.get()).isEqualTo(1);
  }

  @Test
  void whoWaitsForAFailureComputesItself() throws Exception {
    ComputeCache<String, Integer> cache = cache(CachePolicy.LRU, 10);
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    Future<Integer> failing = pool.submit(() -> cache.get("a", key -> {
      begun.countDown();
      release.await();
      throw new IllegalStateException("planted");
    }));
    begun.await();
    Future<Integer> waiting = pool.submit(() -> cache.get("a", key -> 7));
    assertWaits(waiting);
    release.countDown();
    assertThat(waiting.get()).isEqualTo(7);
    assertThat(failureOf(failing)).isInstanceOf(IllegalStateException.class).hasMessage("planted");
  }

  private static void assertWaits(Future<?> future) throws Exception {
    try {
      future.get(50, TimeUnit.MILLISECONDS);
      throw new AssertionError("did not wait");
    } catch (TimeoutException e) {
      assertThat(future).isNotDone();
    }
  }

  private static Throwable failureOf(Future<?> future) throws InterruptedException {
    try {
      return new AssertionError("succeeded with " + future.get());
    } catch (ExecutionException e) {
      return requireNonNull(e.getCause());
    }
  }

  /** One computes a and asks for b, the other computes b and asks for a: nobody waits for ever. */
  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void aCircleOfTwoThreadsIsFound(CachePolicy policy) throws Exception {
    ComputeCache<String, Integer> left = cache(policy, 10);
    ComputeCache<String, Integer> right = cache(policy, 10);
    for (int round = 0; round < 50; round++) {
      CyclicBarrier both = new CyclicBarrier(2);
      Future<Integer> one = pool.submit(() -> left.get("a", key -> {
        both.await();
        return right.get("b", same -> 1);
      }));
      Future<Integer> two = pool.submit(() -> right.get("b", key -> {
        both.await();
        return left.get("a", same -> 2);
      }));
      List<Throwable> failures = new ArrayList<>();
      for (Future<Integer> future : List.of(one, two)) {
        try {
          future.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          failures.add(e.getCause());
        }
      }
      assertThat(failures)
          .isNotEmpty()
          .allSatisfy(failure -> assertThat(failure)
              .isInstanceOfSatisfying(
                  HoldfastException.class,
                  e -> assertThat(e.code()).isEqualTo(ErrorCode.CACHE_MISUSE)));
      left.clear();
      right.clear();
    }
  }

  @Test
  void anInterruptEndsWaitingAndNotTheComputation() throws Exception {
    ComputeCache<String, Integer> cache = cache(CachePolicy.ADAPTIVE, 10);
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    Future<Integer> slow = pool.submit(() -> cache.get("a", key -> {
      begun.countDown();
      release.await();
      return 1;
    }));
    begun.await();
    List<Object> seen = new ArrayList<>();
    Thread waiter = new Thread(() -> {
      try {
        cache.get("a", key -> 2);
      } catch (TransientException e) {
        seen.add(e);
        seen.add(Thread.currentThread().isInterrupted());
      }
    });
    waiter.start();
    await().until(() -> waiter.getState() == Thread.State.WAITING);
    waiter.interrupt();
    waiter.join();
    release.countDown();
    assertThat(seen).hasSize(2).last().isEqualTo(true);
    assertThat(slow.get()).isEqualTo(1);
    assertThat(cache.find("a")).contains(new Cached<>(1));
  }

  /** What was put is never replaced by something computed from before, however the two meet. */
  @ParameterizedTest
  @EnumSource(CachePolicy.class)
  void aPutIsNeverLostToAnOlderComputation(CachePolicy policy) throws Exception {
    int lost = 0;
    for (int round = 0; round < 2_000; round++) {
      ComputeCache<String, Integer> cache = cache(policy, 10);
      AtomicInteger source = new AtomicInteger(1);
      CyclicBarrier both = new CyclicBarrier(2);
      Future<?> reader = pool.submit(() -> {
        both.await();
        return cache.get("a", key -> source.get());
      });
      both.await();
      source.set(2);
      cache.put("a", 2);
      reader.get();
      lost += cache.find("a").equals(Optional.of(new Cached<>(2))) ? 0 : 1;
    }
    assertThat(lost).isZero();
  }
}
