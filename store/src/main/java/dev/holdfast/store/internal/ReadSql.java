package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;

/**
 * The statements that read. A state's keys are found by walking the primary key, one index probe a key, and each key's newest row at or
 * below a version by one more; so a read costs by the number of keys, not by the length of history. Values stored as deltas join the rows
 * from the whole value below, at most as many as the store allows before it writes a whole value again.
 *
 * <p>What says how many rows there are to expect comes through {@code (SELECT ?)}, which hides it from the planner. It would prefer a new plan
 * for every call otherwise, as in {@link GroupSql}; planning a read of one key takes longer than the read. A read of one key hides only its
 * state, because to set each {@code (SELECT ?)} up takes a few per cent of the read: the rest changes the costs by less than planning does.
 *
 * <p>Every statement is rendered once, for one schema. Immutable.
 */
final class ReadSql {

  /**
   * The newest row of a key up to a version; parameters: (state_id), (key), (key), version.
   *
   * <p>Conditions on the version are row comparisons together with the key, here and below: only the primary key can serve those. A bare
   * condition on the version invites the planner to walk the index by version, through the changes of all other keys, and so does a bare
   * equation with a key that is a parameter, because the key then drops out of the order.
   */
  private static final String TOP = """
      SELECT c.state_id, c.key, c.version, c.form, c.payload, c.base_version, c.source_version, c.source_state_id, c.delta_count
      FROM {schema}.change AS c
      WHERE c.state_id = %1$s AND c.key >= %2$s AND (c.key, c.version) <= (%2$s, ?)
      ORDER BY c.key DESC, c.version DESC
      LIMIT 1""";

  /**
   * The rows to fold for {@code top}, oldest first; none, without a look at the index, when it is all that there is. Rows of another state,
   * which a fork refers to, are left to a second read. So a statement stays with one state, and so on one shard.
   */
  private static final String LINKS = """
      SELECT c.version, c.form, c.payload
      FROM {schema}.change AS c
      WHERE top.source_state_id IS NULL AND coalesce(top.base_version, top.source_version) IS NOT NULL
        AND c.state_id = top.state_id
        AND (c.key, c.version) >= (top.key, coalesce(top.base_version, top.version))
        AND (c.key, c.version) <= (top.key, coalesce(top.source_version, top.version))
      ORDER BY c.key, c.version""";

  /** Parameters: state_id, key, key, version. */
  private static final String ENTRY = """
      SELECT top.key, top.version, top.form, top.base_version, top.delta_count, top.source_version, top.source_state_id,
        coalesce(link.form, top.form), coalesce(link.payload, top.payload)
      FROM (
      %s
      ) AS top
      LEFT JOIN LATERAL (
      %s
      ) AS link ON true
      ORDER BY link.version""".formatted(TOP.formatted("(SELECT ?::uuid)", "?"), LINKS);

  /** Parameters: state_id, key, key. */
  private static final String HAS = """
      SELECT c.form <> 'none', c.version
      FROM {schema}.change AS c
      WHERE c.state_id = (SELECT ?::uuid) AND c.key >= ? AND c.key <= ?
      ORDER BY c.key DESC, c.version DESC
      LIMIT 1""";

  /** The state, seen once by everything else in the statement; parameter: state_id. */
  private static final String HEAD = """
      head AS MATERIALIZED (
        SELECT s.state_id, s.version, s.oldest_version, s.changed_at
        FROM {schema}.state AS s
        WHERE s.state_id = ?
      )""";

  /**
   * From the last key to the first, so that each probe meets the newest row of a key. Seen from the other side there are the oldest ones,
   * and behind retention thousands of entries that are dead and not vacuumed yet. Parameter: state_id.
   */
  private static final String WALK = """
      WITH RECURSIVE %s, walk (state_id, key) AS (
        SELECT h.state_id, (
          SELECT c.key FROM {schema}.change AS c WHERE c.state_id = h.state_id ORDER BY c.key DESC LIMIT 1)
        FROM head AS h
        UNION ALL
        SELECT w.state_id, (
          SELECT c.key FROM {schema}.change AS c WHERE c.state_id = w.state_id AND c.key < w.key ORDER BY c.key DESC LIMIT 1)
        FROM walk AS w
        WHERE w.key IS NOT NULL
      )""".formatted(HEAD);

  /**
   * The last part of a statement that begins with {@code head}: the newest rows of some keys, each with the rows to fold for it. Parameter:
   * version.
   *
   * @param keys what has the keys and their state
   * @param wanted which of their rows
   */
  private static String entriesOf(String keys, String wanted) {
    return """
      LEFT JOIN (
        SELECT top.key, top.version, top.form, top.base_version, top.delta_count, top.source_version, top.source_state_id,
          coalesce(link.form, top.form), coalesce(link.payload, top.payload), link.version
        FROM %s AS k
        CROSS JOIN LATERAL (
      %s
        ) AS top
        LEFT JOIN LATERAL (
      %s
        ) AS link ON true
        WHERE %s
      ) AS entry (
        key, version, form, base_version, delta_count, source_version, source_state_id, link_form, payload, link_version
      ) ON true
      ORDER BY entry.key, entry.link_version""".formatted(keys, TOP.formatted("k.state_id", "k.key"), LINKS, wanted);
  }

  /** Parameters: of the walk, version. */
  private static final String NEWEST =
      WALK + """

      SELECT h.version, h.oldest_version, h.changed_at, NULL::timestamptz, entry.*
      FROM head AS h
      %s""".formatted(entriesOf("walk", "top.form <> 'none'"));

  /** Parameters: of the walk, version for the time, version. */
  private static final String SNAPSHOT =
      WALK + """

      SELECT h.version, h.oldest_version, h.changed_at, at.changed_at, entry.*
      FROM head AS h
      LEFT JOIN LATERAL (
        SELECT c.changed_at
        FROM {schema}.change AS c
        WHERE c.state_id = h.state_id AND c.version = ?
        LIMIT 1
      ) AS at ON true
      %s""".formatted(entriesOf("walk", "top.form <> 'none'"));

  /** Parameters: of the walk, version. */
  private static final String KEYS = WALK + """

      SELECT h.version, present.key
      FROM head AS h
      LEFT JOIN (
        SELECT top.key
        FROM walk AS w
        CROSS JOIN LATERAL (
      %s
        ) AS top
        WHERE top.form <> 'none'
      ) AS present ON true
      ORDER BY present.key""".formatted(TOP.formatted("w.state_id", "w.key"));

  /**
   * Of the keys that were written between two versions the rows at a version, those of absent keys as well; the columns of a snapshot, with the
   * time of the earlier version. Nothing when they cannot be told, because the earlier version was cleared or is still to come, or when there
   * are too many changes: one that is looked at costs about as much as a key of the walk, so with as many changes as keys the walk is better. The
   * form is there for its own sake: all the rest is in the primary key as well, which could be read from end to end without looking at a row.
   * Parameters: state_id, after, up to, most changes, version.
   */
  private static final String CHANGED = """
      WITH %s, asked AS MATERIALIZED (
        SELECT ?::bigint AS after, ?::bigint AS up_to, ?::integer AS most
      ), touched AS MATERIALIZED (
        SELECT c.state_id, c.key, c.form
        FROM head AS h
        CROSS JOIN LATERAL (
          SELECT c.state_id, c.key, c.form
          FROM {schema}.change AS c
          WHERE c.state_id = h.state_id
            AND c.version > (SELECT a.after FROM asked AS a) AND c.version <= (SELECT a.up_to FROM asked AS a)
          ORDER BY c.version
          LIMIT (SELECT a.most + 1 FROM asked AS a)
        ) AS c
      ), told AS MATERIALIZED (
        SELECT h.state_id, h.version, h.oldest_version, h.changed_at, a.after
        FROM head AS h
        CROSS JOIN asked AS a
        WHERE a.after BETWEEN h.oldest_version AND h.version AND (SELECT count(*) FROM touched) <= a.most
      )
      SELECT h.version, h.oldest_version, h.changed_at, at.changed_at, entry.*
      FROM told AS h
      LEFT JOIN LATERAL (
        SELECT c.changed_at
        FROM {schema}.change AS c
        WHERE c.state_id = h.state_id AND c.version = h.after
        LIMIT 1
      ) AS at ON true
      %s""".formatted(
      HEAD,
      entriesOf("(SELECT DISTINCT t.state_id, t.key FROM told CROSS JOIN touched AS t)", "true"));

  /** Parameter: state_id. */
  private static final String VERSION = """
      SELECT s.version FROM {schema}.state AS s WHERE s.state_id = ?""";

  /**
   * The newest version that is not later than a time, by bisection: versions are dense and their times increase. The first column is null
   * for a state without changes, the second tells whether the oldest readable version is already later. Parameters: state_id, state_id, time,
   * time, state_id, time.
   */
  private static final String VERSION_AT = """
      WITH RECURSIVE head AS MATERIALIZED (
        SELECT s.version, s.oldest_version
        FROM {schema}.state AS s
        WHERE s.state_id = ?
      ), bisect (low, high) AS (
        SELECT h.oldest_version, h.version + 1 FROM head AS h
        UNION ALL
        SELECT
          CASE WHEN probe.changed_at <= ? THEN probe.version ELSE b.low END,
          CASE WHEN probe.changed_at <= ? THEN b.high ELSE probe.version END
        FROM bisect AS b
        CROSS JOIN LATERAL (
          SELECT c.version, c.changed_at
          FROM {schema}.change AS c
          WHERE c.state_id = (SELECT ?::uuid) AND c.version = (b.low + b.high) / 2
          LIMIT 1
        ) AS probe
        WHERE b.high - b.low > 1
      )
      SELECT max(b.low), coalesce((
        SELECT c.changed_at > ?
        FROM head AS h
        JOIN {schema}.change AS c ON c.state_id = (SELECT ?::uuid) AND c.version = h.oldest_version
        LIMIT 1), false), max(h.oldest_version)
      FROM bisect AS b
      CROSS JOIN head AS h""";

  /**
   * The rows to fold for ranges of history. Parameters: state_id, keys, lowest versions, highest versions.
   */
  private static final String RANGES = """
      SELECT c.key, c.version, c.form, c.payload
      FROM unnest((SELECT ?::text[]), (SELECT ?::bigint[]), (SELECT ?::bigint[])) AS r (key, low, high)
      CROSS JOIN LATERAL (
        SELECT c.key, c.version, c.form, c.payload
        FROM {schema}.change AS c
        WHERE c.state_id = (SELECT ?::uuid) AND (c.key, c.version) >= (r.key, r.low) AND (c.key, c.version) <= (r.key, r.high)
      ) AS c
      ORDER BY c.key, c.version""";

  /** A row of version 0 was made for its lock, and nothing was written. Parameters: namespace, name, limit. */
  private static final String STATES = """
      SELECT s.name, s.version
      FROM {schema}.state AS s
      WHERE s.namespace = ? AND s.name > ? AND s.version > 0
      ORDER BY s.name
      LIMIT ?""";

  final String entry;
  final String has;
  final String newest;
  final String snapshot;
  final String changed;
  final String keys;
  final String version;
  final String versionAt;
  final String ranges;
  final String states;

  ReadSql(SchemaName schema) {
    entry = schema.in(ENTRY);
    has = schema.in(HAS);
    newest = schema.in(NEWEST);
    snapshot = schema.in(SNAPSHOT);
    changed = schema.in(CHANGED);
    keys = schema.in(KEYS);
    version = schema.in(VERSION);
    versionAt = schema.in(VERSION_AT);
    ranges = schema.in(RANGES);
    states = schema.in(STATES);
  }
}
