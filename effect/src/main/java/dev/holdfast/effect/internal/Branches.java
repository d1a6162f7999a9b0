package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectBody;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Runs branches of a scope at the same time. Nothing is compensated while a branch still runs: when one fails, or the waiting thread is
 * interrupted, the others are interrupted and waited for. Used once.
 */
final class Branches<T extends @Nullable Object> {

  private final List<Branch> branches = new ArrayList<>();
  private @Nullable Throwable failure;

  Branches(List<? extends EffectBody<T>> bodies, Position scope, Running<T> running) {
    for (EffectBody<T> body : bodies) {
      Position position = scope.child(branches.size() + 1);
      branches.add(new Branch(() -> running.run(position, body)));
    }
  }

  /** What the branches returned, in their order. */
  List<T> run(ExecutorService workers) throws Exception {
    branches.forEach(branch -> begin(branch, workers));
    branches.forEach(this::awaitEnd);
    throwFailure();
    List<T> results = new ArrayList<>();
    branches.forEach(branch -> results.add(branch.result()));
    return results;
  }

  /** One for which there is no thread fails, and the others, which may run by now, are waited for. */
  private void begin(Branch branch, ExecutorService workers) {
    try {
      workers.execute(branch);
    } catch (RuntimeException | Error e) {
      fail(e);
      branch.ended.countDown();
    }
  }

  private void awaitEnd(Branch branch) {
    boolean interrupted = false;
    while (true) {
      try {
        branch.ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        fail(e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("ReferenceEquality") // The very exception is meant; its class may compare.
  private synchronized void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
      branches.forEach(Branch::interrupt);
    } else if (failure != cause) {
      failure.addSuppressed(cause);
    }
  }

  private synchronized void throwFailure() throws Exception {
    if (failure instanceof Exception exception) {
      throw exception;
    }
    if (failure instanceof Error error) {
      throw error;
    }
  }

  /** How a body runs as the branch at a position. */
  @FunctionalInterface
  interface Running<T extends @Nullable Object> {
    T run(Position branch, EffectBody<T> body) throws Exception;
  }

  /** One branch. */
  private final class Branch implements Runnable {

    private final Callable<T> work;
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable Thread thread;
    private @Nullable T result;

    Branch(Callable<T> work) {
      this.work = work;
    }

    @Override
    public void run() {
      try {
        if (isBegun()) {
          result = work.call();
        }
      } catch (Throwable e) {
        fail(e);
      } finally {
        end();
        ended.countDown();
      }
    }

    /** Not when another branch has failed already. */
    private boolean isBegun() {
      synchronized (Branches.this) {
        if (failure == null) {
          thread = Thread.currentThread();
        }
        return failure == null;
      }
    }

    /** An interrupt that came too late must not reach the next work of this thread. */
    private void end() {
      synchronized (Branches.this) {
        thread = null;
        Thread.interrupted();
      }
    }

    private void interrupt() {
      if (thread != null) {
        thread.interrupt();
      }
    }

    @SuppressWarnings("NullAway") // Read after the end, when nothing has failed.
    private T result() {
      return result;
    }
  }
}
