package dev.holdfast.integration.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.State;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Write skew through decisions that leave no trace: two transactions each look at one thing by a call that may write nothing, and then
 * change what the other looked at. PostgreSQL lets both commit at SERIALIZABLE when the look is an {@code INSERT … ON CONFLICT} that does
 * nothing; Holdfast must not, whichever of its calls is the look.
 */
@HoldfastTest
@Tag("G3")
final class DecisionSkewTest extends StageFixture {

  DecisionSkewTest(TestDatabase database) {
    super(database);
  }

  /** Each looks at its own row, finds it there, and removes the other one: one after the other, one of them would find nothing. */
  @ParameterizedTest
  @EnumSource
  void bothFindTheirRowAndRemoveTheOther(Look look) {
    Stage stage = stage("present " + look, Isolation.SERIALIZABLE).withRows();
    int committed = play(
        stage,
        tx -> assertThat(look.isPresent(stage.row(tx, "1"))).isTrue(),
        tx -> stage.row(tx, "2").delete("value"),
        tx -> assertThat(look.isPresent(stage.row(tx, "2"))).isTrue(),
        tx -> stage.row(tx, "1").delete("value"));

    assertThat(committed).isEqualTo(1);
    assertThat(stage.row("1").size() + stage.row("2").size()).isEqualTo(1);
  }

  /** Each looks at its own row, which was never written, and makes the other one. */
  @ParameterizedTest
  @EnumSource
  void bothMissTheirRowAndMakeTheOther(Look look) {
    Stage stage = stage("absent " + look, Isolation.SERIALIZABLE);
    int committed = play(
        stage,
        tx -> assertThat(look.isPresent(stage.row(tx, "1"))).isFalse(),
        tx -> stage.set(tx, "2", 1),
        tx -> assertThat(look.isPresent(stage.row(tx, "2"))).isFalse(),
        tx -> stage.set(tx, "1", 1));

    assertThat(committed).isEqualTo(1);
  }

  /** Looks inside a savepoint that is undone, with the lock that the look may have taken. */
  @ParameterizedTest
  @EnumSource
  void whatWasSeenInAnUndoneSavepointCounts(Look look) {
    Stage stage = stage("savepoint " + look, Isolation.SERIALIZABLE).withRows();
    int committed = play(
        stage,
        tx -> lookAndUndo(tx, look, stage, "1"),
        tx -> stage.set(tx, "2", 21),
        tx -> lookAndUndo(tx, look, stage, "2"),
        tx -> stage.set(tx, "1", 11));

    assertThat(committed).isEqualTo(1);
  }

  private static void lookAndUndo(Transaction transaction, Look look, Stage stage, String row) {
    try {
      transaction.savepoint(inner -> {
        assertThat(look.isPresent(stage.row(inner, row))).isTrue();
        throw new UndoException();
      });
    } catch (UndoException e) {
      assertThat(transaction.attempt()).isOne();
    }
  }

  /** The control: below SERIALIZABLE the plain look lets both commit. */
  @ParameterizedTest
  @EnumSource(names = {"READ_COMMITTED", "REPEATABLE_READ"})
  void belowSerializableBothCommit(Isolation level) {
    Stage stage = stage("control", level).withRows();
    int committed = play(
        stage,
        tx -> assertThat(Look.HAS.isPresent(stage.row(tx, "1"))).isTrue(),
        tx -> stage.row(tx, "2").delete("value"),
        tx -> assertThat(Look.HAS.isPresent(stage.row(tx, "2"))).isTrue(),
        tx -> stage.row(tx, "1").delete("value"));

    assertThat(committed).isEqualTo(2);
    assertThat(stage.row("1").size() + stage.row("2").size()).isZero();
  }

  /** The control: with SQL of one's own that decides by ON CONFLICT, PostgreSQL 18 lets both commit at SERIALIZABLE, or has been cured. */
  @Test
  void theHoleThatHoldfastMustNotHave() {
    database().execute("""
        CREATE TABLE choice (name text PRIMARY KEY, taken boolean NOT NULL);
        INSERT INTO choice VALUES ('1', false), ('2', false);
        GRANT ALL ON choice TO PUBLIC""");
    Stage stage = stage("hole", Isolation.SERIALIZABLE);
    int committed = play(
        stage,
        tx -> execute(tx, "INSERT INTO choice VALUES ('1', true) ON CONFLICT DO NOTHING"),
        tx -> execute(tx, "DELETE FROM choice WHERE name = '2'"),
        tx -> execute(tx, "INSERT INTO choice VALUES ('2', true) ON CONFLICT DO NOTHING"),
        tx -> execute(tx, "DELETE FROM choice WHERE name = '1'"));
    System.out.println("PostgreSQL " + database().serverVersion() + " commits " + committed
        + " of 2 transactions that skew by ON CONFLICT DO NOTHING");

    assertThat(database().queryLong("SELECT count(*) FROM choice")).isEqualTo(2 - committed);
  }

  private static void execute(Transaction transaction, String sql) {
    try {
      Connection connection = transaction.connection();
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Both look, both change, both commit as far as they get; locks may make one wait for the other, or break a deadlock. */
  private static int play(
      Stage stage, Step firstLook, Step firstChange, Step secondLook, Step secondChange) {
    Session one = stage.begin();
    Session two = stage.begin();
    one.run(firstLook::run);
    two.run(secondLook::run);
    CompletableFuture<@Nullable Throwable> changing = one.start(firstChange::run);
    CompletableFuture<@Nullable Throwable> changingToo = two.start(secondChange::run);
    Session.await(changing);
    Session.await(changingToo);
    boolean isFirstCommitted = one.commit();
    return (isFirstCommitted ? 1 : 0) + (two.commit() ? 1 : 0);
  }

  private interface Step {
    void run(Transaction transaction);
  }

  /** Calls that tell whether a row has its value and leave it as it is if it has. */
  enum Look {
    HAS {
      @Override
      boolean isPresent(State<Integer> row) {
        return row.has("value");
      }
    },
    SNAPSHOT {
      @Override
      boolean isPresent(State<Integer> row) {
        return row.snapshot().size() > 0;
      }
    },
    VERSION {
      @Override
      boolean isPresent(State<Integer> row) {
        return row.version() > 0;
      }
    },
    KEYS {
      @Override
      boolean isPresent(State<Integer> row) {
        return !row.keys().isEmpty();
      }
    },
    /** Takes the lock of the row, as those below do. */
    PUT_IF_ABSENT {
      @Override
      boolean isPresent(State<Integer> row) {
        return !row.putIfAbsent("value", 99);
      }
    },
    COMPUTE {
      @Override
      boolean isPresent(State<Integer> row) {
        return row.compute("value", value -> value).isPresent();
      }
    },
    DELETE_OF_ANOTHER_KEY {
      @Override
      boolean isPresent(State<Integer> row) {
        row.delete("another");
        return row.size() > 0;
      }
    };

    abstract boolean isPresent(State<Integer> row);
  }

  private static final class UndoException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
