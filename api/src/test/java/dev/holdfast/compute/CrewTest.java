package dev.holdfast.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.logging.Logs;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

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

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
