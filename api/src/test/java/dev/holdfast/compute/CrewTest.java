package dev.holdfast.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.holdfast.logging.Logs;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrewTest {

  /** A function that hangs would keep the results of all later batches. */
  @Test
  void aBatchThatIsDoneLeavesNothingToHelpersThatAreBusy() throws InterruptedException {
    ThreadPoolExecutor helpers =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try {
      helpers.execute(() -> {
        busy.countDown();
        awaitQuietly(release);
      });
      busy.await();
      for (int i = 0; i < 10; i++) {
        assertThat(new Crew<>(5, part -> part, Logs.standard()).run(helpers, 3))
            .isEqualTo(List.of(0, 1, 2, 3, 4));
      }
      assertThat(helpers.getQueue()).isEmpty();
    } finally {
      release.countDown();
      helpers.shutdown();
    }
  }

  /** The operating system allows so many, and then the JVM throws an error: what one thread can do alone does not fail for that. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aBatchForWhichNoThreadsAreToBeHadIsDoneByThoseThereAre(int allowed) {
    AtomicInteger left = new AtomicInteger(allowed);
    ThreadPoolExecutor helpers = new ThreadPoolExecutor(
        3, 3, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> new Thread(work) {
          @Override
          public synchronized void start() {
            if (left.getAndDecrement() <= 0) {
              throw new OutOfMemoryError("unable to create native thread");
            }
            super.start();
          }
        });
    try {
      Crew<Integer> crew = new Crew<>(5, part -> part, Logs.standard());
      List<Integer> results = new ArrayList<>();
      // Caught here: the error would end the JVM of the tests.
      assertThatCode(() -> results.addAll(crew.run(helpers, 3))).doesNotThrowAnyException();
      assertThat(results).containsExactly(0, 1, 2, 3, 4);
      assertThat(crew.threads()).isLessThanOrEqualTo(1 + allowed);
      assertThat(helpers.getPoolSize()).isEqualTo(allowed);
      left.set(3);
      assertThat(new Crew<>(4, part -> part, Logs.standard()).run(helpers, 3))
          .isEqualTo(List.of(0, 1, 2, 3));
      assertThat(helpers.getPoolSize()).isEqualTo(3);
    } finally {
      helpers.shutdown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
