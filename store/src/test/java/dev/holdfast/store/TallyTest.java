package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** Counts that threads add to alone: nothing is lost, nothing is counted twice, whoever counts. */
final class TallyTest {

  private static final int TIMES = 1_000;

  private final Tally all = new Tally(null);
  private final Tally tally = new Tally(all);
  private final Tally sibling = new Tally(all);

  private static void count(Tally tally, int times) {
    for (int i = 0; i < times; i++) {
      tally.increment();
    }
  }

  @Test
  void countsOne() {
    tally.increment();
    assertThat(tally.sum()).isEqualTo(1);
    assertThat(all.sum()).isEqualTo(1);
    assertThat(sibling.sum()).isZero();
  }

  @Test
  void countsWhatOneThreadCounts() {
    for (int i = 1; i <= TIMES; i++) {
      tally.increment();
      count(sibling, 2);
      assertThat(tally.sum()).isEqualTo(i);
      assertThat(all.sum()).isEqualTo(3L * i);
    }
  }

  /** More threads than there are cells, so that some share one and have to do without; and one that looks on. */
  @Test
  void countsWhatManyThreadsCountAtTheSameTime() throws Exception {
    int threads = 100;
    List<Callable<?>> work = Concurrently.repeat(threads, TIMES, () -> {
      tally.increment();
      sibling.increment();
    });
    work.addAll(Concurrently.repeat(1, TIMES, () -> {
      assertThat(tally.sum()).isBetween(0L, (long) threads * TIMES);
      assertThat(all.sum()).isBetween(0L, 2L * threads * TIMES);
    }));
    Concurrently.run(work);
    assertThat(tally.sum()).isEqualTo((long) threads * TIMES);
    assertThat(sibling.sum()).isEqualTo((long) threads * TIMES);
    assertThat(all.sum()).isEqualTo(2L * threads * TIMES);
  }

  /** Each cell goes from hand to hand many times. */
  @Test
  void countsWhatThreadsCountedThatAreGone() throws InterruptedException {
    int threads = 300;
    for (int i = 0; i < threads; i++) {
      Thread thread = new Thread(() -> count(tally, TIMES));
      thread.start();
      thread.join();
    }
    assertThat(tally.sum()).isEqualTo((long) threads * TIMES);
    assertThat(all.sum()).isEqualTo((long) threads * TIMES);
  }

  @Test
  void keepsWhatWasCountedByThoseThatAreNotInUseAnyMore() {
    List<WeakReference<Tally>> gone = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Tally child = new Tally(all);
      count(child, TIMES);
      gone.add(new WeakReference<>(child));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> {
      System.gc();
      assertThat(all.sum()).isEqualTo(10 * TIMES);
      return gone.stream().allMatch(child -> child.get() == null);
    });
    count(tally, TIMES);
    assertThat(all.sum()).isEqualTo(11 * TIMES);
  }
}
