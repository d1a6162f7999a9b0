package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes a state from a version of another one: one reference a key, as a rollback writes it, that names the other state as well. A row that
 * is itself a reference passes on what it refers to, so a fork of a fork refers to where the values are.
 *
 * <p>The row of the origin is locked FOR KEY SHARE: its writers go on, and retention, which locks it FOR UPDATE before it decides what may go,
 * either sees the references or is seen. Whether the version is readable is looked up under that lock. The new state's row is made only if it
 * is, so a fork that is refused leaves nothing; a version that is committed between the two is seen by the next attempt.
 *
 * <p>Safe for use by multiple threads, each with its own connection.
 */
public final class ForkStore {

  /** Parameter: origin. */
  private static final String HOLD_ORIGIN = """
      SELECT version FROM {schema}.state WHERE state_id = ? FOR KEY SHARE;
      """;

  /** Whether the origin {@code o} has a version to be read; parameters: version, version, origin, version. */
  private static final String READABLE = """
      o.version >= ? AND (o.oldest_version <= ? OR EXISTS (
        SELECT FROM {schema}.tag AS g WHERE g.state_id = ? AND g.version = ? AND g.removed_at IS NULL))""";

  /** Parameters: state_id, namespace, name, origin, of {@link #READABLE}. */
  private static final String CREATE = """
      INSERT INTO {schema}.state (state_id, namespace, name, version, changed_at, created_at)
      SELECT ?, ?, ?, 0, clock_timestamp(), clock_timestamp()
      FROM {schema}.state AS o
      WHERE o.state_id = ? AND %s
      ON CONFLICT ON CONSTRAINT state_pkey DO NOTHING;
      """.formatted(READABLE);

  /**
   * Parameters: state_id, origin, of the walk: origin, origin; origin, version, origin (items); version, of {@link #READABLE}; state_id
   * (raise); state_id, actor, reason, transaction_id; state_id, origin, version, actor, reason, transaction_id.
   */
  private static final String FORK = """
      WITH RECURSIVE target AS MATERIALIZED (
        SELECT s.version FROM {schema}.state AS s WHERE s.state_id = ?
      ), origin AS MATERIALIZED (
        SELECT s.version, s.oldest_version FROM {schema}.state AS s WHERE s.state_id = ?
      ), %s, item AS MATERIALIZED (
        SELECT w.key, coalesce(t.base_version, t.version) AS base_version, coalesce(t.source_version, t.version) AS source_version,
          coalesce(t.source_state_id, t.state_id) AS source_state_id
        FROM walk AS w
        CROSS JOIN LATERAL (
          SELECT c.state_id, c.version, c.form, c.base_version, c.source_version, c.source_state_id
          FROM {schema}.change AS c
          WHERE c.state_id = ? AND c.key >= w.key AND (c.key, c.version) <= (w.key, ?)
          ORDER BY c.key DESC, c.version DESC
          LIMIT 1
        ) AS t
        WHERE t.form <> 'none'
      ), verdict AS MATERIALIZED (
        SELECT coalesce(t.version, 0) AS taken, coalesce(o.version, 0) AS version, coalesce(o.oldest_version, 0) AS oldest_version,
          CASE
            WHEN t.version > 0 THEN 'taken'
            WHEN ? > coalesce(o.version, 0) THEN 'none'
            WHEN NOT (%s) THEN 'cleared'
            WHEN NOT EXISTS (SELECT FROM item) THEN 'unchanged'
            WHEN t.version IS NULL THEN 'early'
            ELSE 'write'
          END AS outcome
        FROM (SELECT) AS one
        LEFT JOIN target AS t ON true
        LEFT JOIN origin AS o ON true
      ), raised AS (
        UPDATE {schema}.state AS s
        SET %s
        FROM verdict AS v
        WHERE s.state_id = ? AND v.outcome = 'write'
        RETURNING s.version, s.changed_at
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, form, base_version, source_version,
           source_state_id)
        SELECT ?, i.key, r.version, 'fork', ?, ?, r.changed_at, ?, 'reference', i.base_version, i.source_version, i.source_state_id
        FROM raised AS r
        CROSS JOIN item AS i
      ), recorded AS (
        INSERT INTO {schema}.fork (state_id, source_state_id, source_version, actor, reason, forked_at, transaction_id)
        SELECT ?, ?, ?, ?, ?, r.changed_at, ?
        FROM raised AS r
      )
      SELECT v.outcome, v.version, v.oldest_version, v.taken FROM verdict AS v""".formatted(WriteSql.WALK, READABLE, WriteSql.RAISE);

  private final String fork;

  /** The statements for one schema. */
  public ForkStore(SchemaName schema) {
    fork = schema.in(HOLD_ORIGIN + CREATE + WriteSql.LOCK + FORK);
  }

  /**
   * Makes a state, in one message.
   *
   * @param set of the state to make
   * @param origin the state to make it from
   * @param version the version of the origin
   * @return {@link WriteOutcome.Written}; {@link WriteOutcome.Unchanged} when the version has no keys; {@link WriteOutcome.Taken} when
   *     the state was there; or why the version cannot be had
   */
  public WriteOutcome fork(Connection connection, ChangeSet set, UUID origin, long version)
      throws SQLException {
    WriteOutcome outcome = null;
    while (outcome == null) {
      outcome = tryFork(connection, set, origin, version);
    }
    return outcome;
  }

  /** Null when the version came after the new state's row would have been made; it is there now. */
  private @Nullable WriteOutcome tryFork(
      Connection connection, ChangeSet set, UUID origin, long version) throws SQLException {
    UUID state = set.stateUuid();
    try (PreparedStatement statement = connection.prepareStatement(fork)) {
      Binder binder = Binder.of(statement)
          .uuid(origin)
          .uuid(state)
          .text(set.state().namespace())
          .text(set.state().name())
          .uuid(origin);
      bindReadable(binder, origin, version).uuid(state);
      binder
          .uuid(state)
          .uuid(origin)
          .uuid(origin)
          .uuid(origin)
          .uuid(origin)
          .number(version)
          .number(version);
      bindReadable(binder, origin, version).uuid(state);
      bindAuthor(binder.uuid(state), set).uuid(set.transactionId());
      bindAuthor(binder.uuid(state).uuid(origin).number(version), set).uuid(set.transactionId());
      try (ResultSet row = Writer.lastResult(statement)) {
        row.next();
        return outcome(row);
      }
    }
  }

  private static Binder bindReadable(Binder binder, UUID origin, long version) throws SQLException {
    return binder.number(version).number(version).uuid(origin).number(version);
  }

  private static Binder bindAuthor(Binder binder, ChangeSet set) throws SQLException {
    return binder.text(set.author().actor()).text(set.author().reason());
  }

  private static @Nullable WriteOutcome outcome(ResultSet row) throws SQLException {
    String outcome = row.getString(1);
    return switch (outcome) {
      case "early" -> null;
      case "write" -> new WriteOutcome.Written(1);
      case "unchanged" -> new WriteOutcome.Unchanged(0);
      case "none" -> new WriteOutcome.NoSuchVersion(row.getLong(2));
      case "cleared" -> new WriteOutcome.Cleared(row.getLong(3));
      case "taken" -> new WriteOutcome.Taken(row.getLong(4));
      default -> throw new IllegalStateException("The fork statement answered " + outcome);
    };
  }
}
