package dev.holdfast.store.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.StateId;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs statements in a session and answers their failures: repeats what was rolled back by a serialization failure, finds out what became
 * of a write whose connection was lost, and turns every other failure into an exception of ours. Safe for use by multiple threads.
 */
public final class Engine {

  private static final Duration SERIALIZATION_PATIENCE = Duration.ofSeconds(10);
  private static final Duration IN_DOUBT_PATIENCE = Duration.ofSeconds(30);

  private final Session session;
  private final Session looks;
  private final Writer writer;
  private final Log log;

  /** An engine on a session. */
  public Engine(Session session, Writer writer, Logs logs) {
    this(session, session, writer, logs);
  }

  /**
   * An engine on a session.
   *
   * @param looks where to find out what became of a write whose connection was lost
   */
  Engine(Session session, Session looks, Writer writer, Logs logs) {
    this.session = session;
    this.looks = looks;
    this.writer = writer;
    this.log = logs.of(Engine.class);
  }

  /** Reads. */
  public <T> T read(StateId state, SqlWork<T> work) {
    try {
      return session.run(work);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "reading state " + state);
    }
  }

  /**
   * Writes one change set by the given work, which must send it in one message.
   *
   * @return what became of it
   * @throws InDoubtException when the connection was lost and it could not be found out
   */
  public WriteOutcome write(ChangeSet set, SqlWork<WriteOutcome> work) {
    Backoff backoff =
        Backoff.between(Duration.ofMillis(1), Duration.ofMillis(100), SERIALIZATION_PATIENCE);
    AtomicReference<@Nullable ServerSession> sentOn = new AtomicReference<>();
    while (true) {
      // An attempt that gets no connection loses none: that of the one before is in other hands.
      sentOn.set(null);
      try {
        return session.run(connection -> {
          sentOn.set(ServerSession.of(connection));
          return work.apply(connection);
        });
      } catch (SQLException e) {
        SqlFailure failure = SqlFailure.of(e);
        ServerSession lost = sentOn.get();
        if (session.commitsEachMessage() && SqlFailure.leavesInDoubt(e) && lost != null) {
          return resolve(set, lost, e);
        }
        boolean again =
            session.commitsEachMessage() && failure == SqlFailure.SERIALIZATION && backoff.pause();
        if (!again) {
          throw SqlFailure.translate(e, "writing state " + set.state());
        }
      }
    }
  }

  /**
   * The connection was lost after a write was sent: asks the database, for as long as it takes to come back. An interrupt does not end
   * that, and is handed back.
   *
   * @return that it was committed
   * @throws TransientException when it was not
   * @throws InDoubtException when it could not be found out
   */
  public WriteOutcome resolve(ChangeSet set, ServerSession lost, SQLException failure) {
    log.warn(
        "The connection was lost while state {} was written; looking whether transaction {} was committed",
        set.state(),
        set.transactionId());
    Backoff backoff =
        Backoff.between(Duration.ofMillis(20), Duration.ofSeconds(1), IN_DOUBT_PATIENCE);
    boolean interrupted = false;
    try {
      do {
        // A pool gives nobody a connection who is interrupted, and no pause would be one.
        interrupted |= Thread.interrupted();
        try {
          return looks.run(connection -> look(connection, set, lost, failure));
        } catch (SQLException e) {
          failure.addSuppressed(e);
        } catch (HoldfastException e) {
          throw e.code() == ErrorCode.CLOSED ? new InDoubtException(set, failure) : e;
        }
      } while (backoff.pause());
      throw new InDoubtException(set, failure);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private WriteOutcome look(
      Connection connection, ChangeSet set, ServerSession lost, SQLException failure)
      throws SQLException {
    boolean gone = lost.end(connection);
    // What a session that is gone has written is seen or never was. The lock may be held by others
    // for longer than there is patience.
    OptionalLong landed = gone ? writer.landed(connection, set) : find(connection, set);
    if (landed.isPresent()) {
      log.warn(
          "Transaction {} on state {} was committed as version {}",
          set.transactionId(),
          set.state(),
          landed.getAsLong());
      return new WriteOutcome.Written(landed.getAsLong());
    }
    if (!gone) {
      throw new InDoubtException(set, failure);
    }
    log.warn("Transaction {} on state {} was not committed", set.transactionId(), set.state());
    throw new TransientException(
        "The connection was lost while state " + set.state()
            + " was written; nothing was committed",
        Map.of("state", set.state().toString(), "transactionId", set.transactionId()),
        failure);
  }

  private OptionalLong find(Connection connection, ChangeSet set) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '5s'");
      return writer.findLanded(connection, set);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** A write whose outcome could not be found out. */
  public static final class InDoubtException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ChangeSet set;

    InDoubtException(ChangeSet set, SQLException cause) {
      super(cause);
      this.set = set;
    }

    /** The change set in doubt. */
    public ChangeSet set() {
      return set;
    }
  }
}
