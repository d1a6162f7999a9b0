package dev.holdfast.integration.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.LockTimeoutException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.StateKeyException;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a savepoint undoes and what it leaves, case by case, at all levels where it could differ. */
@HoldfastTest
@Tag("G3")
final class SavepointTest extends TransactionFixture {

  SavepointTest(TestDatabase database) {
    super(database);
  }

  private Map<String, Integer> content(String name) {
    return new TreeMap<>(state(name).snapshot().asMap());
  }

  @ParameterizedTest
  @EnumSource
  void theInnerFailsAndTheOuterCommits(Isolation level) {
    holdfast.transaction(level, tx -> {
      state(tx, "a").set("before", 1);
      assertThatThrownBy(() -> tx.savepoint(inner -> {
            state(inner, "a").set("inside", 2);
            state(inner, "a").set("before", 2);
            state(inner, "b").set("inside", 2);
            throw new UndoException();
          }))
          .isInstanceOf(UndoException.class);
      return state(tx, "a").set("after", 3);
    });

    assertThat(content("a")).isEqualTo(Map.of("before", 1, "after", 3));
    assertThat(state("a").version()).isOne();
    assertThat(state("b").version()).isZero();
    assertThat(state("b").history().changes()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void theInnerSucceedsAndTheOuterFails(Isolation level) {
    assertThatThrownBy(() -> holdfast.transaction(level, tx -> {
          tx.savepoint(inner -> state(inner, "a").set("inside", 2));
          assertThat(state(tx, "a").get("inside")).contains(2);
          throw new UndoException();
        }))
        .isInstanceOf(UndoException.class);

    assertThat(state("a").version()).isZero();
    assertThat(holdfast.transactionMetrics().rolledBack()).isOne();
  }

  /** Three levels, each of which writes before and after the next; one of them fails at its end, and those inside it are undone too. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void ofThreeLevelsTheOneThatFailsIsUndoneWithThoseInside(int failing) {
    holdfast.transaction(Isolation.SERIALIZABLE, tx -> {
      nest(tx, 1, failing);
      return true;
    });

    Map<String, Integer> expected = new TreeMap<>();
    for (int level = 1; level < Math.min(failing, 4); level++) {
      expected.put("before-" + level, level);
      expected.put("after-" + level, level);
    }
    assertThat(content("a")).isEqualTo(expected);
    assertThat(content("b")).isEqualTo(expected);
  }

  private void nest(Transaction transaction, int level, int failing) {
    if (level > 3) {
      return;
    }
    try {
      transaction.savepoint(inner -> {
        write(inner, "before-" + level, level);
        nest(inner, level + 1, failing);
        write(inner, "after-" + level, level);
        if (level == failing) {
          throw new UndoException();
        }
        return true;
      });
    } catch (UndoException e) {
      assertThat(level).isEqualTo(failing);
    }
  }

  private void write(Transaction transaction, String key, int value) {
    state(transaction, "a").set(key, value);
    state(transaction, "b").set(key, value);
  }

  @Test
  void anErrorThatIsCaughtInsideUndoesNothing() {
    holdfast.transaction(
        Isolation.READ_COMMITTED,
        tx -> tx.savepoint(inner -> {
          state(inner, "a").set("k", 1);
          assertThatThrownBy(() -> state(inner, "a").getRequired("absent"))
              .isInstanceOf(StateKeyException.class);
          assertThatThrownBy(() -> state(inner, "a").set("", 1))
              .isInstanceOf(HoldfastException.class);
          return true;
        }));

    assertThat(content("a")).isEqualTo(Map.of("k", 1));
  }

  /** PostgreSQL goes on only from a savepoint after a statement failed: who swallows that must not be told that all is well. */
  @Test
  void aFailedStatementThatIsCaughtInsideStillFailsTheSavepoint() {
    holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      state(tx, "a").set("before", 1);
      assertThatThrownBy(() -> tx.savepoint(inner -> {
            state(inner, "a").set("inside", 2);
            assertThatThrownBy(() -> execute(inner, "SELECT 1 / 0"))
                .isInstanceOf(SQLException.class);
            return state(inner, "a").version();
          }))
          .isInstanceOf(HoldfastException.class);
      return state(tx, "a").set("after", 3);
    });

    assertThat(content("a")).isEqualTo(Map.of("before", 1, "after", 3));
  }

  @Test
  void aCheckedExceptionReachesTheCallerAsItIs() {
    assertThatThrownBy(() -> holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
          state(tx, "a").set("k", 1);
          return tx.savepoint(inner -> {
            throw new IOException("disk");
          });
        }))
        .isInstanceOf(IOException.class)
        .hasMessage("disk");

    assertThat(state("a").version()).isZero();
  }

  @Test
  void aLockThatIsNotGrantedInsideLeavesTheOuterWhole() throws SQLException {
    state("busy").set("k", 1);
    TransactionOptions options =
        TransactionOptions.of(Isolation.READ_COMMITTED).lockTimeout(Duration.ofMillis(100));
    try (Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT * FROM holdfast.state FOR UPDATE");

      holdfast.transaction(options, tx -> {
        state(tx, "free").set("before", 1);
        assertThatThrownBy(() -> tx.savepoint(inner -> {
              state(inner, "free").set("inside", 2);
              return state(inner, "busy").set("k", 2);
            }))
            .isInstanceOf(LockTimeoutException.class);
        assertThat(state(tx, "busy").get("k")).contains(1);
        return state(tx, "free").set("after", 3);
      });
      other.rollback();
    }
    assertThat(content("free")).isEqualTo(Map.of("before", 1, "after", 3));
    assertThat(content("busy")).isEqualTo(Map.of("k", 1));
  }

  /** What was locked only inside can be written by others as soon as it is undone. */
  @Test
  void theLocksOfWhatWasUndoneAreGivenBack() {
    state("a").set("k", 0);
    holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      assertThatThrownBy(() -> tx.savepoint(inner -> {
            state(inner, "a").set("k", 1);
            throw new UndoException();
          }))
          .isInstanceOf(UndoException.class);
      CompletableFuture.runAsync(() -> state("a").set("k", 2))
          .orTimeout(10, TimeUnit.SECONDS)
          .join();
      assertThat(state(tx, "a").get("k")).contains(2);
      return state(tx, "a").compute("k", k -> k == null ? 0 : k + 10);
    });

    assertThat(content("a")).isEqualTo(Map.of("k", 12));
    assertThat(state("a").version()).isEqualTo(3);
  }

  /** The version that was undone is given out again, with other content: nothing that remembers versions may mistake one for the other. */
  @Test
  void snapshotsDoNotMistakeAVersionForTheOneThatWasUndone() {
    state("a").set("k", 0);
    Snapshot<Integer> outside = state("a").snapshot();

    holdfast.transaction(Isolation.REPEATABLE_READ, tx -> {
      assertThatThrownBy(() -> tx.savepoint(inner -> {
            assertThat(state(inner, "a").set("undone", 1)).isEqualTo(2);
            assertThat(state(inner, "a").snapshot().asMap()).isEqualTo(Map.of("k", 0, "undone", 1));
            throw new UndoException();
          }))
          .isInstanceOf(UndoException.class);
      assertThat(state(tx, "a").version()).isOne();
      assertThat(state(tx, "a").snapshot()).isEqualTo(outside);
      assertThat(state(tx, "a").set("kept", 2)).isEqualTo(2);
      return assertThat(state(tx, "a").snapshot().asMap()).isEqualTo(Map.of("k", 0, "kept", 2));
    });

    assertThat(outside.asMap()).isEqualTo(Map.of("k", 0));
    assertThat(state("a").snapshot().asMap()).isEqualTo(Map.of("k", 0, "kept", 2));
    assertThat(state("a").at(2).asMap()).isEqualTo(Map.of("k", 0, "kept", 2));
    assertThat(state("a").at(1)).isEqualTo(outside);
    assertThat(state("a").history().changes()).extracting(Change::key).containsExactly("kept", "k");
  }

  /** The same when the whole transaction was undone. */
  @Test
  void snapshotsDoNotMistakeAVersionForThatOfATransactionThatWasUndone() {
    state("a").set("k", 0);
    Snapshot<Integer> before = state("a").snapshot();
    assertThatThrownBy(() -> holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
          state(tx, "a").set("undone", 1);
          assertThat(state(tx, "a").snapshot().version()).isEqualTo(2);
          throw new UndoException();
        }))
        .isInstanceOf(UndoException.class);

    assertThat(state("a").snapshot()).isEqualTo(before);
    assertThat(state("a").set("kept", 2)).isEqualTo(2);
    assertThat(state("a").snapshot().asMap()).isEqualTo(Map.of("k", 0, "kept", 2));
  }

  @Test
  void sqlOfOnesOwnIsUndoneWithTheRest() throws SQLException {
    database.execute("CREATE TABLE note (text text); GRANT ALL ON note TO PUBLIC");
    holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      execute(tx, "INSERT INTO note VALUES ('before')");
      assertThatThrownBy(() -> tx.savepoint(inner -> {
            execute(inner, "INSERT INTO note VALUES ('inside')");
            state(inner, "a").set("inside", 1);
            throw new UndoException();
          }))
          .isInstanceOf(UndoException.class);
      return state(tx, "a").set("after", 1);
    });

    assertThat(database.queryStrings("SELECT text FROM note")).containsExactly("before");
    assertThat(content("a")).isEqualTo(Map.of("after", 1));
  }

  private static boolean execute(Transaction transaction, String sql) throws SQLException {
    try (Statement statement = transaction.connection().createStatement()) {
      return statement.execute(sql);
    }
  }

  private static final class UndoException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
