package dev.holdfast.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NamedCheckTest {

  /** Its threads come to a task at the moment at which it is cancelled. */
  private static final class TestingLateThreads extends AbstractExecutorService {

    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    @Override
    public <T> Future<T> submit(Callable<T> task) {
      Thread thread = new Thread(() -> {
        try {
          cancelled.await();
          task.call();
          ended.complete(null);
        } catch (Throwable e) {
          ended.complete(null);
        }
      });
      thread.start();
      return new FutureTask<>(task) {
        @Override
        protected void done() {
          cancelled.countDown();
        }
      };
    }

    @Override
    public void execute(Runnable command) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  /** Otherwise it could run beside the one of the next round. */
  @Test
  void whatWasGivenUpBeforeItBeganIsNotCalledAnyMore() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    HealthCheck counting = () -> {
      calls.incrementAndGet();
      return HealthResult.healthy();
    };
    NamedCheck check = new NamedCheck("late", CheckScope.COMPONENT, counting, System::nanoTime);
    TestingLateThreads threads = new TestingLateThreads();
    HealthResult result = check.start(threads).await(Duration.ZERO);
    threads.ended.get(1, TimeUnit.MINUTES);
    assertThat(result.status()).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(calls).hasValue(0);
  }
}
