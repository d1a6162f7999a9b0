package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The statements that write several change sets, of one state or of many, in one message. A message is one transaction and so one flush.
 *
 * <p><b>Never waiting for a state.</b> Somebody else may hold the lock of one of the states for long, and the others must not wait for it.
 * So the locks are taken with {@code SKIP LOCKED}: what is held elsewhere is left out and reported, and the caller sends it again on a way
 * of its own that waits. Nothing waits, so nothing can deadlock either, in whatever order the states come.
 *
 * <p><b>Looking after locking, in one statement.</b> A statement sees all rows as they were when it began, but a lock finds the newest form
 * of its row. If that is not the one that the statement sees, somebody wrote the state in between, and its other rows may have changed
 * unseen. So the locked row is looked up again by its physical place, which finds it only when it is also the one that is seen; otherwise
 * the state counts as held. The rows of a state change only under its lock, and each change makes a new form of its row.
 *
 * <p><b>Waiting</b> ({@link Way}): the same statements behind one that waits for the lock of one state, and behind one that makes its row where
 * it may be missing; what follows has its snapshot after the wait. The wait can be bounded, by a setting of the transaction that ends with it.
 *
 * <p>Arrays come through {@code (SELECT ?)}, which hides their length from the planner. It would prefer a new plan for every call otherwise,
 * as it believes one made for the very length to be the better one; making it takes longer than running it.
 *
 * <p>Every statement is rendered once, for one schema. Immutable.
 */
final class GroupSql {

  /**
   * The states that are locked now and seen as they are: their places among those asked for, and the time of their next version. One look-up
   * a state, twice: for a list of them the planner may prefer to read the whole table, also a large one while its plan is an old one.
   * Parameter: state_ids, and what else is given for each.
   */
  private static final String HELD_AND = """
      held AS MATERIALIZED (
        SELECT w.place, l.row_id, l.state_id, l.version, l.changed_at,
          greatest(clock_timestamp(), l.changed_at + interval '1 microsecond') AS next_at%s
        FROM unnest((SELECT ?::uuid[])%s) WITH ORDINALITY AS w (state_id%s, place)
        CROSS JOIN LATERAL (
          SELECT s.ctid AS row_id, s.state_id, s.version, s.changed_at
          FROM {schema}.state AS s
          WHERE s.state_id = w.state_id
          FOR NO KEY UPDATE SKIP LOCKED
        ) AS l
        CROSS JOIN LATERAL (
          SELECT FROM {schema}.state AS s WHERE s.ctid = l.row_id LIMIT 1
        ) AS seen
      )""";

  private static final String HELD = HELD_AND.formatted("", "", "");

  /**
   * The planner takes a limit that it does not know for a tenth of the rows, and so for few enough to look each up by its place.
   *
   * <p>Parameters: state_ids, numbers of sets by place of the state, then per item places of the states, keys, ordinals, operations, actors,
   * reasons, transaction_ids, payloads.
   */
  private static final String BLIND = """
      WITH %s, raised AS (
        UPDATE {schema}.state AS s
        SET version = h.version + h.sets,
            changed_at = h.next_at + (h.sets - 1) * interval '1 microsecond'
        FROM (
          SELECT held.row_id, held.version, held.next_at, ((SELECT ?::integer[]))[held.place] AS sets
          FROM held
          LIMIT (SELECT 2147483647)
        ) AS h
        WHERE s.ctid = h.row_id
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, payload)
        SELECT h.state_id, i.key, h.version + i.ordinal, i.operation, i.actor, i.reason,
          h.next_at + (i.ordinal - 1) * interval '1 microsecond', i.transaction_id, 'value', i.payload::json
        FROM unnest((SELECT ?::integer[]), (SELECT ?::text[]), (SELECT ?::integer[]), (SELECT ?::text[]), (SELECT ?::text[]),
            (SELECT ?::text[]), (SELECT ?::uuid[]), (SELECT ?::text[]))
          AS i (place, key, ordinal, operation, actor, reason, transaction_id, payload)
        JOIN held AS h ON h.place = i.place
      )
      SELECT h.place, h.version FROM held AS h""".formatted(HELD);

  /**
   * Whole values of one state. What the lock finds is the row to raise; where the statement does not see that form of it, nothing is raised.
   *
   * <p>Parameters: number of sets, number of sets, state_id, then per item keys, how many sets come after its own, as a negative number,
   * operations, actors, reasons, transaction_ids, payloads.
   */
  private static final String BLIND_ONE = """
      WITH head AS (
        UPDATE {schema}.state AS s
        SET version = s.version + ?::integer,
            changed_at = greatest(clock_timestamp(), s.changed_at + interval '1 microsecond') + (?::integer - 1) * interval '1 microsecond'
        WHERE s.ctid = (
          SELECT l.ctid FROM {schema}.state AS l WHERE l.state_id = ? FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING s.state_id, s.version, s.changed_at
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, payload)
        SELECT h.state_id, i.key, h.version + i.place, i.operation, i.actor, i.reason,
          h.changed_at + i.place * interval '1 microsecond', i.transaction_id, 'value', i.payload::json
        FROM head AS h
        CROSS JOIN unnest((SELECT ?::text[]), (SELECT ?::integer[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]),
            (SELECT ?::uuid[]), (SELECT ?::text[]))
          AS i (key, place, operation, actor, reason, transaction_id, payload)
      )
      SELECT h.version FROM head AS h""";

  /**
   * Whole values, and appends of which it is known what they are put on as long as their state is as it is given, see {@link Tails}; a state
   * without a version may be in any. What does not fit is left out and reported.
   *
   * <p>Parameters: state_ids, numbers of sets, versions and times by place of the state, then per item places of the states, keys, ordinals,
   * operations, actors, reasons, transaction_ids, forms, bases, deltas, payloads.
   */
  private static final String FOLLOWING = """
      WITH %s, raised AS (
        UPDATE {schema}.state AS s
        SET version = h.version + h.sets, changed_at = h.last_at
        FROM (
          SELECT held.row_id, held.version, held.sets, held.next_at + (held.sets - 1) * interval '1 microsecond' AS last_at
          FROM held
          WHERE held.fits
          LIMIT (SELECT 2147483647)
        ) AS h
        WHERE s.ctid = h.row_id
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, base_version, delta_count, payload)
        SELECT h.state_id, i.key, h.version + i.ordinal, i.operation, i.actor, i.reason,
          h.next_at + (i.ordinal - 1) * interval '1 microsecond', i.transaction_id, i.form, i.base, i.deltas, i.payload::json
        FROM unnest((SELECT ?::integer[]), (SELECT ?::text[]), (SELECT ?::integer[]), (SELECT ?::text[]), (SELECT ?::text[]),
            (SELECT ?::text[]), (SELECT ?::uuid[]), (SELECT ?::text[]), (SELECT ?::bigint[]), (SELECT ?::integer[]),
            (SELECT ?::text[]))
          AS i (place, key, ordinal, operation, actor, reason, transaction_id, form, base, deltas, payload)
        JOIN held AS h ON h.place = i.place
        WHERE h.fits
      )
      SELECT h.place, h.version, h.fits, h.next_at + (h.sets - 1) * interval '1 microsecond'
      FROM held AS h""".formatted(HELD_AND.formatted(
      """
          ,
                    w.sets, w.version IS NULL OR (w.version = l.version AND w.changed_at = l.changed_at) AS fits""",
      ", (SELECT ?::integer[]), (SELECT ?::bigint[]), (SELECT ?::timestamptz[])",
      ", sets, version, changed_at"));

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
        SELECT g.place, g.state_id, g.expected, g.transaction_id, h.row_id, h.version, h.changed_at, h.next_at
        FROM unnest((SELECT ?::uuid[]), (SELECT ?::bigint[]), (SELECT ?::uuid[]))
          WITH ORDINALITY AS g (state_id, expected, transaction_id, place)
        LEFT JOIN held AS h ON h.state_id = g.state_id
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
          WHERE c.state_id = i.state_id AND c.key = i.key AND %s
          ORDER BY c.key DESC, c.version DESC
          LIMIT 1
        ) AS p ON true
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
        SELECT g.place, g.state_id, g.transaction_id, g.row_id, g.version, g.changed_at, g.next_at,
          i.moved_keys, i.moved_versions, i.folded_keys, i.appended_keys, i.appended_bases, i.appended_deltas,
          CASE
            WHEN g.version IS NULL THEN 'held'
            WHEN g.version <> g.expected THEN 'moved'
            WHEN i.moved_keys IS NOT NULL THEN 'key_moved'
            WHEN i.folded_keys IS NOT NULL THEN 'fold'
            WHEN i.later THEN 'later'
            WHEN i.effective THEN 'write'
            ELSE 'unchanged'
          END AS outcome
        FROM given AS g
        JOIN (
          SELECT i.place,
            array_agg(i.key) FILTER (WHERE i.moved) AS moved_keys,
            array_agg(i.found_version) FILTER (WHERE i.moved) AS moved_versions,
            array_agg(i.key) FILTER (WHERE i.form = 'fold') AS folded_keys,
            array_agg(i.key) FILTER (WHERE i.form = 'append') AS appended_keys,
            array_agg(i.base_version) FILTER (WHERE i.form = 'append') AS appended_bases,
            array_agg(i.delta_count) FILTER (WHERE i.form = 'append') AS appended_deltas,
            bool_or(i.form = 'later') AS later,
            bool_or(i.effective) AS effective
          FROM item AS i
          GROUP BY i.place
        ) AS i ON i.place = g.place
      ), numbered AS MATERIALIZED (
        SELECT v.*,
          count(*) FILTER (WHERE v.outcome = 'write') OVER (PARTITION BY v.state_id ORDER BY v.place) AS ordinal,
          count(*) FILTER (WHERE v.outcome = 'write') OVER (PARTITION BY v.state_id) AS sets,
          first_value(v.next_at) OVER (PARTITION BY v.state_id ORDER BY v.place) AS first_at
        FROM verdict AS v
      ), raised AS (
        UPDATE {schema}.state AS s
        SET version = n.version + n.sets,
            changed_at = n.first_at + (n.sets - 1) * interval '1 microsecond'
        FROM numbered AS n
        WHERE n.outcome = 'write' AND n.ordinal = 1 AND s.ctid = n.row_id
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, base_version, delta_count, payload)
        SELECT n.state_id, i.key, n.version + n.ordinal, i.operation, i.actor, i.reason,
          n.first_at + (n.ordinal - 1) * interval '1 microsecond', n.transaction_id, i.form,
          CASE WHEN i.form IN ('append', 'patch') THEN i.base_version END,
          CASE WHEN i.form IN ('append', 'patch') THEN i.delta_count END,
          i.payload
        FROM item AS i
        JOIN numbered AS n ON n.place = i.place
        WHERE i.effective AND n.outcome = 'write'
      )
      SELECT n.place, n.outcome, n.version, n.version + n.ordinal,
        CASE n.outcome WHEN 'key_moved' THEN n.moved_keys[1] WHEN 'fold' THEN n.folded_keys[1] END,
        n.moved_versions[1],
        CASE WHEN ?::boolean AND n.place = 1 AND NOT EXISTS (SELECT FROM numbered AS w WHERE w.outcome = 'write')
          THEN set_config('synchronous_commit', 'off', true) END,
        n.changed_at AS found_at, n.first_at + (n.ordinal - 1) * interval '1 microsecond' AS new_at, n.appended_keys, n.appended_bases, n.appended_deltas
      FROM numbered AS n""".formatted(HELD, WriteSql.DEPENDS);

  /** A turn, in milliseconds: as long as one state may keep others from being tried. */
  private static final int TURN = 100;

  /** Whether the session has a bound of its own that is no longer than a turn; zero is none. */
  private static final String OWN_BOUND =
      "current_setting('lock_timeout')::interval BETWEEN interval '1 ms' AND interval '%d ms'"
          .formatted(TURN);

  private static final String BOUND = """
      SELECT set_config('lock_timeout', CASE WHEN %s THEN current_setting('lock_timeout') ELSE '%dms' END, true);
      """.formatted(OWN_BOUND, TURN);

  /** After a bounded wait was in vain: whether the state is there, and whether the session's own bound was over. Parameter: state_id. */
  private static final String LOOK = """
      SELECT EXISTS (SELECT FROM {schema}.state AS s WHERE s.state_id = ?), %s""".formatted(OWN_BOUND);

  final String look;
  private final Map<Way, String> blind = new EnumMap<>(Way.class);
  private final Map<Way, String> blindOne = new EnumMap<>(Way.class);
  private final Map<Way, String> following = new EnumMap<>(Way.class);
  private final Map<Way, String> conditional = new EnumMap<>(Way.class);

  GroupSql(SchemaName schema) {
    look = schema.in(LOOK);
    for (Way way : Way.values()) {
      String before = (way.isBounded ? BOUND : "")
          + (way.creates ? WriteSql.CREATE : "")
          + (way.waits ? WriteSql.LOCK : "");
      blind.put(way, schema.in(before + BLIND));
      blindOne.put(way, schema.in(before + BLIND_ONE));
      following.put(way, schema.in(before + FOLLOWING));
      conditional.put(way, schema.in(before + CONDITIONAL));
    }
  }

  String blind(Way way) {
    return Objects.requireNonNull(blind.get(way));
  }

  String blindOne(Way way) {
    return Objects.requireNonNull(blindOne.get(way));
  }

  String following(Way way) {
    return Objects.requireNonNull(following.get(way));
  }

  String conditional(Way way) {
    return Objects.requireNonNull(conditional.get(way));
  }

  /** What to do about a state that is locked elsewhere, or missing. */
  enum Way {
    /** To leave it out. */
    SKIP(false, false, false),
    /** To wait, and to leave it out when it is missing. */
    WAIT(true, false, false),
    /** To make it when it is missing, and to wait. */
    CREATE(true, true, false),
    /** {@link #WAIT} for a turn at most. */
    WAIT_A_TURN(true, false, true),
    /** {@link #CREATE} for a turn at most. */
    CREATE_IN_A_TURN(true, true, true);

    final boolean waits;
    final boolean creates;
    final boolean isBounded;

    Way(boolean waits, boolean creates, boolean isBounded) {
      this.waits = waits;
      this.creates = creates;
      this.isBounded = isBounded;
    }

    static Way waiting(boolean creates, boolean isBounded) {
      if (isBounded) {
        return creates ? CREATE_IN_A_TURN : WAIT_A_TURN;
      }
      return creates ? CREATE : WAIT;
    }
  }
}
