package dev.holdfast.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class LoadDriverTest {

  private final LoadDriver driver = new LoadDriver(1);

  @Test
  void countsEveryOperationOfEveryThread() {
    LongAdder done = new LongAdder();
    Map<Integer, Long> last = new ConcurrentHashMap<>();
    LoadResult result = driver.run(7, Stop.afterEach(1_000), (thread, number, random) -> {
      done.increment();
      last.put(thread, number);
    });
    assertThat(done.sum()).isEqualTo(7_000);
    assertThat(result.operations()).isEqualTo(7_000);
    assertThat(result.latencies().getTotalCount()).isEqualTo(7_000);
    assertThat(last)
        .hasSize(7)
        .allSatisfy((thread, number) -> assertThat(number).isEqualTo(999));
  }

  @Test
  void countsWhatWasUnderWayWhenTheTimeWasUp() {
    LongAdder done = new LongAdder();
    LoadResult result =
        driver.run(3, Stop.after(Duration.ofMillis(20)), (thread, number, random) -> {
          TimeUnit.MILLISECONDS.sleep(30);
          done.increment();
        });
    assertThat(done.sum()).isEqualTo(3);
    assertThat(result.operations()).isEqualTo(3);
    assertThat(result.seconds()).isGreaterThanOrEqualTo(0.03);
    assertThat(result.percentileMillis(50)).isGreaterThanOrEqualTo(29);
  }

  /** A clock that goes on by a millisecond whenever it is read: each operation takes one, and the preparation before it another one. */
  @Test
  void computesThroughputAndLatencyFromItsClock() {
    AtomicLong clock = new AtomicLong();
    LoadResult result = new LoadDriver(1, () -> clock.addAndGet(1_000_000))
        .run(1, Stop.after(Duration.ofMillis(500)), (thread, number, random) -> {});
    assertThat(result.operations()).isEqualTo(250);
    assertThat(result.seconds()).isEqualTo(0.5);
    assertThat(result.throughput()).isEqualTo(500);
    assertThat(result.meanMillis()).isBetween(0.999, 1.001);
    assertThat(result.percentileMillis(99)).isBetween(0.999, 1.001);
  }

  @Test
  void preparesBeforeEachOperationWithoutCountingItAsLatency() {
    AtomicLong clock = new AtomicLong();
    LoadResult result = new LoadDriver(1, clock::get).run(1, Stop.afterEach(10), new Worker() {
      @Override
      public void prepare(int thread, long number, Random random) {
        clock.addAndGet(7_000_000);
      }

      @Override
      public void operate(int thread, long number, Random random) {
        clock.addAndGet(2_000_000);
      }
    });
    assertThat(result.meanMillis()).isBetween(1.99, 2.01);
    assertThat(result.seconds()).isEqualTo(0.09);
  }

  /** Each waits for all others, so the run would never end if one began late or was missing. */
  @Test
  void runsAllThreadsAtOnce() {
    CyclicBarrier barrier = new CyclicBarrier(20);
    LoadResult result = driver.run(
        20, Stop.afterEach(5), (thread, number, random) -> barrier.await(30, TimeUnit.SECONDS));
    assertThat(result.operations()).isEqualTo(100);
  }

  @Test
  void stopsAllThreadsWhenOneFails() {
    AtomicInteger calls = new AtomicInteger();
    assertThatThrownBy(() ->
            driver.run(4, (elapsed, operations) -> false, (thread, number, random) -> {
              if (calls.incrementAndGet() == 100) {
                throw new IllegalArgumentException("the hundredth");
              }
            }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the hundredth");
  }

  @Test
  void drawsTheSameNumbersForTheSameSeedAndOthersForEachThread() {
    assertThat(drawn(1)).isEqualTo(drawn(1)).isNotEqualTo(drawn(2));
    assertThat(drawn(1).values()).doesNotHaveDuplicates().hasSize(4);
  }

  private static Map<Integer, Long> drawn(long seed) {
    Map<Integer, Long> drawn = new ConcurrentHashMap<>();
    new LoadDriver(seed)
        .run(
            4, Stop.afterEach(1), (thread, number, random) -> drawn.put(thread, random.nextLong()));
    return drawn;
  }
}
