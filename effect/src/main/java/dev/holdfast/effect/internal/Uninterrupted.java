package dev.holdfast.effect.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * Work that an interrupt must not end half-way: it is put off and handed back afterwards. A driver closes the socket of an interrupted
 * virtual thread, and a pool refuses one.
 */
final class Uninterrupted {

  private Uninterrupted() {}

  /** Runs work in this thread with its interrupt put off. */
  static <T, X extends Exception> T call(Work<T, X> work) throws X {
    boolean interrupted = Thread.interrupted();
    try {
      return work.call();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Runs work in another thread, which nobody interrupts, and waits for its end.
   *
   * @throws HoldfastException with {@link ErrorCode#CLOSED} when closing did not wait for whoever calls this: there are no threads any more
   */
  static <T> T callElsewhere(ExecutorService executor, Callable<T> work) {
    Future<T> future = submit(executor, work);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw unchecked(Objects.requireNonNull(e.getCause()));
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static <T> Future<T> submit(ExecutorService executor, Callable<T> work) {
    try {
      return executor.submit(work);
    } catch (RejectedExecutionException e) {
      throw new HoldfastException(
          ErrorCode.CLOSED,
          "The effect transactions were closed meanwhile; another process goes on",
          Map.of(),
          e);
    }
  }

  private static RuntimeException unchecked(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException("Work that declares no exception threw one", failure);
  }

  /**
   * Interrupts this thread again when that is what the failure came from. For who goes on with another exception, or with none: a thread that
   * was interrupted is to know it.
   */
  static void handBack(Throwable failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Runs what has to be done after a failure in this thread with an interrupt put off, also with the one that the failure came from, and hands it
   * back.
   */
  static <T, X extends Exception> T callAfter(Throwable failure, Work<T, X> work) throws X {
    handBack(failure);
    return call(work);
  }

  /** Work that may throw. */
  @FunctionalInterface
  interface Work<T, X extends Exception> {
    T call() throws X;
  }
}
