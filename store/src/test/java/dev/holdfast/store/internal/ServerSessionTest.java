package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Only a session that is certainly gone can be taken for gone: what it was asked for may still be done. */
@HoldfastTest
@Tag("G4")
final class ServerSessionTest {

  private final TestDatabase database;

  ServerSessionTest(TestDatabase database) {
    this.database = database;
  }

  private Connection asOwner() throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
  }

  private Connection asLibrary() throws SQLException {
    return DriverManager.getConnection(
        database.jdbcUrl(), database.libraryUser(), database.libraryPassword());
  }

  @Test
  void aSessionOfOnesOwnIsEnded() throws SQLException {
    try (Connection lost = asLibrary();
        Connection other = asLibrary()) {
      assertThat(ServerSession.of(lost).end(other)).isTrue();
      assertThat(lost.isValid(5)).isFalse();
    }
  }

  /** PostgreSQL does not tell everybody since when a session lives, so that it is not known to be the one that is meant. */
  @Test
  void aSessionOfSomebodyElseIsNotTakenForGone() throws SQLException {
    assumeTrue(
        !database.libraryUser().equals(database.user()), "the library connects as the owner");
    try (Connection lost = asOwner();
        Connection other = asLibrary()) {
      assertThat(ServerSession.of(lost).end(other)).isFalse();
      assertThat(lost.isValid(5)).isTrue();
    }
  }

  @Test
  void oneThatEndedByItselfIsGone() throws SQLException {
    ServerSession session;
    try (Connection lost = asLibrary()) {
      session = ServerSession.of(lost);
    }
    try (Connection other = asLibrary()) {
      assertThat(session.end(other)).isTrue();
    }
  }
}
