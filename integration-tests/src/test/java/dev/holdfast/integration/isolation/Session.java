package dev.holdfast.integration.isolation;

import dev.holdfast.Holdfast;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One transaction in a thread of its own that does what it is told, one step after the other, and is tried once. When the database gives
 * it up, further steps do nothing and {@link #commit()} is false; any other failure is thrown. Told by one thread.
 */
final class Session implements AutoCloseable {

  private static final int LIMIT_SECONDS = 20;

  private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
  private final CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
  private final Stage stage;

  private Session(Stage stage) {
    this.stage = stage;
  }

  /** Begins; the transaction itself begins with the first step. */
  static Session begin(Stage stage, Holdfast holdfast, TransactionOptions options) {
    Session session = new Session(stage);
    Thread thread = new Thread(
        () -> {
          try {
            holdfast.transaction(options.maxAttempts(1), session::work);
            session.end.complete(null);
          } catch (Throwable e) {
            session.end.complete(e);
          }
        },
        "session");
    thread.setDaemon(true);
    thread.start();
    return session;
  }

  private boolean work(Transaction transaction) throws InterruptedException {
    while (true) {
      Step step = steps.take();
      if (step.work == null) {
        return true;
      }
      try {
        step.work.accept(transaction);
        step.done.complete(null);
      } catch (Throwable e) {
        step.done.complete(e);
        throw e;
      }
    }
  }

  /** Does something and waits until it is done or has failed. */
  void run(Consumer<Transaction> work) {
    await(submit(work));
  }

  private <T> T read(Function<Transaction, T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Throwable failure = await(submit(transaction -> result.complete(work.apply(transaction))));
    if (failure != null) {
      throw new AssertionError("A read failed", failure);
    }
    return result.join();
  }

  /** The value of a row; the transaction must not have been given up. */
  int get(String row) {
    return read(transaction -> stage.get(transaction, row));
  }

  /** The rows of a table whose value meets a condition; the transaction must not have been given up. */
  Map<String, Integer> select(String table, IntPredicate condition) {
    return read(transaction -> stage.select(transaction, table, condition));
  }

  /** Does something that must wait for a lock of another session; returns when it waits. */
  CompletableFuture<@Nullable Throwable> runBlocked(Consumer<Transaction> work) {
    CompletableFuture<@Nullable Throwable> done = submit(work);
    stage.awaitLockWait(done);
    return done;
  }

  /** Does something that may have to wait for a lock of another session; returns at once. */
  CompletableFuture<@Nullable Throwable> start(Consumer<Transaction> work) {
    return submit(work);
  }

  private CompletableFuture<@Nullable Throwable> submit(Consumer<Transaction> work) {
    if (end.isDone()) {
      return end;
    }
    Step step = new Step(work, new CompletableFuture<>());
    steps.add(step);
    return step.done.applyToEither(end, failure -> failure);
  }

  /** Commits; false when the database had given the transaction up, or does so now. */
  boolean commit() {
    steps.add(new Step(null, new CompletableFuture<>()));
    return await(end) == null;
  }

  /** Rolls back. */
  void abort() {
    steps.add(new Step(
        transaction -> {
          throw new AbortException();
        },
        new CompletableFuture<>()));
    if (!(awaitQuietly(end) instanceof AbortException)) {
      throw new AssertionError("The transaction had ended before it was aborted");
    }
  }

  /** What made the database give the transaction up. */
  Throwable failure() {
    Throwable failure = await(end);
    if (failure == null) {
      throw new AssertionError("The transaction was committed");
    }
    return failure;
  }

  static @Nullable Throwable await(CompletableFuture<@Nullable Throwable> done) {
    Throwable failure = awaitQuietly(done);
    if (failure != null && !(failure instanceof TransientException)) {
      throw new AssertionError("A step failed", failure);
    }
    return failure;
  }

  private static @Nullable Throwable awaitQuietly(CompletableFuture<@Nullable Throwable> done) {
    try {
      return done.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("A step did not end", e);
    }
  }

  /** Ends it however it stands. */
  @Override
  public void close() {
    if (!end.isDone()) {
      steps.add(new Step(
          transaction -> {
            throw new AbortException();
          },
          new CompletableFuture<>()));
      awaitQuietly(end);
    }
  }

  private record Step(
      @Nullable Consumer<Transaction> work, CompletableFuture<@Nullable Throwable> done) {}

  private static final class AbortException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
