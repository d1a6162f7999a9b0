package dev.holdfast.integration.connection;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.contract.Contracts;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.health.HealthStatus;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.cache.ReadMode;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pool of an application has the defaults that its other code wants. */
@HoldfastTest
@Timeout(600)
class PoolDefaultsTest {

  private static final int THREADS = 6;
  private static final int TIMES = 20;

  private final TestDatabase database;

  PoolDefaultsTest(TestDatabase database) {
    this.database = database;
  }

  private HikariDataSource pool(String isolation, boolean autoCommit, boolean readOnly) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.jdbcUrl());
    config.setUsername(database.libraryUser());
    config.setPassword(database.libraryPassword());
    config.setMaximumPoolSize(THREADS + 2);
    config.setTransactionIsolation("TRANSACTION_" + isolation);
    config.setAutoCommit(autoCommit);
    config.setReadOnly(readOnly);
    return new HikariDataSource(config);
  }

  @ParameterizedTest
  @CsvSource({
    "READ_COMMITTED, false, false",
    "READ_COMMITTED, true, true",
    "REPEATABLE_READ, true, false",
    "REPEATABLE_READ, false, true",
    "SERIALIZABLE, true, false",
    "SERIALIZABLE, false, false"
  })
  void everythingWorksWhateverTransactionsOfThePoolAreByDefault(
      String isolation, boolean autoCommit, boolean readOnly) throws Exception {
    String namespace = "pool-" + isolation.toLowerCase(Locale.ROOT) + "-" + autoCommit;
    Set<Long> seen = ConcurrentHashMap.newKeySet();
    try (HikariDataSource pool = pool(isolation, autoCommit, readOnly);
        Holdfast holdfast = Holdfast.builder()
            .dataSource(pool)
            .migrations(MigrationMode.VALIDATE)
            .contracts(Contracts.defaults())
            .readCache(ReadCacheOptions.defaults())
            .build();
        Subscription subscription = holdfast
            .changes()
            .subscribe(
                namespace,
                ChangeFilter.all().namespace(namespace),
                set -> seen.add(set.version()))) {
      holdfast
          .effects()
          .register(EffectHandler.of("echo." + namespace, String.class, String.class)
              .perform((context, request) -> request)
              .compensate((context, request, response) -> {}));
      List<FutureTask<String>> tasks = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int number = thread;
        tasks.add(new FutureTask<>(() -> work(holdfast, namespace, number)));
      }
      tasks.forEach(task -> new Thread(task).start());
      for (FutureTask<String> task : tasks) {
        assertThat(task.get()).isEqualTo("done");
      }
      assertThat(holdfast.state(namespace, "counter").getRequired("n"))
          .isEqualTo(json(2 * THREADS * TIMES));
      assertThat(holdfast.state(namespace, "counter").reading(ReadMode.CACHED).getRequired("n"))
          .isEqualTo(json(2 * THREADS * TIMES));
      await().atMost(Duration.ofSeconds(60)).until(() -> seen.size() == 2 * THREADS * TIMES);
      assertThat(holdfast.health().check().checks())
          .isNotEmpty()
          .allMatch(check -> check.status() == HealthStatus.HEALTHY);
      assertThat(subscription.failedAttempts()).isZero();
    }
  }

  private static String work(Holdfast holdfast, String namespace, int number) {
    for (int i = 0; i < TIMES; i++) {
      int round = i;
      holdfast
          .state(namespace, "counter")
          .compute("n", n -> json(n == null ? 1 : n.intValue() + 1));
      holdfast.<String, RuntimeException>transaction(tx -> {
        tx.state(namespace, "counter").compute("n", n -> json(n == null ? 1 : n.intValue() + 1));
        return "";
      });
      if (i % 5 == 0) {
        holdfast.effects().run("echo", namespace + number + "-" + i, effect -> {
          effect.perform("echo." + namespace, "x" + round);
          effect.step(
              "kept", tx -> tx.state(namespace + "-own", "e" + number).set("k", json(round)));
          return "x";
        });
      }
    }
    return "done";
  }
}
