package dev.holdfast.integration.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.State;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a transaction is used for, what it refuses, and what its work sees when it runs again. */
@HoldfastTest
@Tag("G3")
final class TransactionUseTest extends TransactionFixture {

  TransactionUseTest(TestDatabase database) {
    super(database);
  }

  private static void isMisuse(Throwable failure) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRANSACTION_MISUSE));
  }

  /** Nobody sees one of the states changed and the other not, and nobody sees either before the commit. */
  @ParameterizedTest
  @EnumSource
  void whatSeveralStatesBecomeIsSeenTogether(Isolation level) {
    UUID id = holdfast.transaction(level, tx -> {
      state(tx, "a").set("k", 1);
      state(tx, "b").set("k", 1);
      assertThat(CompletableFuture.supplyAsync(
                  () -> state("a").version() + state("b").version())
              .join())
          .isZero();
      return tx.id();
    });

    assertThat(state("a").get("k")).contains(1);
    assertThat(state("b").get("k")).contains(1);
    assertThat(database.queryStrings(
            "SELECT name FROM holdfast.change_summary WHERE transaction_id = '" + id
                + "' ORDER BY name"))
        .containsExactly("a", "b");
  }

  @Test
  void anotherThreadIsRefused() {
    holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      State<Integer> state = state(tx, "a");
      List<Runnable> uses = List.of(
          () -> state.get("k"),
          state::snapshot,
          () -> state.set("k", 1),
          () -> state(tx, "b"),
          tx::connection,
          () -> tx.savepoint(inner -> 1));
      assertThat(uses)
          .allSatisfy(
              use -> assertThatThrownBy(() -> CompletableFuture.runAsync(use).join())
                  .cause()
                  .satisfies(TransactionUseTest::isMisuse));
      return state.set("k", 2);
    });

    assertThat(state("a").get("k")).contains(2);
    assertThat(state("a").version()).isOne();
  }

  @Test
  void afterItsEndItIsRefused() throws SQLException {
    List<Transaction> kept = new ArrayList<>();
    List<Connection> connections = new ArrayList<>();
    State<Integer> keptState = holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      kept.add(tx);
      connections.add(tx.connection());
      state(tx, "a").set("k", 1);
      return state(tx, "a");
    });

    Transaction over = kept.get(0);
    Connection connection = connections.get(0);
    assertThatThrownBy(() -> keptState.get("k")).satisfies(TransactionUseTest::isMisuse);
    assertThatThrownBy(() -> keptState.set("k", 2)).satisfies(TransactionUseTest::isMisuse);
    assertThatThrownBy(() -> state(over, "a")).satisfies(TransactionUseTest::isMisuse);
    assertThatThrownBy(() -> over.savepoint(inner -> 1)).satisfies(TransactionUseTest::isMisuse);
    assertThatThrownBy(over::connection).satisfies(TransactionUseTest::isMisuse);
    assertThatThrownBy(() -> connection.createStatement()).satisfies(TransactionUseTest::isMisuse);
    assertThat(state("a").get("k")).contains(1);
  }

  /** The store itself would not see what the transaction wrote, or wait for it for ever. */
  @Test
  void theStoreItselfIsRefusedForAStateThatTheTransactionUses() {
    holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      state(tx, "a").set("k", 1);
      assertThatThrownBy(() -> state("a").set("k", 2)).satisfies(TransactionUseTest::isMisuse);
      assertThatThrownBy(() -> state("a").get("k")).satisfies(TransactionUseTest::isMisuse);
      assertThatThrownBy(() -> state("a").snapshot()).satisfies(TransactionUseTest::isMisuse);
      return state("b").set("k", 3);
    });

    assertThat(state("a").get("k")).contains(1);
    assertThat(state("b").get("k")).contains(3);
  }

  /** A transaction inside a transaction is another one, on another connection; what would wait for the outer one for ever is refused. */
  @Test
  void aTransactionInsideATransactionDoesNotWaitForIt() {
    holdfast.transaction(Isolation.READ_COMMITTED, outer -> {
      state(outer, "a").set("k", 1);
      assertThatThrownBy(() -> holdfast.transaction(
              Isolation.READ_COMMITTED, inner -> state(inner, "a").set("k", 2)))
          .satisfies(TransactionUseTest::isMisuse);
      return holdfast.transaction(
          Isolation.READ_COMMITTED, inner -> state(inner, "b").set("k", 3));
    });

    assertThat(state("a").get("k")).contains(1);
    assertThat(state("b").get("k")).contains(3);
  }

  @Test
  void aReadOnlyTransactionRefusesToWrite() {
    state("a").set("k", 1);
    TransactionOptions options = TransactionOptions.of(Isolation.SERIALIZABLE).readOnly();

    assertThatThrownBy(() -> holdfast.transaction(options, tx -> state(tx, "a").set("k", 2)))
        .satisfies(TransactionUseTest::isMisuse);
    assertThatThrownBy(() -> holdfast.transaction(options, tx -> {
          try (Statement statement = tx.connection().createStatement()) {
            return statement.executeUpdate("DELETE FROM holdfast.change");
          }
        }))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("read-only");
    assertThat(state("a").get("k")).contains(1);
  }

  /** The work of each attempt starts from what is committed then, under an id of its own, and only the last one is in history. */
  @Test
  @Tag("G4")
  void everyAttemptStartsAfresh() {
    state("a").set("n", 0);
    List<UUID> ids = new ArrayList<>();
    List<Integer> seen = new ArrayList<>();

    int last = holdfast.transaction(Isolation.SERIALIZABLE, tx -> {
      ids.add(tx.id());
      seen.add(state(tx, "a").getRequired("n"));
      if (tx.attempt() < 4) {
        CompletableFuture.runAsync(() -> state("a").increment("n", 1)).join();
      }
      state(tx, "a").by("attempt-" + tx.attempt()).compute("n", n -> n == null ? 0 : n + 100);
      return tx.attempt();
    });

    assertThat(last).isEqualTo(4);
    assertThat(seen).containsExactly(0, 1, 2, 3);
    assertThat(ids).doesNotHaveDuplicates().hasSize(4);
    assertThat(state("a").get("n")).contains(103);
    assertThat(state("a").history().changes().get(0).actor()).contains("attempt-4");
    assertThat(holdfast.transactionMetrics().retried()).isEqualTo(3);
  }

  @Test
  @Tag("G4")
  void attemptsAreBoundedByTheirNumber() {
    state("a").set("n", 0);
    TransactionOptions twice = TransactionOptions.of(Isolation.REPEATABLE_READ).maxAttempts(2);

    assertThatThrownBy(() -> holdfast.transaction(twice, tx -> {
          state(tx, "a").get("n");
          CompletableFuture.runAsync(() -> state("a").increment("n", 1)).join();
          return state(tx, "a").set("n", -1);
        }))
        .isInstanceOfSatisfying(
            TransientException.class, e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(state("a").get("n")).contains(2);
  }

  @Test
  @Tag("G4")
  void attemptsAreBoundedByTheTimeOfAll() {
    state("a").set("n", 0);
    TransactionOptions brief = TransactionOptions.of(Isolation.REPEATABLE_READ)
        .maxAttempts(1000)
        .timeout(Duration.ofSeconds(3));

    assertThatThrownBy(() -> holdfast.transaction(brief, tx -> {
          state(tx, "a").get("n");
          CompletableFuture.runAsync(() -> state("a").increment("n", 1)).join();
          return state(tx, "a").set("n", -1);
        }))
        .isInstanceOf(TransientException.class);
    assertThat(state("a").getRequired("n")).isBetween(1, 999);
  }

  /** What the work itself throws is never a reason to run it again. */
  @Test
  @Tag("G4")
  void whatTheWorkThrowsIsNotRepeated() {
    List<Integer> attempts = new ArrayList<>();
    assertThatThrownBy(() -> holdfast.transaction(Isolation.SERIALIZABLE, tx -> {
          attempts.add(tx.attempt());
          state(tx, "a").set("k", 1);
          throw new IllegalStateException("no");
        }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no");

    assertThat(attempts).containsExactly(1);
    assertThat(state("a").version()).isZero();
  }

  @Test
  void sqlOfOnesOwnCommitsAndRollsBackTogetherWithTheStates() {
    database.execute("CREATE TABLE booking (id int PRIMARY KEY); GRANT ALL ON booking TO PUBLIC");
    TransactionOptions options = TransactionOptions.of(Isolation.SERIALIZABLE);

    assertThatThrownBy(() -> holdfast.transaction(options, tx -> {
          book(tx, 1);
          throw new IllegalStateException("no");
        }))
        .hasMessage("no");
    assertThat(database.queryLong("SELECT count(*) FROM booking")).isZero();
    assertThat(state("a").version()).isZero();

    assertThatSqlCommits(options);
  }

  private void assertThatSqlCommits(TransactionOptions options) {
    try {
      holdfast.transaction(options, tx -> book(tx, 1));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    assertThat(database.queryLong("SELECT count(*) FROM booking")).isOne();
    assertThat(state("a").get("booked")).contains(1);
    // The state's own table and the user's were written by one database transaction.
    assertThat(database.queryLong(
            "SELECT count(*) FROM booking b JOIN holdfast.change c ON c.xid::text = b.xmin::text"))
        .isOne();
  }

  private boolean book(Transaction transaction, int id) throws SQLException {
    state(transaction, "a").set("booked", id);
    try (Statement statement = transaction.connection().createStatement()) {
      return statement.execute("INSERT INTO booking VALUES (" + id + ")");
    }
  }

  @Test
  void whatEndsTheTransactionIsRefusedOnItsConnection() {
    holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      Connection connection = tx.connection();
      state(tx, "a").set("k", 1);
      assertThatThrownBy(connection::commit).satisfies(TransactionUseTest::isMisuse);
      assertThatThrownBy(connection::rollback).satisfies(TransactionUseTest::isMisuse);
      assertThatThrownBy(connection::close).satisfies(TransactionUseTest::isMisuse);
      assertThatThrownBy(() -> connection.setAutoCommit(true))
          .satisfies(TransactionUseTest::isMisuse);
      return true;
    });

    assertThat(state("a").get("k")).contains(1);
  }

  @Test
  void joinsTheTransactionOfACallersConnection() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("CREATE TABLE joined (id int)");
      holdfast.joinTransaction(connection, tx -> state(tx, "a").update(Map.of("x", 1, "y", 2)));
      assertThatThrownBy(() -> holdfast.joinTransaction(connection, tx -> {
            state(tx, "b").set("k", 1);
            throw new IllegalStateException("no");
          }))
          .hasMessage("no");
      assertThat(state("a").version()).isZero();
      connection.commit();
    }
    assertThat(state("a").snapshot().asMap()).isEqualTo(Map.of("x", 1, "y", 2));
    assertThat(state("b").version()).isZero();
    assertThat(database.queryLong("SELECT count(*) FROM joined")).isZero();
  }

  @Test
  void whatACallerRollsBackIsGone() throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      holdfast.joinTransaction(connection, tx -> state(tx, "a").set("k", 1));
      connection.rollback();
    }
    assertThat(state("a").version()).isZero();
    assertThat(state("a").set("k", 2)).isOne();
  }
}
