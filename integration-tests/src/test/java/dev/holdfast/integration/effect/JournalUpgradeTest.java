package dev.holdfast.integration.effect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A journal that was written when operations had a status, and requests and responses were payloads, keeps all that it says. */
@HoldfastTest
@Timeout(120)
class JournalUpgradeTest {

  private static final SchemaName SCHEMA = new SchemaName("upgraded");

  private final TestDatabase database;

  JournalUpgradeTest(TestDatabase database) {
    this.database = database;
  }

  @AfterEach
  void drop() {
    database.execute("DROP SCHEMA upgraded CASCADE");
  }

  /** The tables as an older release has them, without its functions and views: those of today, which are run again, do not fit them. */
  private void migrateTo(String version) {
    Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(database.dataSource())
        .schemas(SCHEMA.value())
        .defaultSchema(SCHEMA.value())
        .table("holdfast_schema_history")
        .locations("classpath:dev/holdfast/migrations/sql")
        .placeholders(Map.of("schema", SCHEMA.value()))
        .repeatableSqlMigrationPrefix("none")
        .target(version)
        .load()
        .migrate();
  }

  @Test
  void everyOperationKeepsItsStatusRequestAndResponse() {
    migrateTo("20");
    database.execute("""
        INSERT INTO upgraded.effect_transaction (effect_id, name, id, status, epoch, revision, owner, process, leased_until)
        SELECT md5(n::text)::uuid, 'trip', n::text,
          CASE n WHEN 1 THEN 'committed' WHEN 2 THEN 'rollback_failed' ELSE 'running' END, 1, 3,
          gen_random_uuid(), 'test', CASE n WHEN 3 THEN now() END
        FROM generate_series(1, 3) AS n;
        INSERT INTO upgraded.effect_operation (effect_id, position, kind, name, status, started_at, changed_at, error)
        SELECT md5(v.id)::uuid, v.position::integer[], v.kind, v.name, v.status, 'epoch', '2026-01-02 03:04:05Z', v.error
        FROM (VALUES
          ('1', '{1}', 'remote', 'flight', 'succeeded', NULL),
          ('1', '{2}', 'scope', 'extras', 'failed', 'sold out'),
          ('2', '{1}', 'remote', 'flight', 'compensated', NULL),
          ('2', '{2}', 'remote', 'hotel', 'compensation_failed', 'no route'),
          ('2', '{3}', 'step', 'note', 'skipped', NULL),
          ('3', '{1}', 'remote', 'flight', 'unknown', 'timeout'),
          ('3', '{2}', 'remote', 'hotel', 'intended', NULL)
        ) AS v (id, position, kind, name, status, error);
        INSERT INTO upgraded.effect_payload (effect_id, position, part, payload)
        SELECT md5(v.id)::uuid, v.position::integer[], v.part, v.payload::json
        FROM (VALUES
          ('1', '{1}', 'request', '{"to":  "SEA"}'),
          ('1', '{1}', 'response', '1e2'),
          ('1', '{1}', 'provider', '"acme"'),
          ('1', '{}', 'result', 'null'),
          ('2', '{1}', 'request', '1'),
          ('2', '{1}', 'response', '2'),
          ('2', '{2}', 'request', '3'),
          ('3', '{}', 'input', '{}'),
          ('3', '{1}', 'request', '4'),
          ('3', '{2}', 'request', '5')
        ) AS v (id, position, part, payload);
        CREATE VIEW upgraded.effect_operation_summary AS
        SELECT effect_id, position, status, changed_at, error FROM upgraded.effect_operation""");

    Migrations.of(database.dataSource(), SCHEMA).migrate();

    assertThat(database.queryStrings("""
            SELECT concat_ws(' ', id, position, kind, name, status, coalesce(request::text, '-'), coalesce(response::text, '-'),
              coalesce(error, '-'), coalesce(provider, '-'), extract(year FROM changed_at))
            FROM upgraded.effect_operation_summary ORDER BY id, position"""))
        .containsExactly(
            "1 {1} remote flight succeeded {\"to\":  \"SEA\"} 1e2 - acme 2026",
            "1 {2} scope extras failed - - sold out - 2026",
            "2 {1} remote flight compensated 1 2 - - 2026",
            "2 {2} remote hotel compensation_failed 3 - no route - 2026",
            "2 {3} step note skipped - - - - 2026",
            "3 {1} remote flight unknown 4 - timeout - 2026",
            // Nothing has happened to it since it was begun.
            "3 {2} remote hotel intended 5 - - - 1970");
    assertThat(database.queryStrings("""
            SELECT concat_ws(' ', t.id, r.position, r.status, coalesce(r.response::text, '-'))
            FROM upgraded.effect_outcome AS r
            JOIN upgraded.effect_transaction AS t ON t.effect_id = r.effect_id
            ORDER BY t.id, r.position"""))
        .as("what came before a compensation is what a response says of it")
        .containsExactly(
            "1 {} succeeded null",
            "1 {1} succeeded 1e2",
            "1 {2} failed -",
            "2 {1} succeeded 2",
            "2 {2} unknown -",
            "2 {3} succeeded -",
            "3 {1} unknown -");
    assertThat(database.queryStrings(
            "SELECT part || ' ' || payload::text FROM upgraded.effect_payload ORDER BY part"))
        .containsExactly("input {}", "provider \"acme\"");
  }
}
