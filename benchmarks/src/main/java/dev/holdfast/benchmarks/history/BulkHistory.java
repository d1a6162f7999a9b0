package dev.holdfast.benchmarks.history;

import dev.holdfast.benchmarks.server.Sql;
import dev.holdfast.migrations.SchemaName;
import java.time.Instant;
import java.util.UUID;

/**
 * Long histories, written by one statement each straight into the tables, as the library would have left them: versions are dense and one
 * millisecond apart, the first ones create all keys, each later one sets a random key. Confined to one thread.
 */
final class BulkHistory {

  /** Parameters: namespace, prefix, changes, changes, states. */
  private static final String STATES = """
      INSERT INTO {schema}.state (state_id, namespace, name, version, changed_at, created_at)
      SELECT {schema}.state_id(f.namespace, f.prefix || '-' || i), f.namespace, f.prefix || '-' || i, f.changes,
        date_trunc('second', now()) - interval '1 second', date_trunc('second', now()) - (f.changes + 1000) * interval '1 millisecond'
      FROM (SELECT ?::text, ?::text, ?::bigint) AS f (namespace, prefix, changes)
      CROSS JOIN generate_series(1, ?::integer) AS i""";

  /** Parameters: keys, keys, namespace, prefix. */
  private static final String CHANGES = """
      INSERT INTO {schema}.change (state_id, key, version, operation, actor, changed_at, transaction_id, form, payload)
      SELECT s.state_id, 'key-' || lpad(k::text, 6, '0'), v, 'set', 'bulk', s.created_at + v * interval '1 millisecond',
        gen_random_uuid(), 'value', json_build_object('number', v, 'text', repeat(md5(v::text), 2))
      FROM {schema}.state AS s
      CROSS JOIN LATERAL generate_series(1, s.version) AS v
      CROSS JOIN LATERAL (
        SELECT CASE WHEN v <= ?::bigint THEN v - 1 ELSE ('x' || substr(md5(v::text), 1, 8))::bit(32)::bigint % ?::bigint END
      ) AS random (k)
      WHERE s.namespace = ? AND s.name ~ ('^' || ? || '-')
      ORDER BY v""";

  private final Sql sql;
  private final SchemaName schema;

  BulkHistory(Sql sql, SchemaName schema) {
    this.sql = sql;
    this.schema = schema;
  }

  /** Writes states with the names prefix-1 and so on, with so many keys and changes each, and brings the statistics up to date. */
  void write(String namespace, String prefix, int states, long keys, long changes) {
    sql.update(in(STATES), namespace, prefix, changes, states);
    sql.update(in(CHANGES), keys, keys, namespace, prefix);
    sql.execute(in("VACUUM ANALYZE {schema}.state, {schema}.change"));
  }

  /** The database time at which a version of a state was made. */
  Instant timeOf(UUID state, long version) {
    long micros = sql.number(
        in(
            "SELECT (extract(epoch FROM created_at) * 1000000)::bigint + ? * 1000 FROM {schema}.state WHERE state_id = ?"),
        version,
        state);
    return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
  }

  private String in(String text) {
    return schema.in(text);
  }
}
