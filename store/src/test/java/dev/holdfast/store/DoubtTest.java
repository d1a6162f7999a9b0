package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What was committed and whose answer was lost is found out, and not done again. */
@HoldfastTest
@Tag("G4")
final class DoubtTest {

  private static final int WRITERS = 20;

  private final TestingDoor door = new TestingDoor();
  private final AtomicReference<Fault> afterMessage = new AtomicReference<>(Fault.NONE);
  private final AtomicReference<Runnable> afterCommit = new AtomicReference<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
  private final TestDatabase database;
  private final StateStore store;

  DoubtTest(TestDatabase database) {
    this.database = database;
    this.store = StateStore.builder(door.before(source(database.dataSource())))
        .schema(database.schema())
        .build();
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    store.close();
  }

  /** What happens behind a message that was done. */
  enum Fault {
    NONE,

    /** The server could not write its log, and ended. */
    PANIC {
      @Override
      void happen() throws SQLException {
        SQLException panic = new SQLException("could not flush the log", "58030");
        panic.setNextException(new SQLException("the server closed the connection", "08006"));
        throw panic;
      }
    },

    /** The thread, which is somebody's, had no room left. */
    ERROR {
      @Override
      void happen() {
        throw new StackOverflowError("no room left");
      }
    },

    EXCEPTION {
      @Override
      void happen() {
        throw new IllegalStateException("a pool of somebody's");
      }
    };

    void happen() throws SQLException {}
  }

  private DataSource source(DataSource source) {
    return wrap(
        DataSource.class,
        source,
        (method, result) -> result instanceof Connection connection ? wrap(connection) : result);
  }

  private Connection wrap(Connection connection) {
    return wrap(Connection.class, connection, (method, result) -> {
      if (method.equals("commit")) {
        Runnable then = afterCommit.getAndSet(null);
        if (then != null) {
          then.run();
          throw new SQLException("the connection was lost", "08006");
        }
      }
      return result instanceof PreparedStatement statement ? wrap(statement) : result;
    });
  }

  private PreparedStatement wrap(PreparedStatement statement) {
    return wrap(PreparedStatement.class, statement, (method, result) -> {
      if (method.startsWith("execute") && statement.toString().contains("SKIP LOCKED")) {
        afterMessage.getAndSet(Fault.NONE).happen();
      }
      return result;
    });
  }

  /** What becomes of the result of a call. */
  private interface Then {
    Object apply(String method, Object result) throws Exception;
  }

  private static <T> T wrap(Class<T> type, T wrapped, Then then) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          try {
            return then.apply(method.getName(), method.invoke(wrapped, arguments));
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        }));
  }

  /** The thread that sent for all may learn that it came to grief; nobody's is written twice, and nobody else fails. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void nothingOfAMessageIsWrittenAgainWhenItsAnswerIsLost(Fault fault) throws Exception {
    State<JsonNode> state = store.state("doubt", TestingStore.newName());
    state.append("list", WRITERS);
    List<Future<Long>> writers = door.holdBack(threads, WRITERS, number -> {
      afterMessage.compareAndSet(Fault.NONE, number == 0 ? fault : Fault.NONE);
      return state.append("list", number);
    });
    int failed = 0;
    for (Future<Long> writer : writers) {
      try {
        writer.get(1, TimeUnit.MINUTES);
      } catch (ExecutionException e) {
        assertThat(e.getCause()).isInstanceOf(StackOverflowError.class);
        failed++;
      }
    }
    assertThat(failed).isEqualTo(fault == Fault.ERROR ? 1 : 0);
    assertThat(afterMessage.get()).as("it happened").isEqualTo(Fault.NONE);
    assertThat(state
            .get("list")
            .orElseThrow()
            .valueStream()
            .map(JsonNode::intValue)
            .sorted())
        .containsExactlyElementsOf(IntStream.rangeClosed(0, WRITERS).boxed().toList());
  }

  /** Closing waits for the transaction, so it may still ask what became of it. */
  @Test
  void aCommitInDoubtIsFoundOutWhileClosingWaitsForIt() {
    State<JsonNode> state = store.state("doubt", TestingStore.newName());
    afterCommit.set(() -> {
      threads.execute(store::close);
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::isClosing);
    });
    long version = store.transaction(
        Isolation.READ_COMMITTED,
        transaction -> transaction.state("doubt", state.id().name()).set("key", Json.json(1)));
    assertThat(version).isEqualTo(1);
    assertThat(database.queryLong(
            "SELECT version FROM holdfast.state WHERE name = '" + state.id().name() + "'"))
        .isEqualTo(1);
  }

  /** The pool does not see by itself that its only connection is lost, and who waits for another one has to give that one back. */
  @Test
  void aCommitInDoubtIsFoundOutThroughTheOnlyConnection() {
    HikariConfig config = new HikariConfig();
    config.setDataSource(source(database.dataSource()));
    config.setMaximumPoolSize(1);
    config.setConnectionTimeout(250);
    config.setExceptionOverride(new TestingBlindness());
    try (HikariDataSource pool = new HikariDataSource(config);
        StateStore single = StateStore.builder(pool).schema(database.schema()).build()) {
      afterCommit.set(() -> {});

      long version = single.transaction(
          Isolation.READ_COMMITTED,
          transaction -> transaction.state("doubt", "only").set("key", Json.json(1)));

      assertThat(version).isEqualTo(1);
      assertThat(afterCommit.get()).as("it was in doubt").isNull();
      assertThat(single.state("doubt", "only").set("key", Json.json(2))).isEqualTo(2);
      assertThat(single.transactionMetrics().commitsInDoubt()).isOne();
    }
  }

  private boolean isClosing() {
    try {
      store.state("doubt", "other").version();
      return false;
    } catch (HoldfastException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.CLOSED);
      return true;
    }
  }
}
