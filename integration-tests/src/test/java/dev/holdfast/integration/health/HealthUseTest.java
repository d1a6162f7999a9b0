package dev.holdfast.integration.health;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.contract.Contracts;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.health.CheckReport;
import dev.holdfast.health.CheckScope;
import dev.holdfast.health.HealthChange;
import dev.holdfast.health.HealthReport;
import dev.holdfast.health.HealthResult;
import dev.holdfast.health.HealthStatus;
import dev.holdfast.health.HealthStatusChange;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
class HealthUseTest {

  private static final String SECRET = "hunter2-canary";
  private static final Contracts AT_ONCE = Contracts.of(Map.of(
      "health_check",
      Map.of("failure_threshold", 1, "recovery_threshold", 1, "health_check_timeout_ms", 20_000)));

  private final TestDatabase database;

  HealthUseTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void forget() {
    database.execute("TRUNCATE " + EffectTables.ALL + ", holdfast.feed_consumer");
  }

  private static Holdfast.Builder builder(TestDatabase database) {
    return Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .maximumPoolSize(4)
        .contracts(AT_ONCE)
        .effects(Effects.Builder::withoutRecovery);
  }

  private static CheckReport check(Holdfast holdfast, String name) {
    return holdfast.health().check().check(name).orElseThrow();
  }

  @Test
  void everythingIsHealthyAtFirst() {
    try (Holdfast holdfast = builder(database).build()) {
      HealthReport report = holdfast.health().report();
      assertThat(report.checks())
          .extracting(CheckReport::name)
          .containsExactly(
              "database",
              "schema",
              "feed",
              "recovery",
              "rollback_failures",
              "breakers",
              "read_cache");
      assertThat(report.status()).as("%s", report).contains(HealthStatus.HEALTHY);
      assertThat(report.score()).hasValue(1);
      assertThat(report.live()).isTrue();
      assertThat(report.ready()).isTrue();
      assertThat(report.check("database").orElseThrow().result().details())
          .containsEntry("maximum_connections", 4);
      assertThat(report.check("schema").orElseThrow().result().details()).containsKey("version");
    }
  }

  /** Nobody can connect, as when the server is gone; and then it is back. */
  @Test
  void aDatabaseThatIsGoneMakesItNotReadyButLive() {
    TestDatabase other = database.freshDatabase();
    List<HealthChange> changes = new CopyOnWriteArrayList<>();
    try (Holdfast holdfast =
        builder(other).health(health -> health.onChange(changes::add)).build()) {
      assertThat(holdfast.health().check().ready()).isTrue();
      allow(other, false);
      HealthReport gone = holdfast.health().check();
      assertThat(gone.ready()).isFalse();
      assertThat(gone.live()).isTrue();
      assertThat(gone.status()).contains(HealthStatus.UNHEALTHY);
      assertThat(gone.score().orElseThrow()).isLessThan(0.5);
      assertThat(gone.toString()).contains("PSQLException").doesNotContain(other.name());
      allow(other, true);
      assertThat(holdfast.health().check().ready()).isTrue();
      assertThat(changes)
          .filteredOn(change -> change.check().equals("database"))
          .extracting(HealthChange::after)
          .containsExactly(HealthStatus.HEALTHY, HealthStatus.UNHEALTHY, HealthStatus.HEALTHY);
    }
  }

  private void allow(TestDatabase other, boolean connections) {
    database.execute("ALTER DATABASE \"" + other.name() + "\" ALLOW_CONNECTIONS " + connections);
    if (!connections) {
      database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
          + other.name() + "'");
    }
  }

  @Test
  void tablesOfANewerLibraryAreUnhealthy() {
    TestDatabase other = database.freshDatabase();
    try (Holdfast holdfast = builder(other).build()) {
      assertThat(check(holdfast, "schema").status()).isEqualTo(HealthStatus.HEALTHY);
      other.execute(
          "INSERT INTO holdfast.holdfast_schema_history (installed_rank, version, description,"
              + " type, script, installed_by, execution_time, success)"
              + " VALUES (10000, '999', 'later', 'SQL', 'V999__later.sql', 'x', 1, true)");
      CheckReport newer = check(holdfast, "schema");
      assertThat(newer.status()).isEqualTo(HealthStatus.UNHEALTHY);
      assertThat(newer.result().message()).contains("newer than this library");
    }
    try (Holdfast unasked = builder(other).migrations(MigrationMode.OFF).build()) {
      assertThat(unasked.health().report().check("schema")).isEmpty();
    }
  }

  @Test
  void aConsumerFarBehindIsDegraded() {
    try (Holdfast holdfast = builder(database).build()) {
      holdfast.changes().poll("slow", ChangeFilter.all());
      holdfast.state("health", "lag").set("a", json(1));
      assertThat(check(holdfast, "feed").status()).isEqualTo(HealthStatus.HEALTHY);
      TestDatabase other = database.freshDatabase();
      try (Holdfast old = builder(other).build()) {
        old.changes().poll("slow", ChangeFilter.all());
        old.state("health", "lag").set("a", json(1));
        other.execute("UPDATE holdfast.change SET changed_at = changed_at - interval '10 minutes'");
        other.execute("UPDATE holdfast.state SET changed_at = changed_at - interval '10 minutes'");
        CheckReport behind = check(old, "feed");
        assertThat(behind.status()).isEqualTo(HealthStatus.DEGRADED);
        assertThat(behind.result().details())
            .hasEntrySatisfying(
                "slow.lag_ms", lag -> assertThat((Long) lag).isGreaterThan(590_000));
        assertThat(old.health().latest().ready()).isTrue();
      }
    }
  }

  @Test
  void whatNobodyTakesOverIsDegraded() {
    try (Holdfast holdfast = builder(database).build()) {
      holdfast.effects().run("health", "left", effect -> {
        effect.step("a", tx -> tx.state("health", "left").set("a", json(1)));
        return true;
      });
      database.execute("UPDATE holdfast.effect_transaction SET status = 'running', ended_at = NULL,"
          + " leased_until = clock_timestamp() - interval '1 minute'");
      assertThat(check(holdfast, "recovery").result().details()).containsEntry("abandoned", 1L);
      assertThat(check(holdfast, "recovery").status()).isEqualTo(HealthStatus.HEALTHY);
      database.execute("UPDATE holdfast.effect_transaction"
          + " SET leased_until = clock_timestamp() - interval '6 minutes'");
      assertThat(check(holdfast, "recovery").status()).isEqualTo(HealthStatus.DEGRADED);
      assertThat(holdfast.effects().recover()).isEqualTo(1);
      assertThat(check(holdfast, "recovery").status()).isEqualTo(HealthStatus.HEALTHY);
    }
  }

  @Test
  void openRollbackFailuresAreDegradedUntilSomebodySettlesThem() {
    try (Holdfast holdfast = builder(database).build()) {
      holdfast
          .effects()
          .register(EffectHandler.of("stuck", String.class, String.class)
              .perform((context, request) -> request)
              .compensate((context, request, response) -> {
                throw new IllegalStateException(SECRET);
              }));
      assertThatThrownBy(() -> holdfast.effects().run("health", "stuck", effect -> {
            effect.<String>perform("stuck", SECRET);
            throw new IllegalStateException(SECRET);
          }))
          .isInstanceOf(EffectRollbackException.class);
      CheckReport open = check(holdfast, "rollback_failures");
      assertThat(open.status()).isEqualTo(HealthStatus.DEGRADED);
      assertThat(open.result().details()).containsEntry("open", 1L);
      assertThat(holdfast.health().report().toString()).doesNotContain(SECRET);
      for (RollbackFailure failure : holdfast.effects().rollbackFailures().open()) {
        holdfast.effects().rollbackFailures().resolve(failure.id(), "by hand", "operator");
      }
      assertThat(check(holdfast, "rollback_failures").status()).isEqualTo(HealthStatus.HEALTHY);
    }
  }

  @Test
  void anOpenBreakerIsDegraded() {
    try (Holdfast holdfast = builder(database).build()) {
      holdfast
          .effects()
          .register(EffectHandler.of("health.call", String.class, String.class)
              .perform((context, request) -> request)
              .compensate((context, request, response) -> {})
              .breaker(BreakerPolicy.defaults()));
      holdfast
          .effects()
          .run("health", "call", effect -> effect.<String>perform("health.call", "a"));
      assertThat(check(holdfast, "breakers").status()).isEqualTo(HealthStatus.HEALTHY);
      assertThat(holdfast.effects().forceBreakerOpen("health.call")).isTrue();
      CheckReport open = check(holdfast, "breakers");
      assertThat(open.status()).isEqualTo(HealthStatus.DEGRADED);
      assertThat(open.result().details()).containsEntry("health.call", "OPEN");
      assertThat(holdfast.effects().forceBreakerClosed("health.call")).isTrue();
    }
  }

  @Test
  void theApplicationAddsChecksOfItsOwn() {
    try (Holdfast holdfast = builder(database)
        .health(health -> health.check(
            "airline", CheckScope.DEPENDENCY, () -> HealthResult.unhealthy("token=" + SECRET)))
        .build()) {
      HealthReport report = holdfast.health().report();
      assertThat(report.ready()).isFalse();
      assertThat(report.check("airline").orElseThrow().status()).isEqualTo(HealthStatus.UNHEALTHY);
      assertThat(report.toString()).doesNotContain(SECRET);
    }
  }

  /** Listeners of the bus get what changed, in order, and nothing of what a name gives away. */
  @Test
  void changesAreEventsOnTheBus() {
    AtomicReference<HealthResult> found = new AtomicReference<>(HealthResult.healthy());
    try (Holdfast holdfast = builder(database)
        .health(health -> health.check(
            "airline", CheckScope.DEPENDENCY, () -> Objects.requireNonNull(found.get())))
        .build()) {
      List<JsonNode> checks = new CopyOnWriteArrayList<>();
      List<JsonNode> statuses = new CopyOnWriteArrayList<>();
      holdfast
          .events()
          .subscribe(
              HealthChange.EVENT_TYPE,
              events -> events.forEach(event -> checks.add(event.payload())));
      holdfast
          .events()
          .subscribe(
              HealthStatusChange.EVENT_TYPE,
              events -> events.forEach(event -> statuses.add(event.payload())));
      holdfast.health().check();
      holdfast.health().check();
      found.set(HealthResult.unhealthy("no answer, token=" + SECRET));
      holdfast.health().check();
      await().atMost(Duration.ofSeconds(20)).until(() -> statuses.size() == 2);
      assertThat(statuses)
          .containsExactly(
              json(Map.of("before", "UNKNOWN", "after", "HEALTHY")),
              json(Map.of("before", "HEALTHY", "after", "UNHEALTHY")));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> checks.size() == 1 + holdfast.health().latest().checks().size());
      assertThat(checks.get(checks.size() - 1))
          .isEqualTo(json(Map.of(
              "check",
              "airline",
              "before",
              "HEALTHY",
              "after",
              "UNHEALTHY",
              "message",
              "no answer, token=[REDACTED]")));
    }
  }

  @Test
  void twoChecksOfOneNameOpenNothing() {
    assertThatThrownBy(() -> builder(database)
            .health(
                health -> health.check("database", CheckScope.DEPENDENCY, HealthResult::healthy))
            .build())
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("database");
  }

  @Test
  void nothingIsCheckedBeforeTheFirstQuestion() {
    List<String> checked = new CopyOnWriteArrayList<>();
    try (Holdfast holdfast = builder(database)
        .health(health -> health.check("mine", CheckScope.COMPONENT, () -> {
          checked.add("mine");
          return HealthResult.healthy();
        }))
        .build()) {
      holdfast.state("health", "idle").get("a");
      assertThat(checked).isEmpty();
      holdfast.health().report();
      assertThat(checked).hasSize(1);
    }
  }
}
