package dev.holdfast.integration.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.store.Changes;
import dev.holdfast.store.State;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.JsonNode;

/** The role of the running library can do all that the library does and neither change nor remove history; the auditor's reads views. */
@HoldfastTest
@Tag("G6")
final class RolesTest {

  private static final String APP = "holdfast_test_app";
  private static final String AUDITOR = "holdfast_test_auditor";
  private static final String RETENTION = "holdfast_test_retention";
  private static final String PASSWORD = "roles";
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final TestDatabase database;

  RolesTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeAll
  static void createRoles(TestDatabase database) {
    Migrations migrations = Migrations.of(database.dataSource(), database.schema());
    migrations.grantRoles();
    migrations.grantRoles();
    database.execute(
        "CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE holdfast_app".formatted(APP, PASSWORD));
    database.execute(
        "CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE holdfast_auditor".formatted(AUDITOR, PASSWORD));
    database.execute("CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE holdfast_retention"
        .formatted(RETENTION, PASSWORD));
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .build()) {
      State<JsonNode> state = holdfast.state("roles", "before");
      state.set("k", null);
      state.set("k", null);
      state.clearHistory();
    }
  }

  @AfterAll
  static void dropRoles(TestDatabase database) {
    database.execute("DROP ROLE " + APP + "; DROP ROLE " + AUDITOR + "; DROP ROLE " + RETENTION);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MIGRATE")
  void theRunningLibraryNeedsNoMore(MigrationMode mode) {
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), APP, PASSWORD)
        .migrations(mode)
        .build()) {
      State<JsonNode> state = holdfast.state("roles", mode.name()).by("app").because("test");
      write(state);
      read(state);
      assertThat(holdfast.states("roles", "", 10)).containsKey(mode.name());
      runEffects(holdfast, mode.name());
    }
  }

  /** A rollback failure that is settled, a step that is restored, and a breaker that opens. */
  private static void runEffects(Holdfast holdfast, String id) {
    holdfast
        .effects()
        .register(EffectHandler.of("roles", Integer.class, Integer.class)
            .perform((context, request) -> {
              if (request == 2) {
                throw new IllegalStateException("refused");
              }
              return request;
            })
            .compensate((context, request, response) -> {
              throw new IllegalStateException("cannot be undone");
            })
            .breaker(BreakerPolicy.builder().failureThreshold(1).build()));
    holdfast.effects().forceBreakerClosed("roles");
    EffectRollbackException failed = catchThrowableOfType(
        EffectRollbackException.class,
        () -> holdfast.effects().run("roles", id, effect -> {
          effect.perform("roles", 1);
          effect.step("step", tx -> tx.state("roles", "step-" + id).set("k", Json.json(1)));
          return effect.perform("roles", 2);
        }));
    UUID failure = failed.failures().get(0).id();
    holdfast.effects().rollbackFailures().retry(failure);
    holdfast.effects().rollbackFailures().resolve(failure, "by hand", "test");
    assertThat(holdfast.effects().recover()).isZero();
    assertThat(holdfast.effects().breaker("roles").orElseThrow().phase())
        .isEqualTo(BreakerPhase.OPEN);
    holdfast.effects().forceBreakerClosed("roles");
  }

  private static void write(State<JsonNode> state) {
    state.set("k", Json.json(1));
    state.update(Map.of("a", Json.json(1), "b", Json.json(2)));
    state.apply(Changes.<JsonNode>set("c", null).andDelete("a").andAppend("list", 1));
    state.compareAndSet(3, Changes.set("a", Json.json("{}")));
    state.append("list", 2);
    state.compute("k", value -> Json.json("computed"));
    state.merge("k", Json.json(1), (stored, given) -> given);
    state.putIfAbsent("new", Json.json(List.of()));
    state.increment("n", 5);
    state.patch("new", JsonPatch.parse("[{\"op\":\"add\",\"path\":\"/-\",\"value\":1}]"));
    state.delete("b");
    state.clear();
    state.rollback(5);
    state.tag("kept", 4);
    state.tag("not kept", 5);
    assertThat(state.untag("not kept")).isTrue();
    assertThat(state.fork(state.id().name() + "-fork", 4).version()).isEqualTo(1);
    assertThat(state.clearHistoryBefore(3)).isEqualTo(3);
  }

  private static void read(State<JsonNode> state) {
    assertThat(state.version()).isEqualTo(13);
    assertThat(state.get("list").orElseThrow()).hasSize(2);
    assertThat(state.snapshot().keys()).containsExactlyElementsOf(state.keys());
    assertThat(state.at(4).size()).isEqualTo(state.size());
    assertThat(state.asOf(state.snapshot().changedAt().orElseThrow()).version()).isEqualTo(13);
    assertThat(state.at("kept").version()).isEqualTo(4);
    assertThat(state.tags()).hasSize(1);
    assertThat(state.diff(5, 13).isEmpty()).isTrue();
    assertThat(state.history(History.all().by("app")).changes()).isNotEmpty();
  }

  /** Retention has its own role; the running library is refused, and says so. */
  @Test
  void retentionNeedsNoMoreThanItsRole() {
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), APP, PASSWORD)
        .migrations(MigrationMode.OFF)
        .build()) {
      State<JsonNode> state = holdfast.state("roles", "retained");
      for (int i = 0; i < 10; i++) {
        state.append("list", i);
        state.set("n", Json.json(i));
      }
      state.tag("kept", 5);
      RetentionPolicy policy = RetentionPolicy.keepVersions(2);

      Retention own = holdfast.retention().grace(Duration.ZERO);
      assertThatThrownBy(() -> own.run(own.plan(policy, state.id())))
          .isInstanceOfSatisfying(
              HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PERMISSION));
      assertThat(state.at(1).size()).isEqualTo(1);

      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setURL(database.jdbcUrl());
      source.setUser(RETENTION);
      source.setPassword(PASSWORD);
      Retention retention = holdfast.retention(source).by("janitor").grace(Duration.ZERO);
      RetentionPlan plan = retention.plan(policy, state.id());
      assertThat(retention.run(plan).states()).isEqualTo(plan.states());
      assertThat(plan.folded()).isEqualTo(1);
      assertThat(state.at("kept").get("list").orElseThrow()).hasSize(3);
      assertThat(state.get("list").orElseThrow()).hasSize(10);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO holdfast.change (state_id, key, version, operation, changed_at, transaction_id, form)"
            + " VALUES (gen_random_uuid(), 'k', 1, 'set', now(), gen_random_uuid(), 'none')",
        "UPDATE holdfast.change SET actor = 'somebody else'",
        "UPDATE holdfast.change SET version = 1",
        "TRUNCATE holdfast.change",
        "UPDATE holdfast.state SET version = 1",
        "DELETE FROM holdfast.state",
        "UPDATE holdfast.history_cut SET actor = 'somebody else'",
        "DELETE FROM holdfast.history_cut",
        "UPDATE holdfast.history_removal SET actor = 'somebody else'",
        "DELETE FROM holdfast.history_removal",
        "DELETE FROM holdfast.tag",
        "INSERT INTO holdfast.tag (state_id, name, version, tagged_at, transaction_id)"
            + " VALUES (gen_random_uuid(), 't', 1, now(), gen_random_uuid())",
        "UPDATE holdfast.feed_consumer SET position = 0",
        "CREATE TABLE holdfast.mine (n integer)"
      })
  void retentionDoesNothingElse(String sql) {
    refuses(RETENTION, sql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE holdfast.change SET actor = 'somebody else'",
        "UPDATE holdfast.change SET payload = NULL WHERE false",
        "DELETE FROM holdfast.change",
        "TRUNCATE holdfast.change",
        "UPDATE holdfast.history_cut SET actor = 'somebody else'",
        "DELETE FROM holdfast.history_cut",
        "TRUNCATE holdfast.history_cut",
        "UPDATE holdfast.fork SET source_version = 1",
        "DELETE FROM holdfast.fork",
        "TRUNCATE holdfast.fork",
        "UPDATE holdfast.tag SET version = 1",
        "UPDATE holdfast.tag SET actor = 'somebody else'",
        "DELETE FROM holdfast.tag",
        "TRUNCATE holdfast.tag",
        "DELETE FROM holdfast.state",
        "TRUNCATE holdfast.state",
        "DROP TABLE holdfast.change",
        "ALTER TABLE holdfast.change DISABLE TRIGGER ALL",
        "CREATE TABLE holdfast.mine (n integer)",
        "UPDATE holdfast.holdfast_schema_history SET checksum = 0",
        "DELETE FROM holdfast.holdfast_schema_history"
      })
  void theRunningLibraryCannotTouchHistory(String sql) {
    refuses(APP, sql);
  }

  @Test
  void theAuditorReadsTheViews() throws SQLException {
    try (Connection connection = connect(AUDITOR);
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeQuery("SELECT * FROM holdfast.state_summary").next())
          .isTrue();
      statement.executeQuery("SELECT * FROM holdfast.change_summary").close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM holdfast.state",
        "SELECT * FROM holdfast.change",
        "SELECT * FROM holdfast.history_cut",
        "SELECT * FROM holdfast.tag",
        "SELECT * FROM holdfast.fork",
        "SELECT * FROM holdfast.holdfast_schema_history",
        "UPDATE holdfast.state_summary SET version = 0",
        "DELETE FROM holdfast.state_summary",
        "INSERT INTO holdfast.history_cut (state_id, version, cut_at, transaction_id)"
            + " VALUES (gen_random_uuid(), 1, now(), gen_random_uuid())",
        "CREATE TABLE holdfast.mine (n integer)"
      })
  void theAuditorDoesNothingElse(String sql) {
    refuses(AUDITOR, sql);
  }

  /** A check of a type of the caller's own would run with the rights of the owner, if a function took that type for the one it names. */
  @Test
  void theAuditorPutsNoTypeInThePlaceOfAnother() throws SQLException {
    database.execute(
        "CREATE ROLE eve LOGIN PASSWORD '%s' IN ROLE holdfast_auditor".formatted(PASSWORD));
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .build()) {
      State<JsonNode> state = holdfast.state("roles", "forged");
      state.set("k", Json.json("early"));
      state.set("k", Json.json("late"));
      try (Connection connection = connect("eve");
          Statement statement = connection.createStatement()) {
        statement.execute("""
            CREATE FUNCTION pg_temp.f(v pg_catalog.timestamptz) RETURNS pg_catalog.bool LANGUAGE plpgsql AS $$
            BEGIN
              IF current_user <> 'eve' THEN
                UPDATE holdfast.change SET payload = '"forged"';
              END IF;
              RETURN true;
            END
            $$;
            CREATE DOMAIN pg_temp.timestamptz AS pg_catalog.timestamptz CHECK (pg_temp.f(value));
            SELECT holdfast.version_as_of('roles', 'forged', pg_catalog.now())""");
      }

      assertThat(state.at(1).get("k")).contains(Json.json("early"));
      assertThat(state.at(2).get("k")).contains(Json.json("late"));
    } finally {
      database.execute("DROP OWNED BY eve; DROP ROLE eve");
    }
  }

  @Test
  void everyFunctionLooksForTemporaryObjectsLast() {
    assertThat(database.queryStrings("""
        SELECT p.proname
        FROM pg_proc AS p
        LEFT JOIN LATERAL (
          SELECT c.setting
          FROM unnest(p.proconfig) AS c (setting)
          WHERE c.setting LIKE 'search_path=%'
        ) AS path ON true
        WHERE p.pronamespace = 'holdfast'::regnamespace
          AND (p.prosecdef AND path.setting IS NULL OR path.setting NOT LIKE '%, pg_temp')""")).isEmpty();
    assertThat(
            database.queryLong(
                "SELECT count(*) FROM pg_proc AS p WHERE p.pronamespace = 'holdfast'::regnamespace AND p.prosecdef"))
        .isPositive();
  }

  @Test
  void severalGrantTheRolesAtOnce() {
    Migrations migrations = Migrations.of(database.dataSource(), database.schema());
    List<CompletableFuture<Void>> grants = IntStream.range(0, 4)
        .mapToObj(i -> CompletableFuture.runAsync(
            () -> {
              for (int n = 0; n < 5; n++) {
                migrations.grantRoles();
              }
            },
            task -> new Thread(task).start()))
        .toList();

    assertThat(grants).allSatisfy(grant -> assertThat(grant).succeedsWithin(Duration.ofMinutes(1)));
  }

  private void refuses(String user, String sql) {
    assertThatThrownBy(() -> {
          try (Connection connection = connect(user);
              Statement statement = connection.createStatement()) {
            statement.execute(sql);
          }
        })
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo(INSUFFICIENT_PRIVILEGE));
  }

  private Connection connect(String user) throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), user, PASSWORD);
  }

  /** All that the two roles hold on anything in the schema, so that a new table is not granted by accident. */
  @Test
  void theRightsAreTheseAndNoMore() {
    assertThat(rights("holdfast_app"))
        .containsExactlyInAnyOrder(
            "actor_summary SELECT",
            "breaker INSERT",
            "breaker SELECT",
            "breaker UPDATE",
            "breaker_summary SELECT",
            "breaker_transition INSERT",
            "breaker_transition SELECT",
            "breaker_transition_summary SELECT",
            "change INSERT",
            "change SELECT",
            "change_detail SELECT",
            "change_summary SELECT",
            "dead_letter DELETE",
            "dead_letter INSERT",
            "dead_letter SELECT",
            "dead_letter UPDATE",
            "effect_attempt INSERT",
            "effect_attempt SELECT",
            "effect_attempt UPDATE",
            "effect_attempt_summary SELECT",
            "effect_change_summary SELECT",
            "effect_compensation INSERT",
            "effect_compensation SELECT",
            "effect_compensation UPDATE",
            "effect_lease DELETE",
            "effect_lease INSERT",
            "effect_lease SELECT",
            "effect_lease UPDATE",
            "effect_operation INSERT",
            "effect_operation SELECT",
            "effect_operation_summary SELECT",
            "effect_outcome INSERT",
            "effect_outcome SELECT",
            "effect_outcome UPDATE",
            "effect_payload INSERT",
            "effect_payload SELECT",
            "effect_summary SELECT",
            "effect_transaction INSERT",
            "effect_transaction SELECT",
            "effect_transaction UPDATE",
            "feed_consumer DELETE",
            "feed_consumer INSERT",
            "feed_consumer SELECT",
            "feed_consumer UPDATE",
            "fork INSERT",
            "fork SELECT",
            "fork_summary SELECT",
            "history_cut INSERT",
            "history_cut SELECT",
            "history_cut_summary SELECT",
            "history_removal_summary SELECT",
            "holdfast_schema_history SELECT",
            "redaction_policy SELECT",
            "rollback_failure INSERT",
            "rollback_failure SELECT",
            "rollback_failure UPDATE",
            "rollback_failure_summary SELECT",
            "state INSERT",
            "state SELECT",
            "state UPDATE",
            "state_summary SELECT",
            "tag INSERT",
            "tag SELECT",
            "tag_summary SELECT",
            "value_summary SELECT");
    assertThat(rights("holdfast_auditor"))
        .containsExactlyInAnyOrder(
            "actor_summary SELECT",
            "breaker_summary SELECT",
            "breaker_transition_summary SELECT",
            "change_detail SELECT",
            "change_summary SELECT",
            "effect_attempt_summary SELECT",
            "effect_change_summary SELECT",
            "effect_operation_summary SELECT",
            "effect_summary SELECT",
            "fork_summary SELECT",
            "history_cut_summary SELECT",
            "history_removal_summary SELECT",
            "rollback_failure_summary SELECT",
            "state_summary SELECT",
            "tag_summary SELECT",
            "value_summary SELECT");
    assertThat(rights("holdfast_retention"))
        .containsExactlyInAnyOrder(
            "change DELETE",
            "change SELECT",
            "feed_consumer SELECT",
            "fork SELECT",
            "history_cut INSERT",
            "history_cut SELECT",
            "history_removal INSERT",
            "history_removal SELECT",
            "holdfast_schema_history SELECT",
            "state SELECT",
            "tag SELECT");
    assertThat(columnsToUpdate("holdfast_retention"))
        .containsExactlyInAnyOrder(
            "change.base_version",
            "change.delta_count",
            "change.form",
            "change.payload",
            "history_removal.ended_at",
            "history_removal.folded",
            "history_removal.removed",
            "state.oldest_version");
  }

  private List<String> columnsToUpdate(String role) {
    return database.queryStrings("""
        SELECT c.relname || '.' || a.attname
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'holdfast'::regnamespace AND c.relkind IN ('r', 'v')
          AND has_column_privilege('%s', c.oid, a.attnum, 'UPDATE')""".formatted(role));
  }

  private List<String> rights(String role) {
    return database.queryStrings("""
        SELECT c.relname || ' ' || p.privilege
        FROM pg_class AS c
        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
          AS p (privilege)
        WHERE c.relnamespace = 'holdfast'::regnamespace
          AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND has_table_privilege('%s', c.oid, p.privilege)""".formatted(role));
  }
}
