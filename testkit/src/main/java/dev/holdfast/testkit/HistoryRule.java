package dev.holdfast.testkit;

import dev.holdfast.migrations.SchemaName;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The rules of the stored history and of journals, each as a query that yields one line of text for every violation. */
enum HistoryRule {
  /** What a CHECK would say, if one did not cost every write as much as the write itself. */
  ROWS_ARE_WHAT_THEIR_FORM_SAYS("""
      SELECT format('state %s, key "%s": version %s is %s by %s with base version %s, source version %s, delta count %s and %s',
        c.state_id, c.key, c.version, c.form, c.operation, coalesce(c.base_version::text, 'null'),
        coalesce(c.source_version::text, 'null'), coalesce(c.delta_count::text, 'null'),
        CASE WHEN c.payload IS NULL THEN 'no payload' ELSE 'a payload' END)
      FROM ${schema}.change AS c
      WHERE NOT (octet_length(c.key) BETWEEN 1 AND 512 AND c.version > 0
        AND c.operation IN (
          'set', 'update', 'delete', 'clear', 'compute', 'merge', 'put_if_absent', 'increment', 'append', 'patch', 'rollback', 'fork')
        AND (CASE c.form
          WHEN 'value' THEN c.payload IS NOT NULL AND c.base_version IS NULL AND c.source_version IS NULL
          WHEN 'append' THEN c.payload IS NOT NULL AND c.base_version < c.version AND c.source_version IS NULL AND c.delta_count > 0
          WHEN 'patch' THEN c.payload IS NOT NULL AND c.base_version < c.version AND c.source_version IS NULL AND c.delta_count > 0
          WHEN 'reference' THEN c.payload IS NULL AND c.base_version <= c.source_version
            AND (c.source_version < c.version AND c.source_state_id IS NULL OR c.source_state_id <> c.state_id)
          WHEN 'none' THEN c.payload IS NULL AND c.base_version IS NULL AND c.source_version IS NULL
          ELSE false END) IS TRUE
        AND (c.form = 'reference' OR c.source_state_id IS NULL))
      """),

  STATES_ARE_WITHIN_THEIR_HISTORY("""
      SELECT format('state %s: namespace "%s", name "%s", version %s, oldest version %s',
        s.state_id, s.namespace, s.name, s.version, s.oldest_version)
      FROM ${schema}.state AS s
      WHERE NOT (octet_length(s.namespace) BETWEEN 1 AND 512 AND octet_length(s.name) BETWEEN 1 AND 512
        AND s.oldest_version BETWEEN 0 AND s.version)
      """),

  /** What retention removed is on record, and above that every version is there. */
  VERSIONS_ARE_DENSE("""
      SELECT format('state %s/%s is at version %s, but its history has %s versions up to %s; first missing: %s',
        s.namespace, s.name, s.version, h.versions, coalesce(h.newest, 0), coalesce((
          SELECT min(v)
          FROM generate_series(r.version + 1, greatest(s.version, h.newest)) AS v
          WHERE NOT EXISTS (SELECT FROM ${schema}.change AS c WHERE c.state_id = s.state_id AND c.version = v)
        )::text, 'none'))
      FROM ${schema}.state AS s
      CROSS JOIN LATERAL (
        SELECT coalesce(max(r.version), 0) AS version FROM ${schema}.history_removal AS r WHERE r.state_id = s.state_id
      ) AS r
      CROSS JOIN LATERAL (
        SELECT count(DISTINCT c.version) FILTER (WHERE c.version > r.version) AS versions, max(c.version) AS newest
        FROM ${schema}.change AS c
        WHERE c.state_id = s.state_id
      ) AS h
      WHERE h.versions <> s.version - r.version OR coalesce(h.newest, 0) <> s.version
      """),

  REMOVED_IS_WHAT_WAS_CLEARED("""
      SELECT format('state %s: rows up to version %s were removed, but %s is the oldest version',
        coalesce(s.namespace || '/' || s.name, r.state_id::text), r.version, coalesce(s.oldest_version, 0))
      FROM ${schema}.history_removal AS r
      LEFT JOIN ${schema}.state AS s ON s.state_id = r.state_id
      WHERE r.version > coalesce(s.oldest_version, 0)
      """),

  CHANGES_HAVE_A_STATE("""
      SELECT format('state_id %s has no row in state, but changes of versions %s to %s, one of them of key "%s"',
        c.state_id, min(c.version), max(c.version), min(c.key))
      FROM ${schema}.change AS c
      WHERE NOT EXISTS (SELECT FROM ${schema}.state AS s WHERE s.state_id = c.state_id)
      GROUP BY c.state_id
      """),

  TIMES_FOLLOW_VERSIONS("""
      WITH version AS (
        SELECT state_id, version, min(changed_at) AS first_at, max(changed_at) AS last_at
        FROM ${schema}.change
        GROUP BY state_id, version
      ), followed AS (
        SELECT *, lag(last_at) OVER history AS before_at, lead(version) OVER history IS NULL AS is_newest
        FROM version
        WINDOW history AS (PARTITION BY state_id ORDER BY version)
      )
      SELECT format('state %s/%s: version %s ', s.namespace, s.name, v.version) || CASE
        WHEN first_at < last_at THEN format('has changes of two times, %s and %s', first_at, last_at)
        WHEN first_at <= before_at THEN format('is of %s, not later than the version before it, of %s', first_at, before_at)
        ELSE format('is the newest and of %s, but the state was changed at %s', last_at, s.changed_at) END
      FROM followed AS v
      JOIN ${schema}.state AS s ON s.state_id = v.state_id
      WHERE first_at < last_at OR first_at <= before_at OR (is_newest AND last_at <> s.changed_at)
      """),

  /**
   * A fold starts at the newest row before the deltas that is none itself: that row must be the value they name, or have taken its place when
   * retention removed everything from there up to it.
   */
  DELTAS_FOLD_ONTO_A_VALUE("""
      WITH numbered AS (
        SELECT *, count(*) FILTER (WHERE form NOT IN ('append', 'patch')) OVER history AS fold
        FROM ${schema}.change
        WINDOW history AS (PARTITION BY state_id, key ORDER BY version)
      ), folded AS (
        SELECT state_id, key, version, form, base_version, delta_count,
          first_value(version) OVER deltas AS start_version,
          first_value(form) OVER deltas AS start_form,
          row_number() OVER deltas - 1 AS deltas
        FROM numbered
        WINDOW deltas AS (PARTITION BY state_id, key, fold ORDER BY version)
      )
      SELECT format(
        'state %s, key "%s": version %s is %s and folds %s deltas onto the value of version %s, but there are %s deltas after version %s, which is %s',
        coalesce(s.namespace || '/' || s.name, f.state_id::text), f.key, f.version, f.form,
        coalesce(f.delta_count::text, 'null'), coalesce(f.base_version::text, 'null'),
        f.deltas, f.start_version, f.start_form)
      FROM folded AS f
      LEFT JOIN ${schema}.state AS s ON s.state_id = f.state_id
      WHERE f.form IN ('append', 'patch')
        AND (f.start_form = 'value' AND (
          f.base_version = f.start_version AND f.delta_count = f.deltas
          OR f.base_version < f.start_version AND f.delta_count > f.deltas
            AND NOT EXISTS (
                SELECT FROM ${schema}.change AS b
                WHERE b.state_id = f.state_id AND b.key = f.key AND b.version >= f.base_version AND b.version < f.start_version)
              AND EXISTS (
                SELECT FROM ${schema}.history_removal AS h WHERE h.state_id = f.state_id AND h.version >= f.start_version))) IS NOT TRUE
      """),

  REFERENCES_LEAD_TO_A_VALUE("""
      SELECT format('state %s, key "%s": version %s is a reference to version %s%s with base version %s, ',
        coalesce(s.namespace || '/' || s.name, r.state_id::text), r.key, r.version,
        coalesce(r.source_version::text, 'null'), coalesce(' of state ' || r.source_state_id, ''),
        coalesce(r.base_version::text, 'null')) || CASE
        WHEN t.version IS NULL THEN 'which does not exist'
        WHEN t.form IN ('reference', 'none') THEN format('which is %s', t.form)
        ELSE format('but the base of that one is version %s',
          CASE t.form WHEN 'value' THEN t.version ELSE t.base_version END) END
      FROM ${schema}.change AS r
      LEFT JOIN ${schema}.change AS t
        ON t.state_id = coalesce(r.source_state_id, r.state_id) AND t.key = r.key AND t.version = r.source_version
      LEFT JOIN ${schema}.state AS s ON s.state_id = r.state_id
      WHERE r.form = 'reference'
        AND (CASE t.form
          WHEN 'value' THEN r.base_version = t.version
            OR r.base_version < t.version AND NOT EXISTS (
                SELECT FROM ${schema}.change AS b
                WHERE b.state_id = t.state_id AND b.key = t.key AND b.version >= r.base_version AND b.version < t.version)
              AND EXISTS (
                SELECT FROM ${schema}.history_removal AS h WHERE h.state_id = t.state_id AND h.version >= t.version)
          WHEN 'append' THEN r.base_version = t.base_version
          WHEN 'patch' THEN r.base_version = t.base_version
        END) IS NOT TRUE
      """),

  TAGS_NAME_A_VERSION("""
      SELECT format('state %s: tag "%s" names version %s, but the state is at %s',
        coalesce(s.namespace || '/' || s.name, g.state_id::text), g.name, g.version, coalesce(s.version::text, 'no version'))
      FROM ${schema}.tag AS g
      LEFT JOIN ${schema}.state AS s ON s.state_id = g.state_id
      WHERE g.version > coalesce(s.version, -1)
      """),

  FORKS_HAVE_A_STATE("""
      SELECT format('state %s is a fork of version %s of state %s, but %s', f.state_id, f.source_version, f.source_state_id,
        CASE WHEN s.state_id IS NULL THEN 'does not exist' ELSE 'that has no such version' END)
      FROM ${schema}.fork AS f
      LEFT JOIN ${schema}.state AS s ON s.state_id = f.state_id
      LEFT JOIN ${schema}.state AS o ON o.state_id = f.source_state_id
      WHERE s.state_id IS NULL OR s.version < 1 OR f.source_version > coalesce(o.version, -1)
      """),

  /** These and those below are what CHECKs and foreign keys would say, too. */
  EFFECTS_HAVE_A_LEASE_UNTIL_THEY_END("""
      SELECT format('effect transaction %s/%s is %s, leased until %s, with %s open failures',
        t.name, t.id, t.status, coalesce(t.leased_until::text, 'never'), t.open_failures)
      FROM ${schema}.effect_transaction AS t
      WHERE NOT (t.status IN ('running', 'committed', 'compensating', 'rolled_back', 'rollback_failed', 'resolved')
        AND t.open_failures >= 0
        AND (t.leased_until IS NOT NULL) = (t.status IN ('running', 'compensating')))
      """),

  OPERATIONS_ARE_KNOWN("""
      SELECT format('operation %s of effect transaction %s is a %s', o.position, o.effect_id, o.kind)
      FROM ${schema}.effect_operation AS o
      WHERE o.kind NOT IN ('remote', 'step', 'scope')
      """),

  OUTCOMES_ARE_KNOWN("""
      SELECT format('the outcome of operation %s of effect transaction %s is %s', r.position, r.effect_id, r.status)
      FROM ${schema}.effect_outcome AS r
      WHERE r.status NOT IN ('intended', 'succeeded', 'failed', 'unknown')
      """),

  COMPENSATIONS_ARE_KNOWN("""
      SELECT format('the compensation of operation %s of effect transaction %s is %s', c.position, c.effect_id, c.status)
      FROM ${schema}.effect_compensation AS c
      WHERE c.status NOT IN ('compensated', 'compensation_failed', 'skipped')
      """),

  OUTCOMES_ARE_OF_OPERATIONS("""
      SELECT format('operation %s of effect transaction %s has an outcome or a compensation and was never intended', f.position, f.effect_id)
      FROM (
        SELECT r.effect_id, r.position FROM ${schema}.effect_outcome AS r WHERE r.position <> '{}'
        UNION ALL
        SELECT c.effect_id, c.position FROM ${schema}.effect_compensation AS c
      ) AS f
      WHERE NOT EXISTS (
        SELECT FROM ${schema}.effect_operation AS o WHERE o.effect_id = f.effect_id AND o.position = f.position)
      """),

  PAYLOADS_ARE_KNOWN("""
      SELECT format('operation %s of effect transaction %s has a payload "%s"', p.position, p.effect_id, p.part)
      FROM ${schema}.effect_payload AS p
      WHERE p.part NOT IN ('provider', 'written', 'compensation', 'restored', 'input')
      """);

  // Enough to see a pattern, few enough to read.
  private static final int SHOWN = 10;

  private final String sql;

  HistoryRule(String sql) {
    this.sql = sql;
  }

  /** One statement for all rules, so that they see the same moment. */
  static String sqlOfAll(SchemaName schema) {
    return Arrays.stream(values())
        .map(rule -> "(" + rule.sql.replace("${schema}", schema.value()) + "LIMIT " + SHOWN + ")")
        .collect(Collectors.joining("\nUNION ALL\n"));
  }
}
