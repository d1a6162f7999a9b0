package dev.holdfast.store.internal;

import java.sql.SQLException;

/** Where statements run: on a connection of the pool, each message its own transaction, or inside a transaction that somebody opened. */
public interface Session {

  /** Runs work on a connection of this session. */
  <T> T run(SqlWork<T> work) throws SQLException;

  /** Whether a message commits when it succeeds; otherwise somebody else decides. */
  boolean commitsEachMessage();
}
