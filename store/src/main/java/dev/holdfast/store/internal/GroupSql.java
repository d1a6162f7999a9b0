package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;

/**
 * The statements that write several change sets, of one state or of many, in one message. A message is one transaction and so one flush.
 *
 * <p><b>Never waiting for a state.</b> Somebody else may hold the lock of one of the states for long, and the others must not wait for it.
 * So the locks are taken with {@code SKIP LOCKED}: what is held elsewhere is left out and reported, and the caller sends it again on a way
 * of its own that waits. Nothing waits, so nothing can deadlock either, in whatever order the states come.
 *
 * <p><b>Blind</b> ({@link #blind}): an UPDATE reads the row again that it locks, so the version is the newest whatever the snapshot says,
 * and nothing else is read. <b>Conditional</b> ({@link #conditional}): what is written depends on other rows, which a statement sees as they
 * were when it began. The lock and the look are in one statement nevertheless: if the version that the lock found is the one that the
 * snapshot shows, nobody wrote the state in between, and every row of it is as it was. If it is not, the state counts as held.
 *
 * <p><b>Waiting</b> ({@link #waitingBlind}, {@link #waitingConditional}): the same statements behind one that waits for the lock of one state, and makes its row when it is
 * missing; what follows has its snapshot after the wait.
 *
 * <p>Arrays come through {@code (SELECT ?)}, which hides their length from the planner. It would prefer a new plan for every call otherwise,
 * as it believes one made for the very length to be the better one; making it takes longer than running it.
 *
 * <p>Every statement is rendered once, for one schema. Immutable.
 */
final class GroupSql {

  /** Parameter: state_ids. */
  private static final String HELD = """
      held AS MATERIALIZED (
        SELECT s.state_id, s.version, s.oldest_version
        FROM {schema}.state AS s
        WHERE s.state_id = ANY ((SELECT ?::uuid[])::uuid[])
        FOR NO KEY UPDATE SKIP LOCKED
      )""";

  /** Times are one microsecond apart within a message, and later than before, also when the clock went back. */
  private static final String RAISE = """
      version = s.version + g.sets,
            changed_at = greatest(clock_timestamp(), s.changed_at + interval '1 microsecond')
              + (g.sets - 1) * interval '1 microsecond'""";

  /**
   * Parameters: state_ids, state_ids, numbers of sets, then per item places of the states, state_ids, keys, ordinals, operations, actors, reasons,
   * transaction_ids, payloads.
   */
  private static final String BLIND = """
      WITH %s, head AS (
        UPDATE {schema}.state AS s
        SET %s
        FROM unnest((SELECT ?::uuid[]), (SELECT ?::integer[])) WITH ORDINALITY AS g (state_id, sets, place)
        JOIN held AS h ON h.state_id = g.state_id
        WHERE s.state_id = g.state_id
        RETURNING g.place, s.version - g.sets AS base, s.changed_at - g.sets * interval '1 microsecond' AS base_at
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, payload)
        SELECT i.state_id, i.key, h.base + i.ordinal, i.operation, i.actor, i.reason,
          h.base_at + i.ordinal * interval '1 microsecond', i.transaction_id, 'value', i.payload::json
        FROM unnest((SELECT ?::integer[]), (SELECT ?::uuid[]), (SELECT ?::text[]), (SELECT ?::integer[]), (SELECT ?::text[]),
            (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::uuid[]), (SELECT ?::text[]))
          AS i (place, state_id, key, ordinal, operation, actor, reason, transaction_id, payload)
        JOIN head AS h ON h.place = i.place
      )
      SELECT h.place, h.base FROM head AS h""".formatted(HELD, RAISE);

  /**
   * One verdict a set. An append that follows other appends to the same key in the same message says how many: it is a delta on top of
   * theirs. Where that cannot be, because a whole value has to be written first, it is for the next message.
   *
   * <p>Parameters: state_ids, then per set state_ids, expected versions, transaction_ids; per item sets, state_ids, keys, operations, forms,
   * payloads, guards, bases, deltas, appends before, actors, reasons; deltas per snapshot; whether the message is a transaction
   * of its own.
   */
  private static final String CONDITIONAL = """
      WITH %s, given AS MATERIALIZED (
        SELECT g.place, g.state_id, g.expected, g.transaction_id, h.version
        FROM unnest((SELECT ?::uuid[]), (SELECT ?::bigint[]), (SELECT ?::uuid[]))
          WITH ORDINALITY AS g (state_id, expected, transaction_id, place)
        LEFT JOIN (
          SELECT s.state_id, s.version
          FROM held AS h
          JOIN {schema}.state AS s
            ON s.state_id = h.state_id AND s.version = h.version AND s.oldest_version = h.oldest_version
        ) AS h ON h.state_id = g.state_id
      ), found AS MATERIALIZED (
        SELECT i.place, i.state_id, i.key, i.operation, i.form AS asked, i.payload, i.guard, i.base, i.deltas, i.before,
          i.actor, i.reason,
          coalesce(p.version, 0) AS version, coalesce(p.form, 'none') AS form, p.base_version, p.delta_count,
          i.form = 'append' AND p.form = 'value' AND json_typeof(p.payload) = 'array' AS is_array
        FROM unnest((SELECT ?::integer[]), (SELECT ?::uuid[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]),
            (SELECT ?::text[]), (SELECT ?::bigint[]), (SELECT ?::bigint[]), (SELECT ?::integer[]), (SELECT ?::integer[]),
            (SELECT ?::text[]), (SELECT ?::text[]))
          AS i (place, state_id, key, operation, form, payload, guard, base, deltas, before, actor, reason)
        LEFT JOIN LATERAL (
          SELECT c.version, c.form, c.base_version, c.delta_count,
            CASE WHEN i.form = 'append' AND c.form = 'value' THEN c.payload END AS payload
          FROM {schema}.change AS c
          WHERE c.state_id = i.state_id AND c.key = i.key
          ORDER BY c.key DESC, c.version DESC
          LIMIT 1
        ) AS p ON i.form <> 'value' OR i.guard IS NOT NULL
      ), item AS MATERIALIZED (
        SELECT f.place, f.state_id, f.key, f.operation, f.actor, f.reason,
          f.version AS found_version,
          f.guard IS NOT NULL AND f.guard <> f.version AS moved,
          f.asked <> 'none' OR f.form <> 'none' AS effective,
          CASE
            WHEN f.asked <> 'append' THEN f.asked
            WHEN (f.form = 'append' OR f.is_array) AND coalesce(f.delta_count, 0) + f.before < k.deltas THEN 'append'
            WHEN f.form NOT IN ('append', 'none') AND f.is_array IS NOT TRUE THEN 'fold'
            WHEN f.before > 0 THEN 'later'
            ELSE 'value'
          END AS form,
          CASE
            WHEN f.asked = 'append' AND f.form = 'append' AND f.before = 0 AND f.delta_count >= k.deltas THEN (
              SELECT ('[' || coalesce(string_agg(
                substr(btrim(l.payload::text, E' \\n\\r\\t'), 2, length(btrim(l.payload::text, E' \\n\\r\\t')) - 2),
                ',' ORDER BY l.version), '') || ']')::json
              FROM (
                SELECT c.version, c.payload
                FROM {schema}.change AS c
                WHERE c.state_id = f.state_id
                  AND (c.key, c.version) >= (f.key, f.base_version) AND (c.key, c.version) <= (f.key, f.version)
                UNION ALL
                SELECT f.version + 1, f.payload::json
              ) AS l (version, payload)
              WHERE json_array_length(l.payload) > 0)
            ELSE f.payload::json
          END AS payload,
          CASE WHEN f.asked <> 'append' THEN f.base ELSE coalesce(f.base_version, f.version) END AS base_version,
          CASE WHEN f.asked <> 'append' THEN f.deltas ELSE coalesce(f.delta_count, 0) + f.before + 1 END AS delta_count
        FROM found AS f CROSS JOIN (SELECT ?::integer) AS k (deltas)
      ), verdict AS MATERIALIZED (
        SELECT g.place, g.state_id, g.transaction_id, g.version,
          CASE
            WHEN g.version IS NULL THEN 'held'
            WHEN g.version <> g.expected THEN 'moved'
            WHEN i.moved THEN 'key_moved'
            WHEN i.folds THEN 'fold'
            WHEN i.later THEN 'later'
            WHEN i.effective THEN 'write'
            ELSE 'unchanged'
          END AS outcome
        FROM given AS g
        JOIN (
          SELECT i.place, bool_or(i.moved) AS moved, bool_or(i.form = 'fold') AS folds, bool_or(i.form = 'later') AS later,
            bool_or(i.effective) AS effective
          FROM item AS i
          GROUP BY i.place
        ) AS i ON i.place = g.place
      ), numbered AS MATERIALIZED (
        SELECT v.place, v.state_id, v.transaction_id,
          row_number() OVER (PARTITION BY v.state_id ORDER BY v.place) AS ordinal,
          count(*) OVER (PARTITION BY v.state_id) AS sets
        FROM verdict AS v
        WHERE v.outcome = 'write'
      ), raised AS (
        UPDATE {schema}.state AS s
        SET %s
        FROM numbered AS g
        WHERE g.ordinal = 1 AND s.state_id = g.state_id
        RETURNING s.state_id, s.version - g.sets AS base, s.changed_at - g.sets * interval '1 microsecond' AS base_at
      ), version AS MATERIALIZED (
        SELECT n.place, n.state_id, n.transaction_id, r.base + n.ordinal AS version,
          r.base_at + n.ordinal * interval '1 microsecond' AS changed_at
        FROM numbered AS n
        JOIN raised AS r ON r.state_id = n.state_id
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, base_version, delta_count, payload)
        SELECT v.state_id, i.key, v.version, i.operation, i.actor, i.reason, v.changed_at, v.transaction_id, i.form,
          CASE WHEN i.form IN ('append', 'patch') THEN i.base_version END,
          CASE WHEN i.form IN ('append', 'patch') THEN i.delta_count END,
          i.payload
        FROM item AS i
        JOIN version AS v ON v.place = i.place
        WHERE i.effective
      )
      SELECT v.place, v.outcome, v.version, n.version, blamed.key, blamed.found_version,
        CASE WHEN ?::boolean AND NOT EXISTS (SELECT FROM numbered) THEN set_config('synchronous_commit', 'off', true) END
      FROM verdict AS v
      LEFT JOIN version AS n ON n.place = v.place
      LEFT JOIN LATERAL (
        SELECT i.key, i.found_version
        FROM item AS i
        WHERE i.place = v.place AND CASE v.outcome WHEN 'key_moved' THEN i.moved WHEN 'fold' THEN i.form = 'fold' END
        ORDER BY i.key
        LIMIT 1
      ) AS blamed ON v.outcome IN ('key_moved', 'fold')""".formatted(HELD, RAISE);

  final String blind;
  final String conditional;
  final String waitingBlind;
  final String waitingConditional;

  GroupSql(SchemaName schema) {
    blind = WriteSql.in(schema, BLIND);
    conditional = WriteSql.in(schema, CONDITIONAL);
    waitingBlind = WriteSql.in(schema, WriteSql.CREATE + WriteSql.LOCK + BLIND);
    waitingConditional = WriteSql.in(schema, WriteSql.CREATE + WriteSql.LOCK + CONDITIONAL);
  }
}
