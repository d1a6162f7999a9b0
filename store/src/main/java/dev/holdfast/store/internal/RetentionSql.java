package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;

/** The statements of retention, see {@link RetentionStore}. Every statement is rendered once, for one schema. Immutable. */
final class RetentionSql {

  /** Parameters: namespace and name to begin behind, namespace to end with or null, the same, limit. */
  private static final String STATES = """
      SELECT s.namespace, s.name, s.version, s.oldest_version, f.forked_at
      FROM {schema}.state AS s
      LEFT JOIN {schema}.fork AS f ON f.state_id = s.state_id
      WHERE (s.namespace, s.name) > (?, ?) AND (?::text IS NULL OR s.namespace <= ?)
      ORDER BY s.namespace, s.name
      LIMIT ?""";

  /** Parameter: state_id. */
  private static final String STATE = """
      SELECT s.namespace, s.name, s.version, s.oldest_version, f.forked_at
      FROM {schema}.state AS s
      LEFT JOIN {schema}.fork AS f ON f.state_id = s.state_id
      WHERE s.state_id = ?""";

  /**
   * The newest version up to one given that is not younger than a time and was delivered to all consumers of the feed. The time is hidden from
   * the index for questions across states, which would collect blocks where a few steps back suffice. Parameters: version, state_id,
   * version, milliseconds, state_id, version.
   */
  private static final String SETTLED = """
      SELECT least(?::bigint,
        coalesce((
          SELECT c.version
          FROM {schema}.change AS c
          WHERE c.state_id = ? AND c.version <= ?
            AND coalesce(c.changed_at, c.changed_at) <= clock_timestamp() - ? * interval '1 millisecond'
          ORDER BY c.state_id DESC, c.version DESC
          LIMIT 1), 0),
        (SELECT min(c.version) - 1
         FROM {schema}.change AS c
         WHERE c.state_id = ? AND c.version <= ?
           AND ((c.xid::text)::bigint) >= (SELECT min(f.position) FROM {schema}.feed_consumer AS f)))""";

  /** Parameter: state_id. */
  private static final String TAGGED = """
      SELECT DISTINCT g.version FROM {schema}.tag AS g WHERE g.state_id = ? AND g.removed_at IS NULL""";

  /** Parameters: milliseconds, state_id, of the cut, state_id. */
  private static final String HOLD = """
      SELECT set_config('lock_timeout', ?, true);
      SELECT version FROM {schema}.state WHERE state_id = ? FOR UPDATE;
      %s;
      SELECT s.oldest_version, ARRAY(
        SELECT DISTINCT g.version FROM {schema}.tag AS g WHERE g.state_id = s.state_id AND g.removed_at IS NULL)
      FROM {schema}.state AS s
      WHERE s.state_id = ?""".formatted(WriteSql.CUT);

  /**
   * In the order of the primary key. The highest version is hidden from the index by version, which a plan for any values might walk instead
   * and sort, page by page. Parameters: state_id, key, version to begin behind, highest version, limit.
   */
  private static final String ROWS = """
      SELECT c.key, c.version, c.form
      FROM {schema}.change AS c
      WHERE c.state_id = ? AND (c.key, c.version) > (?, ?) AND coalesce(c.version, c.version) <= ?
      ORDER BY c.key, c.version
      LIMIT ?""";

  /**
   * The rows that references lead to which stay: those of other states, those above the highest version, and those that are the newest of
   * their key at a pin. Parameters: state_id, first key, last key, highest version, state_id, highest version, pins.
   */
  private static final String SOURCES = """
      SELECT DISTINCT r.key, r.source_version
      FROM {schema}.change AS r
      WHERE r.form = 'reference' AND coalesce(r.source_state_id, r.state_id) = ? AND r.key >= ? AND r.key <= ?
        AND r.source_version <= ?
        AND (r.state_id <> ? OR r.version > ? OR EXISTS (
          SELECT
          FROM unnest(?::bigint[]) AS p (version)
          WHERE p.version >= r.version AND NOT EXISTS (
            SELECT
            FROM {schema}.change AS n
            WHERE n.state_id = r.state_id AND (n.key, n.version) > (r.key, r.version) AND (n.key, n.version) <= (r.key, p.version))))""";

  private static final String MAY_REMOVE = """
      SELECT has_table_privilege('{schema}.change', 'DELETE') AND has_table_privilege('{schema}.history_removal', 'INSERT')""";

  private static final String COLUMNS = """
      c.key, c.version, c.operation, c.actor, c.reason, c.changed_at, c.transaction_id, c.xid::text, c.form, c.base_version,
      c.source_version, c.source_state_id, c.delta_count, c.effect_id, c.payload""";

  /** Parameters: state_id, key, versions. */
  private static final String REMOVE = """
      DELETE FROM {schema}.change AS c
      WHERE c.state_id = ? AND c.key = ? AND c.version = ANY (?::bigint[])""";

  /** The same, with what was there. */
  private static final String TAKE_OUT = REMOVE + "\nRETURNING " + COLUMNS;

  /** Parameters: state_id, key, lowest version, key, highest version. */
  private static final String CHAIN = """
      SELECT %s
      FROM {schema}.change AS c
      WHERE c.state_id = ? AND (c.key, c.version) >= (?, ?) AND (c.key, c.version) <= (?, ?)
      ORDER BY c.key, c.version""".formatted(COLUMNS);

  /** Parameters: payload, state_id, key, version. */
  private static final String FOLD = """
      UPDATE {schema}.change AS c
      SET form = 'value', payload = ?::json, base_version = NULL, delta_count = NULL
      WHERE c.state_id = ? AND c.key = ? AND c.version = ? AND c.form IN ('append', 'patch')""";

  /** Parameters: state_id, run_id, version, removed, folded, actor, reason. */
  private static final String RECORD = """
      INSERT INTO {schema}.history_removal AS r
        (state_id, run_id, version, removed, folded, actor, reason, began_at, ended_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, clock_timestamp(), clock_timestamp())
      ON CONFLICT ON CONSTRAINT history_removal_pkey DO UPDATE
      SET removed = r.removed + excluded.removed, folded = r.folded + excluded.folded, ended_at = excluded.ended_at""";

  final String states;
  final String state;
  final String settled;
  final String tagged;
  final String hold;
  final String rows;
  final String sources;
  final String mayRemove;
  final String remove;
  final String takeOut;
  final String chain;
  final String fold;
  final String record;

  RetentionSql(SchemaName schema) {
    states = schema.in(STATES);
    state = schema.in(STATE);
    settled = schema.in(SETTLED);
    tagged = schema.in(TAGGED);
    hold = schema.in(HOLD);
    rows = schema.in(ROWS);
    sources = schema.in(SOURCES);
    mayRemove = schema.in(MAY_REMOVE);
    remove = schema.in(REMOVE);
    takeOut = schema.in(TAKE_OUT);
    chain = schema.in(CHAIN);
    fold = schema.in(FOLD);
    record = schema.in(RECORD);
  }
}
