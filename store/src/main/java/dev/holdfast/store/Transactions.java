package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.store.activity.Activities;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.internal.Backoff;
import dev.holdfast.store.internal.ChangeSet;
import dev.holdfast.store.internal.Engine;
import dev.holdfast.store.internal.Engine.InDoubtException;
import dev.holdfast.store.internal.PooledSession;
import dev.holdfast.store.internal.ServerSession;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.store.transaction.TransactionWork;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Runs transactions: begins, runs the work, commits, and runs all of it again when the database could not serialize it. Knows which
 * transactions the calling thread is in. Safe for use by multiple threads.
 */
final class Transactions {

  private static final AtomicIntegerFieldUpdater<Transactions> OPEN =
      AtomicIntegerFieldUpdater.newUpdater(Transactions.class, "open");

  private final PooledSession session;
  private final Engine engine;
  private final TransactionCounters counters = new TransactionCounters();

  /** The transactions that a thread is in, the innermost first; null for nearly all threads at nearly all times. */
  @SuppressWarnings("ThreadLocalUsage") // Each store has its own transactions.
  private final ThreadLocal<@Nullable Deque<StoredTransaction>> current = new ThreadLocal<>();

  /** How many transactions there are: while there is none, no thread needs to look whether it is in one. */
  private volatile int open;

  /**
   * Transactions on connections of a pool.
   *
   * @param engine finds out what became of a commit whose connection was lost, also while closing waits for whoever wants to know
   */
  Transactions(PooledSession session, Engine engine) {
    this.session = session;
    this.engine = engine;
  }

  TransactionCounters counters() {
    return counters;
  }

  /** Refuses what is done to a state through the store itself while a transaction of the same thread uses that state. */
  void requireUnused(StateId state) {
    Deque<StoredTransaction> mine = open == 0 ? null : current.get();
    if (mine != null) {
      for (StoredTransaction transaction : mine) {
        if (transaction.uses(state)) {
          throw transaction.misuse("State " + state + " is used by transaction " + transaction.id()
              + " of this thread; use the state that the transaction gives, not the store's");
        }
      }
    }
  }

  /** Refuses to wait for a lock that an outer transaction of the same thread holds. */
  void requireUnlockedOutside(StoredTransaction inner, StateId state) {
    for (StoredTransaction transaction : Objects.requireNonNull(current.get())) {
      if (transaction != inner && transaction.locks(state)) {
        throw inner.misuse("State " + state + " is locked by transaction " + transaction.id()
            + ", in which transaction "
            + inner.id() + " runs");
      }
    }
  }

  /** Runs work in a transaction of its own. */
  <T extends @Nullable Object, E extends Exception> T run(
      Core core, TransactionOptions options, TransactionWork<T, E> work) throws E {
    Activities activities = core.activities();
    if (activities == null) {
      return attempts(core, options, work);
    }
    Activity activity =
        Activity.of(ActivityKind.TRANSACTION, options.isolation().name());
    return activities.run(activity, () -> attempts(core, options, work));
  }

  @SuppressWarnings("ReferenceEquality") // The very exception is meant.
  private <T extends @Nullable Object, E extends Exception> T attempts(
      Core core, TransactionOptions options, TransactionWork<T, E> work) throws E {
    Deadline deadline = Deadline.start(options);
    Backoff backoff =
        Backoff.between(Duration.ofMillis(1), Duration.ofMillis(100), Duration.ofDays(1));
    List<Throwable> earlier = new ArrayList<>();
    for (int attempt = 1; ; attempt++) {
      Attempt one = new Attempt(core, options, attempt, deadline);
      try {
        T result = one.run(work);
        counters.committed();
        return result;
      } catch (Throwable e) {
        if (!one.isRepeatable || attempt == options.maxAttempts() || deadline.isPassed()) {
          counters.rolledBack();
          // Work may throw the same exception every time, which cannot suppress itself.
          earlier.stream().filter(failure -> failure != e).forEach(e::addSuppressed);
          throw e;
        }
        earlier.add(e);
        counters.retried();
        backoff.pause();
      }
    }
  }

  /** Runs work in the transaction that the caller has begun on a connection of its own. */
  <T extends @Nullable Object, E extends Exception> T join(
      Core core, Connection connection, TransactionWork<T, E> work) throws E {
    TransactionOptions options = TransactionOptions.of(joined(connection)).maxAttempts(1);
    StoredTransaction transaction =
        new StoredTransaction(options, 1, core, connection, Deadline.start(options));
    enter(transaction);
    try {
      return transaction.savepoint(joined -> {
        T result = work.run(joined);
        transaction.flush();
        // The caller commits or does not, and nobody says when: no state of it comes from memory
        // until it has reached these versions.
        transaction.tellCache(false);
        return result;
      });
    } finally {
      leave(transaction);
    }
  }

  /** The level of the transaction that the caller has begun. */
  private static Isolation joined(Connection connection) {
    try {
      if (connection.getAutoCommit()) {
        throw new HoldfastException(
            ErrorCode.INVALID_ARGUMENT,
            "A connection in auto-commit mode has no transaction to join; switch it off first");
      }
      return switch (connection.getTransactionIsolation()) {
        case Connection.TRANSACTION_SERIALIZABLE -> Isolation.SERIALIZABLE;
        case Connection.TRANSACTION_REPEATABLE_READ -> Isolation.REPEATABLE_READ;
        default -> Isolation.READ_COMMITTED;
      };
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "joining a transaction");
    }
  }

  private void enter(StoredTransaction transaction) {
    Deque<StoredTransaction> mine = current.get();
    if (mine == null) {
      mine = new ArrayDeque<>();
      current.set(mine);
    }
    mine.push(transaction);
    OPEN.incrementAndGet(this);
  }

  private void leave(StoredTransaction transaction) {
    transaction.end();
    Deque<StoredTransaction> mine = Objects.requireNonNull(current.get());
    mine.remove(transaction);
    OPEN.decrementAndGet(this);
    if (mine.isEmpty()) {
      current.remove();
    }
  }

  /** One attempt on a connection of the pool. */
  private final class Attempt {

    private final Core core;
    private final TransactionOptions options;
    private final int number;
    private final Deadline deadline;
    private boolean isRepeatable;

    Attempt(Core core, TransactionOptions options, int number, Deadline deadline) {
      this.core = core;
      this.options = options;
      this.number = number;
      this.deadline = deadline;
    }

    <T extends @Nullable Object, E extends Exception> T run(TransactionWork<T, E> work) throws E {
      try (PooledSession.Lease lease = lease()) {
        StoredTransaction transaction =
            new StoredTransaction(options, number, core, lease.connection(), deadline);
        enter(transaction);
        try {
          return run(transaction, lease, work);
        } finally {
          leave(transaction);
        }
      }
    }

    private PooledSession.Lease lease() {
      deadline.check();
      try {
        return session.lease();
      } catch (SQLException e) {
        throw SqlFailure.translate(e, "borrowing a connection for a transaction");
      }
    }

    private <T extends @Nullable Object, E extends Exception> T run(
        StoredTransaction transaction, PooledSession.Lease lease, TransactionWork<T, E> work)
        throws E {
      Connection connection = lease.connection();
      T result;
      ServerSession server;
      try {
        server = begin(transaction, connection);
        result = work.run(transaction);
        transaction.flush();
      } catch (Throwable e) {
        isRepeatable = transaction.isRepeatable(e);
        if (!isRepeatable) {
          transaction.hideWrittenIn(e);
        }
        rollback(connection, e);
        throw e;
      }
      commit(transaction, lease, server);
      transaction.tellCache(true);
      return result;
    }

    private ServerSession begin(StoredTransaction transaction, Connection connection) {
      return transaction.call("beginning a transaction", c -> {
        try (Statement statement = connection.createStatement()) {
          statement.execute(settings());
        }
        return ServerSession.of(connection);
      });
    }

    /** All in one message; it carries the BEGIN as well. */
    private String settings() {
      return "SET TRANSACTION ISOLATION LEVEL " + options.isolation().sqlName()
          + (options.isReadOnly() ? " READ ONLY;" : " READ WRITE;") + deadline.limits();
    }

    private void commit(
        StoredTransaction transaction, PooledSession.Lease lease, ServerSession server) {
      Connection connection = lease.connection();
      try {
        transaction.requireUsable();
        connection.commit();
      } catch (SQLException e) {
        isRepeatable = transaction.isRepeatable(e);
        if (SqlFailure.leavesInDoubt(e)) {
          counters.commitInDoubt();
          // A small pool has no other to look with.
          lease.abort();
          resolve(transaction, server, e);
        } else {
          rollback(connection, e);
          throw deadline.translate(e, "committing transaction " + transaction.id());
        }
      } catch (HoldfastException e) {
        rollback(connection, e);
        throw e;
      }
    }

    /** Returns when the transaction was committed after all. */
    private void resolve(StoredTransaction transaction, ServerSession server, SQLException lost) {
      ChangeSet sent = transaction.sent().orElse(null);
      if (sent == null) {
        if (options.isReadOnly()) {
          throw SqlFailure.translate(lost, "committing transaction " + transaction.id());
        }
        throw new AmbiguousCommitException(null, transaction.id(), lost);
      }
      try {
        engine.resolve(sent, server, lost);
      } catch (InDoubtException e) {
        throw new AmbiguousCommitException(sent.state(), transaction.id(), lost);
      }
    }

    private void rollback(Connection connection, Throwable cause) {
      try {
        connection.rollback();
      } catch (SQLException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
