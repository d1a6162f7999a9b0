package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.logging.Logs;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.StateId;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.Engine.InDoubtException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Looking what became of a write, while the database is away. */
@Tag("G4")
final class EngineTest {

  private static final int LOOKS = 5;

  private final StateId state = new StateId("engine", "lost");
  private final ChangeSet set = new ChangeSet(
      state, state.uuid(), new Author(null, null), UUID.randomUUID(), null, List.of());
  private final SQLException lost = new SQLException("The connection was lost", "08006");

  @Test
  void anInterruptIsPutOffWhileItLooksAndHandedBack() {
    PoolThatIsAway pool = new PoolThatIsAway();
    Engine engine = new Engine(pool, new Writer(SchemaName.DEFAULT, 64), Logs.standard());
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> engine.resolve(set, new ServerSession(0, 0), lost))
        .isInstanceOf(InDoubtException.class)
        .hasCause(lost);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(pool.interrupted).isZero();
    assertThat(lost.getSuppressed()).hasSize(LOOKS - 1);
  }

  /** Ending the session of an earlier attempt would end whoever has its connection now. */
  @Test
  void aConnectionThatIsNotToBeHadIsNotTakenForTheOneOfTheAttemptBefore() {
    PoolThatIsLost pool = new PoolThatIsLost();
    Engine engine = new Engine(pool, new Writer(SchemaName.DEFAULT, 64), Logs.standard());

    assertThatThrownBy(() -> engine.write(set, connection -> {
          throw new SQLException("could not serialize access", "40001");
        }))
        .isInstanceOf(TransientException.class)
        .hasCause(lost);

    assertThat(pool.asked).isEqualTo(2);
  }

  /** Has a connection for the first attempt, and none after it. */
  private final class PoolThatIsLost implements Session {

    private int asked;

    @Override
    public <T> T run(SqlWork<T> work) throws SQLException {
      asked++;
      if (asked > 2) {
        throw new HoldfastException(ErrorCode.CLOSED, "Nobody should look");
      }
      if (asked == 2) {
        throw lost;
      }
      return work.apply(unwrappable());
    }

    @Override
    public boolean commitsEachMessage() {
      return true;
    }
  }

  private static Connection unwrappable() {
    return (Connection) Proxy.newProxyInstance(
        EngineTest.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> {
          assertThat(method.getName()).isEqualTo("isWrapperFor");
          return false;
        });
  }

  /** Has no connection until it is closed, and interrupts whoever asks, as somebody may who wants the thread back. */
  private static final class PoolThatIsAway implements Session {

    private int asked;
    private int interrupted;

    @Override
    public <T> T run(SqlWork<T> work) throws SQLException {
      interrupted += Thread.currentThread().isInterrupted() ? 1 : 0;
      Thread.currentThread().interrupt();
      asked++;
      if (asked == LOOKS) {
        throw new HoldfastException(ErrorCode.CLOSED, "This store is closed");
      }
      throw new SQLException("There is no connection to be had");
    }

    @Override
    public boolean commitsEachMessage() {
      return true;
    }
  }
}
