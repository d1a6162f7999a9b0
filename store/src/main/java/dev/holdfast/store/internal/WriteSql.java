package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;

/**
 * The statements that write. Four shapes, chosen by what the change set needs:
 *
 * <p><b>Blind</b> ({@link #setOne}, {@link #setMany}): whole values without any condition, all of one call and author, which are sent once.
 * One statement raises the version in the head row and inserts the rows. Waiting for the head row's lock is harmless, because PostgreSQL
 * re-reads the row after the wait and nothing else is read.
 *
 * <p><b>Conditional</b> ({@link #conditional}, {@link #clear}, {@link #rollback}): what is written depends on rows that others may be
 * changing. A statement sees the database as it was when the statement began, also after waiting for a lock; so a first statement takes the
 * head row's lock, and a second one, whose snapshot begins after the wait, looks and writes. Nobody else can commit to the state in
 * between. Both travel in one message and are one transaction: the driver sends a multi-statement text as a pipeline with a single Sync,
 * and outside an explicit transaction PostgreSQL commits at the Sync, all or nothing.
 *
 * <p><b>Following</b> ({@link #follow}): whole values and appends to a state that is still as this process has left it, so that it is known
 * what each append is put on; see {@link Tails}. The head row is raised under the condition that its version and its time are those; if they
 * are not, also after waiting for its lock, nothing is written. One statement, and no look.
 *
 * <p><b>Creating</b>: the first write of a state inserts its row. Blind shapes use {@code ON CONFLICT DO UPDATE}, which always writes;
 * conditional ones insert with {@code DO NOTHING} and then read the row under its lock, so that no decision rests on the outcome of
 * {@code DO NOTHING}, which serializable isolation does not count as a read.
 *
 * <p>Parameters that tell the planner how many rows to expect are hidden from it, see {@link ReadSql}.
 *
 * <p>Every statement is rendered once, for one schema. Immutable.
 */
final class WriteSql {

  /** So many rows are looked at in about a millisecond. */
  private static final int MOST_TOUCHED = 1_000;

  static final String RAISE = """
      version = s.version + 1,
      changed_at = greatest(clock_timestamp(), s.changed_at + interval '1 microsecond')""";

  /** Parameter: state_id. */
  private static final String RAISE_EXISTING = """
      UPDATE {schema}.state AS s
      SET %s
      WHERE s.state_id = ?
      RETURNING s.version, s.changed_at""".formatted(RAISE);

  /** Parameters: state_id, namespace, name. */
  private static final String RAISE_OR_CREATE = """
      INSERT INTO {schema}.state AS s (state_id, namespace, name, version, changed_at, created_at)
      VALUES (?, ?, ?, 1, clock_timestamp(), clock_timestamp())
      ON CONFLICT ON CONSTRAINT state_pkey DO UPDATE
      SET %s
      RETURNING s.version, s.changed_at""".formatted(RAISE);

  /** Parameters: of the head, then state_id, key, operation, actor, reason, transaction_id, payload. */
  private static final String SET_ONE = """
      WITH head AS (
      %s
      )
      INSERT INTO {schema}.change
        (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, payload)
      SELECT ?, ?, head.version, ?, ?, ?, head.changed_at, ?, 'value', ?::json
      FROM head
      RETURNING version""";

  /** Parameters: of the head, then state_id, operation, actor, reason, transaction_id, keys, payloads. */
  private static final String SET_MANY = """
      WITH head AS (
      %s
      ), written AS (
      INSERT INTO {schema}.change
        (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, payload)
      SELECT ?, i.key, head.version, ?, ?, ?, head.changed_at, ?, 'value', i.payload::json
      FROM head
      CROSS JOIN unnest((SELECT ?::text[]), (SELECT ?::text[])) AS i (key, payload)
      )
      SELECT version FROM head""";

  /** Parameters: state_id, version, changed_at, state_id, actor, reason, transaction_id, keys, operations, forms, bases, deltas, payloads. */
  private static final String FOLLOW = """
      WITH head AS (
        UPDATE {schema}.state AS s
        SET %s
        WHERE s.state_id = ? AND s.version = ? AND s.changed_at = ?
        RETURNING s.version, s.changed_at
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, base_version, delta_count, payload)
        SELECT ?, i.key, head.version, i.operation, ?, ?, head.changed_at, ?, i.form, i.base, i.deltas, i.payload::json
        FROM head
        CROSS JOIN unnest((SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::bigint[]), (SELECT ?::integer[]),
            (SELECT ?::text[]))
          AS i (key, operation, form, base, deltas, payload)
      )
      SELECT version, changed_at FROM head""".formatted(RAISE);

  /** Parameters: state_id, namespace, name. */
  static final String CREATE = """
      INSERT INTO {schema}.state (state_id, namespace, name, version, changed_at, created_at)
      VALUES (?, ?, ?, 0, clock_timestamp(), clock_timestamp())
      ON CONFLICT ON CONSTRAINT state_pkey DO NOTHING;
      """;

  /** Parameter: state_id. */
  static final String LOCK = """
      SELECT version, changed_at FROM {schema}.state WHERE state_id = ? FOR NO KEY UPDATE;
      """;

  /** Which items {@code i} depend on what is stored; whole values without a condition do not. */
  static final String DEPENDS = "(i.form <> 'value' OR i.guard IS NOT NULL)";

  /** The newest row of the key that a condition picks; parameter: state_id. Ordered by key as well, or the planner may walk all versions. */
  private static final String NEWEST_ROW = """
      SELECT c.version, c.form, c.base_version, c.source_version, c.delta_count, c.payload
      FROM {schema}.change AS c
      WHERE c.state_id = (SELECT ?::uuid) AND %s
      ORDER BY c.key DESC, c.version DESC
      LIMIT 1""";

  /**
   * Parameters: keys, operations, forms, payloads, guards, bases, deltas, actors, reasons, state_id, deltas per snapshot, deltas per
   * snapshot, state_id (fold).
   */
  private static final String GIVEN_ITEMS =
      """
      found AS MATERIALIZED (
        SELECT i.key, i.operation, i.form AS asked, i.payload, i.guard, i.base, i.deltas, i.actor, i.reason,
          coalesce(p.version, 0) AS version, coalesce(p.form, 'none') AS form, p.base_version, p.delta_count,
          i.form = 'append' AND p.form = 'value' AND json_typeof(p.payload) = 'array' AS is_array
        FROM unnest((SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::bigint[]),
            (SELECT ?::bigint[]), (SELECT ?::integer[]), (SELECT ?::text[]), (SELECT ?::text[]))
          AS i (key, operation, form, payload, guard, base, deltas, actor, reason)
        LEFT JOIN LATERAL (
      %s
        ) AS p ON true
      ), item AS MATERIALIZED (
        SELECT f.key, f.operation, f.actor, f.reason,
          f.version AS found_version,
          f.guard IS NOT NULL AND f.guard <> f.version AS moved,
          f.asked <> 'none' OR f.form <> 'none' AS effective,
          CASE
            WHEN f.asked <> 'append' THEN f.asked
            WHEN f.form = 'none' THEN 'value'
            WHEN f.form = 'append' AND f.delta_count >= ? THEN 'value'
            WHEN f.form = 'append' OR f.is_array THEN 'append'
            ELSE 'fold'
          END AS form,
          CASE
            WHEN f.asked = 'append' AND f.form = 'append' AND f.delta_count >= ? THEN (
              SELECT ('[' || coalesce(string_agg(
                substr(btrim(l.payload::text, E' \\n\\r\\t'), 2, length(btrim(l.payload::text, E' \\n\\r\\t')) - 2),
                ',' ORDER BY l.version), '') || ']')::json
              FROM (
                SELECT c.version, c.payload
                FROM {schema}.change AS c
                WHERE c.state_id = (SELECT ?::uuid)
                  AND (c.key, c.version) >= (f.key, f.base_version) AND (c.key, c.version) <= (f.key, f.version)
                UNION ALL
                SELECT f.version + 1, f.payload::json
              ) AS l (version, payload)
              WHERE json_array_length(l.payload) > 0)
            ELSE f.payload::json
          END AS payload,
          CASE WHEN f.asked <> 'append' THEN f.base ELSE coalesce(f.base_version, f.version) END AS base_version,
          NULL::bigint AS source_version,
          NULL::uuid AS source_state_id,
          CASE WHEN f.asked <> 'append' THEN f.deltas ELSE coalesce(f.delta_count, 0) + 1 END AS delta_count
        FROM found AS f
      )""".formatted(NEWEST_ROW.formatted("c.key = i.key AND " + DEPENDS));

  /** Every key of the state, by one index probe each, from the last to the first as in {@link ReadSql}; parameters: state_id, state_id. */
  static final String WALK = walkIf("true");

  private static String walkIf(String condition) {
    return """
      walk (key) AS (
        (SELECT c.key FROM {schema}.change AS c WHERE c.state_id = (SELECT ?::uuid) AND %s ORDER BY c.key DESC LIMIT 1)
        UNION ALL
        SELECT (
          SELECT c.key FROM {schema}.change AS c WHERE c.state_id = (SELECT ?::uuid) AND c.key < walk.key ORDER BY c.key DESC LIMIT 1)
        FROM walk
        WHERE walk.key IS NOT NULL
      )""".formatted(condition);
  }

  /**
   * The keys that were written after a version, which their newest rows were: by those rows, or by walking all keys where there are too many, which
   * is found out in a millisecond. The form is there for its own sake: all the rest is in the primary key as well, which would be read from end to
   * end, because no row has to be looked at then. Parameters: state_id, version, of the walk.
   */
  private static final String WRITTEN_AFTER =
      """
      touched AS MATERIALIZED (
        SELECT c.key, c.form
        FROM {schema}.change AS c
        WHERE c.state_id = (SELECT ?::uuid) AND c.version > (SELECT ?::bigint)
        ORDER BY c.version
        LIMIT %1$d + 1
      ), %2$s, written_after AS (
        SELECT w.key FROM walk AS w
        UNION ALL
        SELECT DISTINCT t.key FROM touched AS t WHERE (SELECT count(*) FROM touched) <= %1$d
      )""".formatted(MOST_TOUCHED, walkIf("(SELECT count(*) FROM touched) > " + MOST_TOUCHED));

  /** Parameters: of the walk, actor, reason, state_id. */
  private static final String CLEARED_ITEMS =
      """
      %s, item AS MATERIALIZED (
        SELECT w.key, 'clear' AS operation, ?::text AS actor, ?::text AS reason,
          0::bigint AS found_version, false AS moved, true AS effective, 'none' AS form,
          NULL::json AS payload, NULL::bigint AS base_version, NULL::bigint AS source_version, NULL::uuid AS source_state_id,
          NULL::integer AS delta_count
        FROM walk AS w
        CROSS JOIN LATERAL (
      %s
        ) AS p
        WHERE p.form <> 'none'
      )""".formatted(WALK, NEWEST_ROW.formatted("c.key = w.key"));

  /**
   * Every key written after the target goes back to its row at the target. A row that is itself a reference passes its source on, so a
   * reference always names a row with a payload. Parameters: of the keys, actor, reason, state_id (newest), state_id, target, target.
   */
  private static final String ROLLED_BACK_ITEMS =
      """
      %s, item AS MATERIALIZED (
        SELECT w.key, 'rollback' AS operation, ?::text AS actor, ?::text AS reason,
          p.version AS found_version, false AS moved, true AS effective,
          CASE WHEN t.form IS NULL OR t.form = 'none' THEN 'none' ELSE 'reference' END AS form,
          NULL::json AS payload,
          CASE WHEN t.form <> 'none' THEN coalesce(t.base_version, t.version) END AS base_version,
          CASE WHEN t.form <> 'none' THEN coalesce(t.source_version, t.version) END AS source_version,
          t.source_state_id,
          NULL::integer AS delta_count
        FROM written_after AS w
        CROSS JOIN LATERAL (
      %s
        ) AS p
        LEFT JOIN LATERAL (
          SELECT c.version, c.form, c.base_version, c.source_version, c.source_state_id
          FROM {schema}.change AS c
          WHERE c.state_id = (SELECT ?::uuid) AND c.key >= w.key AND (c.key, c.version) <= (w.key, (SELECT ?::bigint))
          ORDER BY c.key DESC, c.version DESC
          LIMIT 1
        ) AS t ON true
        WHERE p.version > ?
      )""".formatted(WRITTEN_AFTER, NEWEST_ROW.formatted("c.key = w.key"));

  /** What was cleared can still be returned to if it has a name. Parameters: state_id, target. */
  private static final String UNTAGGED = """

              AND NOT EXISTS (
                SELECT FROM {schema}.tag AS g WHERE g.state_id = ? AND g.version = ? AND g.removed_at IS NULL)""";

  /**
   * The verdict over all items, and what follows from it. The lock of the head row has given the transaction a number, so that even the
   * commit of nothing would wait for the disk, with the lock held; nothing needs no durability. In somebody's explicit transaction that
   * would be said of all that the transaction writes, so there it is not said. Parameters: state_id (head) before the items; after them
   * expected version, target (twice with the state_id between for what may have a name), state_id, state_id, transaction_id, whether the
   * message is a transaction of its own.
   */
  private static final String DECIDE_AND_WRITE = """
      WITH RECURSIVE head AS MATERIALIZED (
        SELECT version, oldest_version, changed_at FROM {schema}.state WHERE state_id = ?
      ), %s, verdict AS MATERIALIZED (
        SELECT h.version, h.oldest_version, h.changed_at,
          CASE
            WHEN h.version <> ?::bigint THEN 'moved'
            WHEN ?::bigint < h.oldest_version%s THEN 'cleared'
            WHEN bool_or(i.moved) THEN 'key_moved'
            WHEN bool_or(i.form = 'fold') THEN 'fold'
            WHEN bool_or(i.effective) THEN 'write'
            ELSE 'unchanged'
          END AS outcome
        FROM head AS h
        LEFT JOIN item AS i ON true
        GROUP BY h.version, h.oldest_version, h.changed_at
      ), raised AS (
        UPDATE {schema}.state AS s
        SET %s
        FROM verdict AS v
        WHERE s.state_id = ? AND v.outcome = 'write'
        RETURNING s.version, s.changed_at
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, base_version, source_version,
           source_state_id, delta_count, payload)
        SELECT ?, i.key, r.version, i.operation, i.actor, i.reason, r.changed_at, ?, i.form,
          CASE WHEN i.form IN ('append', 'patch', 'reference') THEN i.base_version END,
          i.source_version,
          i.source_state_id,
          CASE WHEN i.form IN ('append', 'patch') THEN i.delta_count END,
          i.payload
        FROM raised AS r
        CROSS JOIN item AS i
        WHERE i.effective
      )
      SELECT v.outcome, v.version, r.version AS new_version, blamed.key, blamed.found_version, v.oldest_version,
        CASE WHEN v.outcome <> 'write' AND ?::boolean THEN set_config('synchronous_commit', 'off', true) END,
        v.changed_at AS found_at, r.changed_at AS new_at, appended.keys AS appended_keys, appended.bases AS appended_bases, appended.deltas AS appended_deltas
      FROM verdict AS v
      LEFT JOIN raised AS r ON true
      CROSS JOIN (
        SELECT array_agg(i.key) AS keys, array_agg(i.base_version) AS bases, array_agg(i.delta_count) AS deltas
        FROM item AS i
        WHERE i.form = 'append'
      ) AS appended
      LEFT JOIN LATERAL (
        SELECT i.key, i.found_version
        FROM item AS i
        WHERE CASE v.outcome WHEN 'key_moved' THEN i.moved WHEN 'fold' THEN i.form = 'fold' ELSE false END
        ORDER BY i.key
        LIMIT 1
      ) AS blamed ON true""";

  final String setOne;
  final String createAndSetOne;
  final String setMany;
  final String createAndSetMany;
  final String follow;
  final String conditional;
  final String createAndConditional;
  final String clear;
  final String rollback;
  final String cut;
  final String lock;
  final String landed;

  WriteSql(SchemaName schema) {
    setOne = schema.in(SET_ONE.formatted(RAISE_EXISTING));
    createAndSetOne = schema.in(SET_ONE.formatted(RAISE_OR_CREATE));
    setMany = schema.in(SET_MANY.formatted(RAISE_EXISTING));
    createAndSetMany = schema.in(SET_MANY.formatted(RAISE_OR_CREATE));
    follow = schema.in(FOLLOW);
    conditional = schema.in(LOCK + DECIDE_AND_WRITE.formatted(GIVEN_ITEMS, "", RAISE));
    createAndConditional =
        schema.in(CREATE + LOCK + DECIDE_AND_WRITE.formatted(GIVEN_ITEMS, "", RAISE));
    clear = schema.in(LOCK + DECIDE_AND_WRITE.formatted(CLEARED_ITEMS, "", RAISE));
    rollback = schema.in(LOCK + DECIDE_AND_WRITE.formatted(ROLLED_BACK_ITEMS, UNTAGGED, RAISE));
    cut = schema.in(LOCK + CUT);
    lock = schema.in(CREATE + LOCK);
    landed = schema.in(LANDED);
  }

  /**
   * Makes everything before a version unreadable. Parameters: after the lock's, version or null for the newest, state_id, state_id, actor,
   * reason, transaction_id.
   */
  static final String CUT = """
      WITH target AS MATERIALIZED (
        SELECT s.state_id, s.version AS newest, greatest(s.oldest_version, coalesce(?::bigint, s.version)) AS version,
          s.oldest_version
        FROM {schema}.state AS s
        WHERE s.state_id = ?
      ), raised AS (
        UPDATE {schema}.state AS s
        SET oldest_version = t.version
        FROM target AS t
        WHERE s.state_id = ? AND t.version BETWEEN t.oldest_version + 1 AND t.newest
        RETURNING s.state_id, s.oldest_version
      ), written AS (
        INSERT INTO {schema}.history_cut (state_id, version, actor, reason, cut_at, transaction_id)
        SELECT r.state_id, r.oldest_version, ?, ?, clock_timestamp(), ?
        FROM raised AS r
      )
      SELECT t.version, t.newest FROM target AS t""";

  /**
   * Versions that are looked at also below the one that the state is known to have had: a server that takes over from one that is lost may be without
   * the last of those, and makes them again.
   */
  private static final int MOST_LOST = 1_000;

  /** Parameters: state_id, transaction_id, version that the state had, state_id, then state_id and transaction_id twice. */
  private static final String LANDED = """
      (SELECT c.version
       FROM {schema}.change AS c
       WHERE c.state_id = ? AND c.transaction_id = ?
         AND c.version > least(?::bigint, (SELECT s.version FROM {schema}.state AS s WHERE s.state_id = ?)) - %d
       ORDER BY c.state_id DESC, c.version DESC
       LIMIT 1)
      UNION ALL
      SELECT h.version FROM {schema}.history_cut AS h WHERE h.state_id = ? AND h.transaction_id = ?
      UNION ALL
      SELECT g.version FROM {schema}.tag AS g WHERE g.state_id = ? AND ? IN (g.transaction_id, g.removal_id)
      LIMIT 1""".formatted(MOST_LOST);
}
