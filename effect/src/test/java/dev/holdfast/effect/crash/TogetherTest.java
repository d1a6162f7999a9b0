package dev.holdfast.effect.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.StaleLeaseException;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.store.StateStore;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Effect transactions whose writes, or looks, share a message: each keeps its own condition and its own outcome. They are made to meet by a
 * lock that holds up the first one until all others queue behind it.
 */
@HoldfastTest
@Tag("G7")
@Tag("G10")
final class TogetherTest {

  private static final int MANY = 8;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Threads that come more than 10 ms after one another do not share what they would share; then it is tried again. */
  private static final int ATTEMPTS = 50;

  /** The question whether an id is known, of one and of many. */
  private static final Pattern LOOK =
      Pattern.compile("SELECT FROM holdfast.effect_transaction|SELECT i.effect_id\\s+FROM unnest");

  private final TestDatabase database;
  private final HikariDataSource pool;
  private volatile CountDownLatch gate = new CountDownLatch(1);
  private volatile CountDownLatch atGate = new CountDownLatch(MANY);
  private final Map<String, Object> outcomes = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger performed = new AtomicInteger();

  TogetherTest(TestDatabase database) {
    this.database = database;
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.jdbcUrl());
    config.setUsername(database.libraryUser());
    config.setPassword(database.libraryPassword());
    config.setMaximumPoolSize(MANY);
    this.pool = new HikariDataSource(config);
  }

  @BeforeEach
  void clear() {
    database.execute("TRUNCATE " + EffectTables.ALL);
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private interface Scene {
    void play() throws Exception;
  }

  /** All of them have begun and stand before their second operation; then the scene is played. */
  private void withAllBegun(UnaryOperator<String> sabotage, Scene scene) throws Exception {
    try (StateStore store = StateStore.builder(pool).build();
        Effects effects = Effects.builder(store, TappedDataSource.on(pool, new Points(0), sabotage))
            .withoutRecovery()
            .lease(Duration.ofMinutes(10))
            .build()) {
      effects.register(EffectHandler.of("number", Integer.class, Integer.class)
          .perform((context, number) -> number)
          .compensate((context, number, response) -> {}));
      for (int i = 0; i < MANY; i++) {
        start(effects, "together-" + i, i);
      }
      assertThat(atGate.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      scene.play();
      for (Thread thread : threads) {
        thread.join(LIMIT.toMillis());
        assertThat(thread.isAlive()).isFalse();
      }
    }
  }

  private void start(Effects effects, String id, int number) {
    Thread thread = new Thread(
        () -> {
          try {
            outcomes.put(id, effects.run("together", id, effect -> {
              int one = effect.<Integer>perform("number", number);
              atGate.countDown();
              gate.await();
              return one + effect.<Integer>perform("number", number);
            }));
          } catch (RuntimeException e) {
            outcomes.put(id, e);
          }
        },
        id);
    thread.start();
    threads.add(thread);
  }

  /** Opens the gate while nobody can write, and lets them write when one message waits for the lock and the others for that message. */
  private void meet() throws Exception {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE holdfast.effect_outcome IN EXCLUSIVE MODE");
      gate.countDown();
      awaitAllQueuedOrBlocked();
      connection.rollback();
    }
  }

  private void awaitAllQueuedOrBlocked() throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (queued() + blocked() < MANY) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private long queued() {
    return threads.stream()
        .filter(thread -> thread.getState() == Thread.State.TIMED_WAITING)
        .count();
  }

  private long blocked() {
    return database.queryLong(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()");
  }

  /** How many transactions wrote the second intents. */
  private long messages() {
    return database.queryLong(
        "SELECT count(DISTINCT xmin::text) FROM holdfast.effect_operation WHERE position = '{2}'");
  }

  @Test
  void whoeverWaitsSharesAMessage() throws Exception {
    long messages = MANY;
    for (int attempt = 0; attempt < ATTEMPTS && messages > 3; attempt++) {
      reset();
      withAllBegun(UnaryOperator.identity(), this::meet);

      for (int i = 0; i < MANY; i++) {
        assertThat(outcomes).containsEntry("together-" + i, 2 * i);
      }
      assertThat(database.queryLong(
              "SELECT count(*) FROM holdfast.effect_operation_summary WHERE status = 'succeeded'"))
          .isEqualTo(2 * MANY);
      assertThat(
              database.queryStrings(
                  "SELECT DISTINCT status || ' ' || revision || ' ' || epoch FROM holdfast.effect_transaction"))
          .containsExactly("committed 3 1");
      messages = messages();
    }
    // The first one alone, then who was there when it took too long, then the rest.
    assertThat(messages).isBetween(2L, 3L);
  }

  @Test
  void whoLostItsLeaseIsRefusedAndTheOthersAreNot() throws Exception {
    withAllBegun(UnaryOperator.identity(), () -> {
      database.execute("UPDATE holdfast.effect_transaction SET epoch = 2 WHERE id = 'together-3'");
      meet();
    });

    assertThat(outcomes.get("together-3")).isInstanceOf(StaleLeaseException.class);
    for (int i : List.of(0, 1, 2, 4, 5, 6, 7)) {
      assertThat(outcomes).containsEntry("together-" + i, 2 * i);
    }
    assertThat(database.queryLong(
            "SELECT count(*) FROM holdfast.effect_operation AS o JOIN holdfast.effect_transaction AS t USING (effect_id) "
                + "WHERE t.id = 'together-3'"))
        .as("nothing of it was written")
        .isEqualTo(1);
  }

  /** The control: without the condition it writes what it must not. */
  @Test
  void withoutTheConditionItIsNotRefused() throws Exception {
    withAllBegun(
        sql -> sql.replace(
                "t.epoch = p.epoch AND t.revision = p.revision", "(t.epoch = p.epoch OR true)")
            .replace(
                "AND t.epoch = ? AND t.revision = ?",
                "AND (t.epoch = ? OR true) AND (t.revision = ? OR true)"),
        () -> {
          database.execute(
              "UPDATE holdfast.effect_transaction SET epoch = 2 WHERE id = 'together-3'");
          meet();
        });
    assertThat(outcomes).containsEntry("together-3", 6);
  }

  @Test
  void aRowThatSomebodyHoldsDoesNotHoldUpTheOthers() throws Exception {
    withAllBegun(
        UnaryOperator.identity(), () -> assertThat(endedWhileOneIsHeld(LIMIT)).isEqualTo(MANY - 1));
    for (int i = 0; i < MANY; i++) {
      assertThat(outcomes).containsEntry("together-" + i, 2 * i);
    }
  }

  /**
   * The control: a message that waits for locks keeps the others waiting, unless the one that is held was alone in its own. An attempt in
   * which it was ends at once, so there can be many of them.
   */
  @Test
  void aMessageThatWaitsHoldsThemUp() throws Exception {
    int ended = MANY;
    for (int attempt = 0; attempt < ATTEMPTS && ended >= MANY - 1; attempt++) {
      reset();
      int[] seen = new int[1];
      withAllBegun(
          sql -> sql.replace("SKIP LOCKED", ""),
          () -> seen[0] = endedWhileOneIsHeld(Duration.ofSeconds(5)));
      ended = seen[0];
    }
    assertThat(ended).isLessThan(MANY - 1);
  }

  /** Looks that wait for the same lock; of every second one the id is known. */
  private List<String> lookTogether(UnaryOperator<String> sabotage) throws Exception {
    List<String> looks = new CopyOnWriteArrayList<>();
    UnaryOperator<String> recording = sql -> {
      String sent = sabotage.apply(sql);
      if (LOOK.matcher(sql).lookingAt()) {
        looks.add(sql);
      }
      return sent;
    };
    try (StateStore store = StateStore.builder(pool).build();
        Effects effects = Effects.builder(
                store, TappedDataSource.on(pool, new Points(0), recording))
            .withoutRecovery()
            .lease(Duration.ofMinutes(10))
            .build();
        Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      effects.register(EffectHandler.of("number", Integer.class, Integer.class)
          .perform((context, number) -> number + performed.incrementAndGet())
          .compensate((context, number, response) -> {}));
      for (int i = 0; i < MANY; i += 2) {
        begin(effects, i).join();
      }
      outcomes.clear();
      looks.clear();
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE holdfast.effect_transaction IN ACCESS EXCLUSIVE MODE");
      for (int i = 0; i < MANY; i++) {
        threads.add(begin(effects, i));
      }
      awaitAllQueuedOrBlocked();
      connection.rollback();
      for (Thread thread : threads) {
        thread.join(LIMIT.toMillis());
        assertThat(thread.isAlive()).isFalse();
      }
    }
    return looks;
  }

  private Thread begin(Effects effects, int number) {
    String id = "look-" + number;
    Thread thread = new Thread(() -> {
      try {
        outcomes.put(
            id, effects.run("together", id, effect -> effect.<Integer>perform("number", 100)));
      } catch (RuntimeException e) {
        outcomes.put(id, e);
      }
    });
    thread.start();
    return thread;
  }

  private void requireAnswers() {
    assertThat(performed).as("nothing that is known is done again").hasValue(MANY);
    for (int i = 0; i < MANY; i += 2) {
      assertThat(outcomes).as("known").containsEntry("look-" + i, 101 + i / 2);
    }
    assertThat(outcomes.values())
        .as("each was done once")
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(101, 100 + MANY).boxed().toList());
  }

  @Test
  void whoeverLooksSharesAMessage() throws Exception {
    List<String> looks;
    int attempt = 0;
    do {
      reset();
      looks = lookTogether(UnaryOperator.identity());
      requireAnswers();
      attempt++;
    } while (attempt < ATTEMPTS && looks.size() > MANY / 2);
    // The first one alone, then who was there when it took too long, then the rest.
    assertThat(looks.size()).isBetween(2, MANY / 2);
  }

  @Test
  void looksThatFailTogetherAreMadeAlone() throws Exception {
    boolean together = false;
    for (int attempt = 0; attempt < ATTEMPTS && !together; attempt++) {
      reset();
      List<String> looks =
          lookTogether(sql -> LOOK.matcher(sql).lookingAt() && sql.contains("unnest")
              ? sql.replace("SELECT i.effect_id", "SELECT 1 / (length(i.effect_id::text) - 36)")
              : sql);
      requireAnswers();
      together = looks.stream().anyMatch(sql -> sql.contains("unnest"));
    }
    assertThat(together).isTrue();
  }

  private void reset() {
    clear();
    performed.set(0);
    gate = new CountDownLatch(1);
    atGate = new CountDownLatch(MANY);
    outcomes.clear();
    threads.clear();
  }

  /** How many end although the row of one of them is locked. */
  private int endedWhileOneIsHeld(Duration limit) throws Exception {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      lockTheLast(connection);
      meet();
      long deadline = System.nanoTime() + limit.toNanos();
      while (outcomes.size() < MANY - 1 && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      int ended = outcomes.size();
      connection.rollback();
      return ended;
    }
  }

  private static void lockTheLast(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT 1 FROM holdfast.effect_transaction WHERE id = 'together-7' FOR UPDATE");
    }
  }
}
