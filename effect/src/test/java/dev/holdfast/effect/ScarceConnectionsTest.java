package dev.holdfast.effect;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.store.StateStore;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Branches that want more connections than there are. */
@HoldfastTest
@Tag("G7")
final class ScarceConnectionsTest {

  private static final int CONNECTIONS = 2;
  private static final int STEPS = 6;
  private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration WELL_BELOW = CONNECTION_TIMEOUT.dividedBy(2);

  private final HikariDataSource pool;
  private final StateStore store;
  private final Effects effects;
  private final TestingService service = new TestingService();
  private final String id = TestingEffects.newId();

  /** That all connections were in use and somebody wanted one. */
  private final CountDownLatch exhausted = new CountDownLatch(1);

  private final CountDownLatch stepsAtWork = new CountDownLatch(CONNECTIONS);

  ScarceConnectionsTest(TestDatabase database) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.jdbcUrl());
    config.setUsername(database.libraryUser());
    config.setPassword(database.libraryPassword());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setConnectionTimeout(CONNECTION_TIMEOUT.toMillis());
    this.pool = new HikariDataSource(config);
    this.store = StateStore.builder(pool).build();
    this.effects = Effects.builder(store, pool).withoutRecovery().build();
  }

  @BeforeEach
  void register() {
    effects.register(service.handler("one"));
  }

  @AfterEach
  void close() {
    effects.close();
    store.close();
    pool.close();
  }

  /** Keeps its connection until there is none left that somebody wants. */
  private int step(EffectTransaction branch, int number) {
    branch.step("step", transaction -> {
      transaction.state("test", id + number).set("key", json(number));
      stepsAtWork.countDown();
      await().until(() -> exhausted.getCount() == 0 || isExhausted());
      exhausted.countDown();
    });
    return number;
  }

  private boolean isExhausted() {
    return pool.getHikariPoolMXBean().getThreadsAwaitingConnection() > 0;
  }

  /** The intents come when steps have all connections; to write them the journal is needed first, and to end a step last. */
  @Test
  void stepsThatAreDoneGiveTheirConnectionsToIntents() {
    List<EffectBody<Integer>> branches = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      int number = i;
      branches.add(branch -> {
        if (number >= CONNECTIONS) {
          assertThat(stepsAtWork.await(20, TimeUnit.SECONDS)).isTrue();
          branch.perform("one", new Order(String.valueOf(number)));
        }
        return step(branch, number);
      });
    }
    long before = System.nanoTime();
    List<Integer> results = effects.run("work", id, effect -> effect.parallel("all", branches));

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(WELL_BELOW);
    assertThat(results).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(service.calls()).containsExactlyInAnyOrder("do 2", "do 3", "do 4", "do 5");
    assertThat(results)
        .allSatisfy(
            number -> assertThat(store.state("test", id + number).version()).isEqualTo(1));
  }
}
