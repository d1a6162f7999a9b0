package dev.holdfast.effect.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateStore;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A statement is done once and undone once, whatever happens between. */
@HoldfastTest
@Tag("G7")
@Tag("G8")
final class SqlOperationTest {

  private static final String DEBIT = "UPDATE account SET balance = balance - ? WHERE id = ?";
  private static final String CREDIT = "UPDATE account SET balance = balance + ? WHERE id = ?";

  private final TestDatabase database;
  private final StateStore store;
  private final Effects effects;
  private final String id = UUID.randomUUID().toString();

  SqlOperationTest(TestDatabase database) {
    this.database = database;
    this.store = StateStore.builder(database.dataSource()).build();
    this.effects =
        Effects.builder(store, database.dataSource()).withoutRecovery().build();
  }

  @BeforeEach
  void open() throws SQLException {
    SqlOperation.createTable(database.dataSource());
    SqlOperation.createTable(database.dataSource());
    database.execute("DROP TABLE IF EXISTS account");
    database.execute(
        "CREATE TABLE account (id text PRIMARY KEY, balance integer CHECK (balance >= 0))");
    database.execute("INSERT INTO account VALUES ('a', 100), ('b', 0)");
    effects
        .register(handler())
        .register(SqlOperation.of("credit", database.dataSource(), CREDIT, DEBIT));
  }

  @AfterEach
  void close() {
    effects.close();
    store.close();
  }

  private EffectHandler<SqlCall, SqlResult> handler() {
    return SqlOperation.of("debit", database.dataSource(), DEBIT, CREDIT);
  }

  private static EffectContext context(String key) {
    return new EffectContext(new EffectId("pay", "1"), "debit", key, 1, 1);
  }

  private static SqlCall call(int amount, String account) {
    return SqlCall.of(amount, account).undoneWith(amount, account);
  }

  private List<String> balances() {
    return database.queryStrings("SELECT id || ' ' || balance FROM account ORDER BY id");
  }

  private long perform(String key) throws Exception {
    SqlResult result = handler().performRequired().perform(context(key), call(10, "a"));
    return result == null ? -2 : result.rows();
  }

  private void undo(String key) throws Exception {
    handler().compensationByRequest().orElseThrow().compensate(context(key), call(10, "a"));
  }

  private void transfer(boolean fails) {
    effects.run("pay", id, effect -> {
      SqlResult debited = effect.perform("debit", call(30, "a"));
      assertThat(debited.rows()).isEqualTo(1);
      effect.<SqlResult>perform("credit", call(30, "b"));
      if (fails) {
        throw new IllegalStateException("changed my mind");
      }
      return "done";
    });
  }

  @Test
  void whatIsDoneIsDone() {
    transfer(false);
    transfer(false);
    assertThat(balances()).containsExactly("a 70", "b 30");
  }

  @Test
  void whatFailsIsUndone() {
    assertThatThrownBy(() -> transfer(true)).isInstanceOf(EffectFailedException.class);
    assertThat(balances()).containsExactly("a 100", "b 0");
    assertThat(database.queryStrings(
            "SELECT handler || ' ' || status FROM holdfast_sql_operation ORDER BY handler"))
        .contains("credit undone", "debit undone");
  }

  @Test
  void aStatementThatFailsDidNothing() {
    assertThatThrownBy(() ->
            effects.run("pay", id, effect -> effect.perform("debit", call(500, "a"))))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("account_balance_check");
    assertThat(balances()).containsExactly("a 100", "b 0");
    assertThat(effects.rollbackFailures().of("pay", id)).isEmpty();
  }

  /** Found out when it is to be undone, it could not be undone any more. */
  @Test
  void anotherNumberOfParametersThanTheStatementsHaveIsRefused() {
    Map<SqlCall, String> calls = Map.of(
        SqlCall.of(10, "a"), "statement that undoes it has 2 parameters, and 0 are given",
        SqlCall.of(10, "a").undoneWith(10, "a", 1), "undoes it has 2 parameters, and 3 are given",
        SqlCall.of(10).undoneWith(10, "a"), "statement has 2 parameters, and 1 is given",
        SqlCall.of(10, "a", 1).undoneWith(10, "a"), "statement has 2 parameters, and 3 are given");
    calls.forEach((call, message) -> {
      String own = UUID.randomUUID().toString();
      assertThatThrownBy(() -> effects.run("pay", own, effect -> effect.perform("debit", call)))
          .isInstanceOf(EffectFailedException.class)
          .hasMessageContainingAll("debit", message);
      assertThat(effects.rollbackFailures().of("pay", own)).isEmpty();
    });
    assertThat(balances()).containsExactly("a 100", "b 0");
  }

  static Stream<Object> whatTheJournalChanges() {
    return Stream.of(
        UUID.randomUUID(),
        Instant.EPOCH,
        new Timestamp(0),
        new byte[] {1},
        new AtomicInteger(1),
        List.of("a"),
        Double.NaN,
        0.1f);
  }

  @ParameterizedTest
  @MethodSource("whatTheJournalChanges")
  void aParameterThatTheJournalWouldChangeIsRefused(Object parameter) {
    assertThatThrownBy(() -> SqlCall.of("a", parameter))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContainingAll("parameter 2 is a", parameter.getClass().getName());
    assertThatThrownBy(() -> SqlCall.of().undoneWith(parameter))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("parameter to undo with 1 is a");
  }

  /** Its constructor takes what the journal has, too, and that is not looked at again. */
  @Test
  void suchAParameterIsRefusedAlsoInACallThatWasConstructed() {
    effects.register(SqlOperation.of("keep", database.dataSource(), "SELECT ?", "SELECT 1"));
    SqlCall constructed = new SqlCall(List.of(UUID.randomUUID()), List.of());

    assertThatThrownBy(() -> effects.run("pay", id, effect -> effect.perform("keep", constructed)))
        .isInstanceOf(EffectFailedException.class)
        .hasStackTraceContaining("parameter 1 is a java.util.UUID");
  }

  /** The balance is an integer, so what is not the same number would not be undone to it. */
  @ParameterizedTest
  @MethodSource("whatTheJournalKeeps")
  void aParameterThatTheJournalKeepsIsUndoneAsItWasDone(Object ten) {
    effects.register(SqlOperation.of(
        "take",
        database.dataSource(),
        "UPDATE account SET balance = balance - ?::numeric::integer WHERE id = ?",
        "UPDATE account SET balance = balance + ?::numeric::integer WHERE id = ?"));
    assertThatThrownBy(() -> effects.run("pay", id, effect -> {
          effect.perform("take", SqlCall.of(ten, 'a').undoneWith(ten, 'a'));
          assertThat(balances()).containsExactly("a 90", "b 0");
          throw new IllegalStateException("changed my mind");
        }))
        .isExactlyInstanceOf(EffectFailedException.class)
        .hasMessageContaining("changed my mind");
    assertThat(balances()).containsExactly("a 100", "b 0");
  }

  static Stream<Object> whatTheJournalKeeps() {
    return Stream.of(
        10, 10L, (short) 10, (byte) 10, 10.0, BigInteger.TEN, new BigDecimal("10.000"), "10");
  }

  @Test
  void itIsDoneOnceHoweverOftenItIsAttempted() throws Exception {
    assertThat(perform(id)).isEqualTo(1);
    assertThat(perform(id)).isEqualTo(1);
    assertThat(balances()).containsExactly("a 90", "b 0");
    undo(id);
    undo(id);
    assertThat(balances()).containsExactly("a 100", "b 0");
  }

  @Test
  void whatWasUndoneIsNotPerformedAfterwards() throws Exception {
    undo(id);
    assertThatThrownBy(() -> perform(id)).hasMessageContaining("was undone");
    assertThat(balances()).containsExactly("a 100", "b 0");
  }

  @Test
  void whatSomebodyElseChangedIsARollbackFailure() {
    assertThatThrownBy(() -> effects.run("pay", id, effect -> {
          effect.perform("debit", call(10, "a"));
          database.execute("DELETE FROM account WHERE id = 'a'");
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOfSatisfying(
            EffectRollbackException.class,
            e -> assertThat(e.failures().get(0).problem().message())
                .contains("0 rows where 1 were changed"));
    database.execute("INSERT INTO account VALUES ('a', 90)");
    effects
        .rollbackFailures()
        .of("pay", id)
        .forEach(
            failure -> assertThat(effects.rollbackFailures().retry(failure.id()).status())
                .isEqualTo(RollbackFailureStatus.RESOLVED));
    assertThat(balances()).containsExactly("a 100", "b 0");
  }

  /** The commit arrives and its answer does not, or neither does; the handler cannot know which. */
  private static final class LosingDataSource {

    private final DataSource dataSource;
    private final boolean commits;
    private final AtomicInteger left = new AtomicInteger(1);

    LosingDataSource(DataSource dataSource, boolean commits) {
      this.dataSource = dataSource;
      this.commits = commits;
    }

    DataSource proxy() {
      return proxy(DataSource.class, (proxy, method, arguments) -> {
        Object result = method.invoke(dataSource, arguments);
        return result instanceof Connection connection ? losing(connection) : result;
      });
    }

    private Connection losing(Connection connection) {
      return proxy(Connection.class, (proxy, method, arguments) -> {
        if (method.getName().equals("commit") && left.getAndDecrement() > 0) {
          if (commits) {
            connection.commit();
          }
          connection.close();
          throw new SQLException("connection lost");
        }
        try {
          return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
      return type.cast(
          Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
  }

  @Test
  void aConnectionLostAtCommitIsResolvedByTheKey() {
    for (boolean commits : List.of(true, false)) {
      String name = "lost-" + commits;
      DataSource losing = new LosingDataSource(database.dataSource(), commits).proxy();
      effects.register(SqlOperation.of(name, losing, DEBIT, CREDIT));
      assertThatThrownBy(() ->
              effects.run("pay", id + commits, effect -> effect.perform(name, call(10, "a"))))
          .isInstanceOf(EffectFailedException.class)
          .hasMessageContaining("connection lost");
      assertThat(balances()).as("committed: %s", commits).containsExactly("a 100", "b 0");
      assertThat(effects.rollbackFailures().of("pay", id + commits)).isEmpty();
    }
  }

  @Test
  void twoAtOnceDoItOnce() throws Exception {
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    AtomicInteger ones = new AtomicInteger();
    for (int i = 0; i < 8; i++) {
      String key = id + i / 4;
      boolean undoes = i % 4 == 3;
      Thread thread = new Thread(() -> {
        try {
          begin.await(20, TimeUnit.SECONDS);
          if (undoes) {
            undo(key);
          } else {
            ones.addAndGet((int) perform(key));
          }
        } catch (IllegalStateException e) {
          // It was undone first.
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      });
      thread.start();
      threads.add(thread);
    }
    begin.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    undo(id + 0);
    undo(id + 1);
    assertThat(balances()).containsExactly("a 100", "b 0");
    assertThat(ones.get()).isBetween(0, 6);
  }

  /** The control: without the row with the key, an operation that is attempted again is done again. */
  @Test
  void withoutTheKeyItIsDoneTwice() throws Exception {
    perform(id);
    database.execute("DELETE FROM holdfast_sql_operation");
    perform(id);
    assertThat(balances()).containsExactly("a 80", "b 0");
  }

  @Test
  void statementsThatCountNoRowsAreNotCompared() throws Exception {
    EffectHandler<SqlCall, SqlResult> handler =
        SqlOperation.of("function", database.dataSource(), "SELECT pg_sleep(0)", DEBIT);
    SqlCall call = SqlCall.of().undoneWith(10, "a");
    assertThat(handler.performRequired().perform(context(id), call)).isEqualTo(new SqlResult(-1));
    handler.compensationByRequest().orElseThrow().compensate(context(id), call);
    assertThat(balances()).containsExactly("a 90", "b 0");
  }

  @Test
  void parametersMayBeNull() throws Exception {
    database.execute("CREATE TABLE IF NOT EXISTS note (id integer, words text, flag boolean)");
    EffectHandler<SqlCall, SqlResult> handler = SqlOperation.of(
        "note",
        database.dataSource(),
        "INSERT INTO note VALUES (?, ?, ?)",
        "DELETE FROM note WHERE id = ?");
    effects.register(handler);
    effects.run(
        "pay",
        id,
        effect -> effect
            .<SqlResult>perform("note", SqlCall.of(7, null, true).undoneWith(7))
            .rows());
    assertThat(database.queryStrings("SELECT id || coalesce(words, ' null ') || flag FROM note"))
        .containsExactly("7 null true");
  }

  @Test
  void oldKeysCanBeRemoved() throws Exception {
    perform(id);
    assertThat(SqlOperation.removeKeys(database.dataSource(), Duration.ofDays(1)))
        .isZero();
    database.execute(
        "UPDATE holdfast_sql_operation SET changed_at = clock_timestamp() - interval '2 days'");
    assertThat(SqlOperation.removeKeys(database.dataSource(), Duration.ofDays(1)))
        .isPositive();
    for (Duration age : List.of(Duration.ofHours(1), Duration.ofSeconds(Long.MAX_VALUE))) {
      assertThatThrownBy(() -> SqlOperation.removeKeys(database.dataSource(), age))
          .isInstanceOf(HoldfastException.class)
          .hasMessageContaining(age.toString());
    }
  }
}
