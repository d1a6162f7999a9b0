package dev.holdfast.effect.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.IncomparableException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever happens to branches, none of them runs any more when all have ended: what they did is compensated then. */
final class BranchesTest {

  private static final List<EffectBody<String>> TWO =
      List.of(effect -> "first", effect -> "second");

  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch returned = new CountDownLatch(1);
  private final AtomicBoolean ended = new AtomicBoolean();

  @AfterEach
  void noInterruptIsLeft() {
    Thread.interrupted();
  }

  /** The second thread is refused when the first branch runs. */
  private ExecutorService workers(int threads) {
    return new ThreadPoolExecutor(0, threads, 60, TimeUnit.SECONDS, new SynchronousQueue<>()) {
      @Override
      public void execute(Runnable work) {
        super.execute(work);
        try {
          assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  @Test
  void aBranchThatRunsIsWaitedForWhenThereIsNoThreadForAnother() {
    Branches<String> branches = new Branches<>(TWO, Position.ROOT, (branch, body) -> {
      running.countDown();
      try {
        TimeUnit.SECONDS.sleep(60);
      } finally {
        boolean unused = returned.await(100, TimeUnit.MILLISECONDS);
        ended.set(true);
      }
      return "unexpected";
    });
    ExecutorService workers = workers(1);

    assertThatThrownBy(() -> branches.run(workers)).isInstanceOf(RejectedExecutionException.class);
    assertThat(ended).isTrue();
    returned.countDown();
    workers.shutdownNow();
  }

  @Test
  void soIsOneWhoseWaitingThreadIsInterruptedAfterAFailureThatCannotBeCompared() {
    Thread caller = Thread.currentThread();
    Branches<String> branches = new Branches<>(TWO, Position.ROOT, (branch, body) -> {
      if (branch.equals(Position.ROOT.child(2))) {
        throw new IncomparableException();
      }
      running.countDown();
      try {
        TimeUnit.SECONDS.sleep(60);
      } catch (InterruptedException e) {
        caller.interrupt();
        boolean unused = returned.await(500, TimeUnit.MILLISECONDS);
        ended.set(true);
      }
      return "unexpected";
    });
    ExecutorService workers = workers(2);

    Throwable thrown = catchThrowable(() -> branches.run(workers));
    assertThat(ended).isTrue();
    assertThat(thrown instanceof IncomparableException).isTrue();
    returned.countDown();
    workers.shutdownNow();
  }
}
