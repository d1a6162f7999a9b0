package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.LockTimeoutException;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionMetrics;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.management.ManagementFactory;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;

@HoldfastTest
@Tag("G3")
final class TransactionTest {

  private static final String NAMESPACE = "test";
  private static final int PATIENCE_SECONDS = 60;
  private static final TransactionOptions OPTIONS = TransactionOptions.of(Isolation.READ_COMMITTED);

  @AutoClose
  private final TestingStore testing;

  private final StateStore store;
  private final String name = TestingStore.newName();
  private final String other = TestingStore.newName();

  TransactionTest(TestDatabase database) {
    this.testing = TestingStore.on(database);
    this.store = testing.store();
  }

  private State<JsonNode> state() {
    return store.state(NAMESPACE, name);
  }

  private State<JsonNode> state(Transaction tx) {
    return tx.state(NAMESPACE, name);
  }

  @Test
  void changesOfSeveralStatesAreOneTransaction() {
    String result = store.transaction(OPTIONS, tx -> {
      assertThat(state(tx).by("a").set("k", json(1))).isEqualTo(1);
      assertThat(tx.state(NAMESPACE, other).by("b").set("k", json(2))).isEqualTo(1);
      assertThat(state(tx).by("c").because("why").append("list", "x")).isEqualTo(1);
      assertThat(state(tx).get("k")).contains(json(1));
      assertThat(state(tx).get("list")).contains(json(List.of("x")));
      assertThat(state(tx).version()).isEqualTo(1);
      return "done";
    });

    assertThat(result).isEqualTo("done");
    assertThat(state().snapshot().toJson()).isEqualTo(json(Map.of("k", 1, "list", List.of("x"))));
    List<Change<JsonNode>> changes = state().history().changes();
    assertThat(changes).extracting(Change::version).containsExactly(1L, 1L);
    assertThat(changes)
        .extracting(change -> change.origin().actor())
        .containsExactlyInAnyOrder("a", "c");
    assertThat(testing.query(
            "SELECT DISTINCT transaction_id::text FROM holdfast.change WHERE state_id IN (?, ?)",
            new StateId(NAMESPACE, name).uuid(),
            new StateId(NAMESPACE, other).uuid()))
        .hasSize(1);
  }

  @Test
  void whatThrowsUndoesEverything() {
    state().set("k", json(0));

    assertThatThrownBy(() -> store.transaction(OPTIONS, tx -> {
          state(tx).set("k", json(1));
          tx.state(NAMESPACE, other).set("k", json(2));
          throw new java.io.IOException("no");
        }))
        .isInstanceOf(java.io.IOException.class);

    assertThat(state().get("k")).contains(json(0));
    assertThat(state().version()).isEqualTo(1);
    assertThat(store.state(NAMESPACE, other).version()).isZero();
  }

  @Test
  void theLastWriteOfAKeyIsTheOneThatCounts() {
    state().set("old", json(0));

    store.transaction(OPTIONS, tx -> {
      State<JsonNode> state = state(tx);
      state.set("a", json(1));
      state.set("a", json(2));
      state.set("b", json(1));
      assertThat(state.delete("b")).isTrue();
      assertThat(state.delete("b")).isFalse();
      assertThat(state.delete("old")).isTrue();
      assertThat(state.keys()).containsExactly("a");
      assertThat(state.compute("a", a -> json(a.intValue() + 1))).contains(json(3));
      return state.increment("n", 5);
    });

    assertThat(state().snapshot().toJson()).isEqualTo(json(Map.of("a", 3, "n", 5)));
    assertThat(state().version()).isEqualTo(2);
  }

  @Test
  void appendsOfOneTransactionAreJoinedInOrder() {
    state().append("list", 1);
    store.transaction(OPTIONS, tx -> {
      state(tx).by("a").append("list", 2);
      state(tx).set("made", json(List.of()));
      state(tx).append("made", 1);
      assertThatThrownBy(() -> tx.savepoint(inner -> {
            state(inner).append("list", "undone");
            state(inner).append("made", "undone");
            throw new IllegalStateException("no");
          }))
          .isInstanceOf(IllegalStateException.class);
      state(tx).append("made", 2);
      state(tx).by("b").append("list", 3);
      assertThat(state(tx).get("made")).contains(json(List.of(1, 2)));
      assertThat(state(tx).get("list")).contains(json(List.of(1, 2, 3)));
      state(tx).append("list", 4);
      state(tx).append("made", 3);
      return state(tx).delete("gone");
    });

    assertThat(state().snapshot().toJson())
        .isEqualTo(json(Map.of("list", List.of(1, 2, 3, 4), "made", List.of(1, 2, 3))));
    assertThat(testing.query(
            "SELECT form FROM holdfast.change WHERE state_id = ? AND version = 2 ORDER BY key",
            state().id().uuid()))
        .containsExactly("append", "value");
  }

  /** As with a list of the language: a thousand times as many take a thousand times as long, and not a million. */
  @Test
  void manyAppendsOfOneTransactionCopyNothingEachTime() {
    JsonNode element = json("x".repeat(500));
    int count = 4_000;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    store.transaction(OPTIONS, tx -> {
      state(tx).set("made", json(List.of()));
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < count; i++) {
        state(tx).append("made", element);
        state(tx).append("list", element);
      }
      // Joined each time they would be copied 4,000 times 1 MB, for each list.
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000_000_000L);
      return count;
    });
    assertThat(state().get("list").orElseThrow()).hasSize(count);
    assertThat(state().get("made").orElseThrow()).hasSize(count);
  }

  @Test
  void appendsAndPatchesStayDeltas() {
    state().set("list", json(List.of(1)));
    state().set("object", json(Map.of("a", 1, "long", "x".repeat(200))));

    store.transaction(OPTIONS, tx -> {
      state(tx).append("list", 2);
      state(tx).append("list", 3);
      state(tx).patch("object", JsonPatch.parse("[{\"op\":\"add\",\"path\":\"/b\",\"value\":2}]"));
      assertThat(state(tx).get("object").orElseThrow().get("b")).isEqualTo(json(2));
      assertThat(state(tx).getRequired("list")).isEqualTo(json(List.of(1, 2, 3)));
      return 0;
    });

    assertThat(state().getRequired("list")).isEqualTo(json(List.of(1, 2, 3)));
    assertThat(state().get("object").orElseThrow().get("b")).isEqualTo(json(2));
    assertThat(testing.query(
            "SELECT form FROM holdfast.change WHERE state_id = ? AND version = 3 ORDER BY key",
            state().id().uuid()))
        .containsExactly("append", "patch");
  }

  @Test
  void anAppendToWhatIsNoArrayFailsAtTheCommit() {
    state().set("k", json("text"));

    assertThatThrownBy(() -> store.transaction(OPTIONS, tx -> {
          state(tx).append("k", 1);
          return tx.state(NAMESPACE, other).set("x", json(1));
        }))
        .isInstanceOf(ValueTypeException.class)
        .hasMessageContaining("k");

    assertThat(store.state(NAMESPACE, other).version()).isZero();
  }

  @Test
  void rollbackAndClearWorkOnWhatIsPendingToo() {
    long one = state().set("a", json(1));
    state().update(Map.of("a", json(2), "b", json(2)));

    store.transaction(OPTIONS, tx -> {
      state(tx).set("c", json(3));
      assertThat(state(tx).rollback(one)).isEqualTo(3);
      assertThat(state(tx).snapshot().toJson()).isEqualTo(json(Map.of("a", 1)));
      state(tx).clear();
      assertThat(state(tx).keys()).isEmpty();
      assertThat(state(tx).rollback(2)).isEqualTo(3);
      assertThatThrownBy(() -> state(tx).rollback(4)).isInstanceOf(StateVersionException.class);
      return 0;
    });

    assertThat(state().snapshot().toJson()).isEqualTo(json(Map.of("a", 2, "b", 2)));
    assertThat(state().history().changes())
        .filteredOn(change -> change.version() == 3)
        .extracting(Change::operation)
        .containsOnly(Operation.ROLLBACK);
  }

  @Test
  void compareAndSetComparesWithTheVersionThatTheTransactionSees() {
    long one = state().set("a", json(1));

    store.transaction(OPTIONS, tx -> {
      assertThat(state(tx).compareAndSet(one, Changes.set("a", json(2)))).isEqualTo(2);
      assertThatThrownBy(() -> state(tx).compareAndSet(one, Changes.set("a", json(3))))
          .isInstanceOf(ConflictException.class);
      return state(tx).compareAndSet(2, Changes.set("a", json(4)));
    });

    assertThat(state().get("a")).contains(json(4));
  }

  @Test
  void aSavepointUndoesItsPartOnly() {
    store.transaction(OPTIONS, tx -> {
      state(tx).set("a", json(1));
      assertThatThrownBy(() -> tx.savepoint(inner -> {
            state(inner).set("a", json(2));
            inner.state(NAMESPACE, other).set("x", json(1));
            throw new IllegalStateException("undo");
          }))
          .hasMessage("undo");
      assertThat(state(tx).get("a")).contains(json(1));
      assertThat(tx.state(NAMESPACE, other).has("x")).isFalse();
      return tx.<Long, RuntimeException>savepoint(inner -> state(inner).set("b", json(1)));
    });

    assertThat(state().snapshot().toJson()).isEqualTo(json(Map.of("a", 1, "b", 1)));
    assertThat(store.state(NAMESPACE, other).version()).isZero();
    assertThat(store.transactionMetrics()).isEqualTo(new TransactionMetrics(1, 0, 0, 1, 0));
  }

  @Test
  void aWriteCostsAsMuchHoweverManyAreBeforeIt() {
    store.transaction(OPTIONS, tx -> {
      long first = allocatedBy(tx, 0);
      long last = 0;
      for (int i = 1; i < 10; i++) {
        last = allocatedBy(tx, i);
      }
      assertThat(last).isLessThan(3 * first);
      return true;
    });
    assertThat(state().size()).isEqualTo(10_000);
  }

  /** How many bytes of memory a thousand writes to new keys take. */
  private long allocatedBy(Transaction tx, int thousand) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 1_000; i++) {
      state(tx).set("key " + (1_000 * thousand + i), json(i));
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void aLockTimeoutInsideASavepointLeavesTheRestAlone() throws Exception {
    state().set("a", json(0));
    store.state(NAMESPACE, other).set("x", json(0));
    CompletableFuture<Void> locked = new CompletableFuture<>();
    CompletableFuture<Void> release = new CompletableFuture<>();
    CompletableFuture<Void> holder =
        CompletableFuture.runAsync(() -> store.transaction(OPTIONS, tx -> {
          tx.state(NAMESPACE, other).set("x", json(1));
          locked.complete(null);
          return release.join();
        }));
    locked.join();

    store.transaction(OPTIONS.lockTimeout(Duration.ofMillis(50)), tx -> {
      state(tx).set("a", json(1));
      assertThatThrownBy(
              () -> tx.savepoint(inner -> inner.state(NAMESPACE, other).set("x", json(2))))
          .isInstanceOf(LockTimeoutException.class);
      return state(tx).set("b", json(1));
    });
    release.complete(null);
    holder.get();

    assertThat(state().snapshot().toJson()).isEqualTo(json(Map.of("a", 1, "b", 1)));
    assertThat(store.state(NAMESPACE, other).get("x")).contains(json(1));
  }

  @Test
  void aFailureThatWasSwallowedIsNotCommittedOver() {
    assertThatThrownBy(() -> store.transaction(OPTIONS, tx -> {
          state(tx).set("a", json(1));
          try (Statement statement = tx.connection().createStatement()) {
            statement.execute("SELECT 1 / 0");
          } catch (SQLException e) {
            assertThat(e.getMessage()).contains("division");
          }
          return 0;
        }))
        .isInstanceOf(HoldfastException.class);

    assertThat(state().version()).isZero();
  }

  @Test
  void sqlOfTheCallerSharesTheTransaction() throws SQLException {
    testing.execute("CREATE TABLE IF NOT EXISTS mine (n integer); GRANT ALL ON mine TO PUBLIC");

    assertThatThrownBy(() -> store.transaction(OPTIONS, tx -> {
          try (Statement statement = tx.connection().createStatement()) {
            statement.execute("INSERT INTO mine VALUES (1)");
          }
          state(tx).set("a", json(1));
          throw new IllegalStateException("undo");
        }))
        .hasMessage("undo");
    assertThat(testing.query("SELECT n::text FROM mine")).isEmpty();

    store.transaction(OPTIONS, tx -> {
      state(tx).set("a", json(1));
      assertThatThrownBy(() -> tx.connection().commit()).satisfies(this::isMisuse);
      assertThatThrownBy(() -> tx.connection().close()).satisfies(this::isMisuse);
      try (Statement statement = tx.connection().createStatement()) {
        return statement.executeUpdate("INSERT INTO mine VALUES (2)");
      }
    });
    assertThat(testing.query("SELECT n::text FROM mine")).containsExactly("2");
    assertThat(state().version()).isEqualTo(1);
  }

  /** However the connection is come by, and what the way leads through works. */
  @Test
  void noWayLeadsRoundTheTransaction() throws SQLException {
    store.transaction(OPTIONS, tx -> {
      Connection connection = tx.connection();
      state(tx).set("a", json(1));
      try (PreparedStatement prepared = connection.prepareStatement("SELECT ?::int, ARRAY[1, 2]");
          Statement statement = connection.createStatement()) {
        prepared.setInt(1, 7);
        try (ResultSet row = prepared.executeQuery()) {
          assertThat(row.next()).isTrue();
          assertThat(row.getInt(1)).isEqualTo(7);
          assertThat(row.getStatement()).isInstanceOf(PreparedStatement.class);
          ResultSet tables = connection.getMetaData().getTables(null, null, "none", null);
          for (Connection same : List.of(
              prepared.getConnection(),
              statement.getConnection(),
              connection.getMetaData().getConnection(),
              row.getStatement().getConnection(),
              tables.getStatement().getConnection(),
              elements(row.getArray(2)).getStatement().getConnection(),
              elements((Array) row.getObject(2)).getStatement().getConnection(),
              elements(row.getObject(2, Array.class)).getStatement().getConnection())) {
            assertThat(same).isEqualTo(connection);
            assertThatThrownBy(same::commit).satisfies(this::isMisuse);
            assertThatThrownBy(same::rollback).satisfies(this::isMisuse);
          }
        }
        assertThat(statement).isNotEqualTo(prepared);
        assertThat(connection.isWrapperFor(PGConnection.class)).isTrue();
        assertThat(connection.unwrap(PGConnection.class).getBackendPID()).isPositive();
        assertThatThrownBy(() -> prepared.setInt(2, 7)).isInstanceOf(SQLException.class);
      }
      return 0;
    });
    assertThat(state().version()).isEqualTo(1);
  }

  private static ResultSet elements(Array array) throws SQLException {
    return array.getResultSet();
  }

  /** Arrays lead back to the connection, so they are not the driver's own; it has to take them all the same. */
  @Test
  void arraysOfTheConnectionCanBeSent() throws SQLException {
    Map<String, Object[]> arrays = Map.of(
        "int4", new Object[] {1, null, 3},
        "float8", new Object[] {0.1, Double.NaN},
        "text", new Object[] {"a", "\"{,}", null},
        "uuid", new Object[] {new UUID(1, 2)},
        "bytea", new byte[][] {{0, 1}, {-1}});
    store.transaction(OPTIONS, tx -> {
      for (Map.Entry<String, Object[]> array : arrays.entrySet()) {
        String type = array.getKey();
        try (PreparedStatement echo =
            tx.connection().prepareStatement("SELECT ?::" + type + "[], ?::" + type + "[]")) {
          Array given = tx.connection().createArrayOf(type, array.getValue());
          // More often than it takes for the driver to send and receive binary.
          for (int i = 0; i < 7; i++) {
            echo.setArray(1, given);
            echo.setObject(2, given);
            try (ResultSet row = echo.executeQuery()) {
              assertThat(row.next()).isTrue();
              assertThat(Objects.deepEquals(row.getArray(1).getArray(), array.getValue()))
                  .as(type)
                  .isTrue();
              assertThat(Objects.deepEquals(row.getArray(2).getArray(), array.getValue()))
                  .as(type)
                  .isTrue();
              given = row.getArray(1);
            }
          }
        }
      }
      return 0;
    });
  }

  private void isMisuse(Throwable e) {
    assertThat(e).isInstanceOf(HoldfastException.class);
    assertThat(((HoldfastException) e).code()).isEqualTo(ErrorCode.TRANSACTION_MISUSE);
  }

  @Test
  void misuseIsNamed() {
    List<Transaction> leaked = new ArrayList<>();
    List<State<JsonNode>> leakedState = new ArrayList<>();

    store.transaction(OPTIONS, tx -> {
      leaked.add(tx);
      leakedState.add(state(tx));
      state(tx).set("a", json(1));
      assertThatThrownBy(() -> state().get("a")).satisfies(this::isMisuse);
      assertThatThrownBy(() -> state().set("a", json(2))).satisfies(this::isMisuse);
      assertThatThrownBy(() -> store.transaction(OPTIONS, inner -> state(inner).set("a", json(1))))
          .satisfies(this::isMisuse);
      assertThatThrownBy(
              () -> CompletableFuture.runAsync(() -> state(tx).get("a")).join())
          .cause()
          .satisfies(this::isMisuse)
          .hasMessageContaining("belongs to thread");
      assertThatThrownBy(() -> state(tx).clearHistory()).satisfies(this::isMisuse);
      assertThatThrownBy(() -> state(tx).compute("a", a -> {
            state(tx).set("a", json(7));
            return a;
          }))
          .satisfies(this::isMisuse);
      return store.state(NAMESPACE, other).set("independent", json(1));
    });

    assertThatThrownBy(() -> leaked.get(0).state(NAMESPACE, name)).satisfies(this::isMisuse);
    assertThatThrownBy(() -> leakedState.get(0).get("a")).satisfies(this::isMisuse);
    assertThatThrownBy(() ->
            store.transaction(OPTIONS.readOnly(), tx -> state(tx).set("a", json(1))))
        .satisfies(this::isMisuse);
    assertThat(state().version()).isEqualTo(1);
  }

  @Test
  @Tag("G4")
  void aSerializationFailureRunsTheWholeWorkAgain() {
    state().set("a", json(0));
    List<Integer> attempts = new ArrayList<>();

    store.transaction(Isolation.REPEATABLE_READ, tx -> {
      attempts.add(tx.attempt());
      state(tx).get("a");
      if (tx.attempt() == 1) {
        CompletableFuture.runAsync(() -> state().set("a", json(1))).join();
      }
      return state(tx).compute("a", a -> json(a.intValue() + 10));
    });

    assertThat(attempts).containsExactly(1, 2);
    assertThat(state().get("a")).contains(json(11));
    assertThat(store.transactionMetrics().retried()).isEqualTo(1);
  }

  @Test
  @Tag("G4")
  void attemptsAreBoundedAndTheFailuresOfAllAreShown() {
    state().set("a", json(0));

    assertThatThrownBy(() ->
            store.transaction(TransactionOptions.of(Isolation.SERIALIZABLE).maxAttempts(3), tx -> {
              state(tx).get("a");
              CompletableFuture.runAsync(() -> state().increment("a", 1)).join();
              return state(tx).set("a", json(-1));
            }))
        .isInstanceOf(TransientException.class)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));

    assertThat(state().get("a")).contains(json(3));
  }

  @Test
  @Tag("G4")
  void anExceptionThatEveryAttemptThrowsReachesTheCaller() {
    RuntimeException same = new IllegalStateException(new SQLException("again", "40001"));

    assertThatThrownBy(() -> store.transaction(OPTIONS.maxAttempts(3), tx -> {
          throw same;
        }))
        .isSameAs(same)
        .hasNoSuppressedExceptions();

    assertThat(store.transactionMetrics().retried()).isEqualTo(2);
  }

  /** Both hold the state that the other one wants next, so one of them has to give way. */
  @Test
  @Tag("G4")
  void aDeadlockIsBrokenAndRunAgain() throws Exception {
    CyclicBarrier bothHoldTheFirst = new CyclicBarrier(2);
    Concurrently.run(
        List.of(crossing(bothHoldTheFirst, name, other), crossing(bothHoldTheFirst, other, name)));

    assertThat(state().get("n")).contains(json(2));
    assertThat(store.state(NAMESPACE, other).get("n")).contains(json(2));
    assertThat(store.transactionMetrics().retried()).isPositive();
  }

  private Callable<?> crossing(CyclicBarrier bothHoldTheFirst, String first, String second) {
    return () -> store.transaction(OPTIONS, tx -> {
      tx.state(NAMESPACE, first).increment("n", 1);
      if (tx.attempt() == 1) {
        bothHoldTheFirst.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      return tx.state(NAMESPACE, second).increment("n", 1);
    });
  }

  @Test
  void theWholeTimeoutEndsAStatementAndAnIdleTransaction() {
    TransactionOptions short_ = OPTIONS.timeout(Duration.ofMillis(200));

    assertThatThrownBy(() -> store.transaction(short_, tx -> {
          try (Statement statement = tx.connection().createStatement()) {
            return statement.execute("SELECT pg_sleep(60)");
          }
        }))
        .isInstanceOf(Exception.class);
    assertThatThrownBy(() -> store.transaction(short_, tx -> {
          state(tx).set("a", json(1));
          Thread.sleep(400);
          return 0;
        }))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("timeout");
    assertThat(state().version()).isZero();
  }

  @Test
  void aStatementTimeoutCancels() {
    assertThatThrownBy(() ->
            store.transaction(OPTIONS.statementTimeout(Duration.ofMillis(50)), tx -> {
              try (Statement statement = tx.connection().createStatement();
                  ResultSet rows = statement.executeQuery("SELECT pg_sleep(60)")) {
                return rows.next();
              }
            }))
        .hasMessageContaining("statement timeout");
  }

  @Test
  void aStatementOfTheCallerHasNoMoreTimeThanTheTransaction() throws SQLException {
    TransactionOptions options =
        OPTIONS.timeout(Duration.ofMinutes(1)).statementTimeout(Duration.ofHours(1));

    long millis = store.transaction(options, tx -> {
      try (Statement statement = tx.connection().createStatement();
          ResultSet row = statement.executeQuery(
              "SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'")) {
        row.next();
        return row.getLong(1);
      }
    });

    assertThat(millis).isBetween(1L, 60_000L);
  }

  /** The server counts in milliseconds of 32 bits, which is less than a month. */
  @Test
  void aTimeoutMayBeLongerThanTheServerCanCount() {
    Duration month = Duration.ofDays(30);
    Duration longest = Duration.ofNanos(Long.MAX_VALUE);
    for (TransactionOptions options : List.of(
        OPTIONS.timeout(month),
        OPTIONS.timeout(longest),
        OPTIONS.statementTimeout(month),
        OPTIONS.lockTimeout(longest))) {
      store.transaction(options, tx -> state(tx).increment("n", 1));
    }

    assertThat(state().get("n")).contains(json(4));
  }

  @Test
  void joinsATransactionOfTheCaller() throws Exception {
    try (Connection connection = testing.connection()) {
      assertThatThrownBy(() -> store.joinTransaction(connection, tx -> 0))
          .hasMessageContaining("auto-commit");
      connection.setAutoCommit(false);
      store.joinTransaction(connection, tx -> state(tx).set("a", json(1)));
      store.joinTransaction(connection, tx -> state(tx).set("b", json(1)));
      assertThatThrownBy(() -> store.joinTransaction(connection, tx -> {
            state(tx).set("c", json(1));
            throw new IllegalStateException("undo");
          }))
          .hasMessage("undo");
      assertThat(state().version()).isZero();
      connection.commit();
    }
    assertThat(state().keys()).containsExactly("a", "b");
    assertThat(state().version()).isEqualTo(2);
  }

  @Test
  void nothingWrittenIsNoVersion() {
    store.transaction(OPTIONS, tx -> {
      assertThat(state(tx).delete("absent")).isFalse();
      assertThat(state(tx).update(Map.of())).isZero();
      assertThat(state(tx).clear()).isZero();
      return 0;
    });

    assertThat(state().version()).isZero();
  }

  @Test
  void whatIsWrittenAndDeletedAgainLeavesARecord() {
    long version = store.transaction(OPTIONS, tx -> {
      state(tx).set("a", json(1));
      state(tx).delete("a");
      return state(tx).version();
    });

    assertThat(state().version()).isEqualTo(version);
    assertThat(state().history().changes())
        .extracting(Change::operation)
        .containsExactly(Operation.DELETE);
  }
}
