package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.history.Origin;
import dev.holdfast.store.history.Tag;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The statements of tags. A version is named under the lock of the state's row, like every write, so nothing can be cleared between the look
 * whether it is readable and the name. A cleared version that has no name can never get one again; so who sees a name after reading a
 * version knows that it was protected all the time.
 *
 * <p>Every method is one round trip. Safe for use by multiple threads, each with its own connection.
 */
public final class TagStore {

  /** Parameters: version or null for the newest, state_id, state_id, name, state_id, name, actor, reason, transaction_id. */
  private static final String TAG = """
      WITH head AS MATERIALIZED (
        SELECT s.version, s.oldest_version, coalesce(?::bigint, s.version) AS target
        FROM {schema}.state AS s
        WHERE s.state_id = ?
      ), named AS MATERIALIZED (
        SELECT g.name, g.version FROM {schema}.tag AS g WHERE g.state_id = ? AND g.removed_at IS NULL
      ), verdict AS MATERIALIZED (
        SELECT h.version, h.oldest_version, h.target, n.version AS taken,
          CASE
            WHEN h.target > h.version THEN 'none'
            WHEN n.version = h.target THEN 'unchanged'
            WHEN n.version IS NOT NULL THEN 'taken'
            WHEN h.target < h.oldest_version AND NOT EXISTS (SELECT FROM named AS o WHERE o.version = h.target) THEN 'cleared'
            ELSE 'write'
          END AS outcome
        FROM head AS h
        LEFT JOIN named AS n ON n.name = ?
      ), written AS (
        INSERT INTO {schema}.tag (state_id, name, version, actor, reason, tagged_at, transaction_id)
        SELECT ?, ?, v.target, ?, ?, clock_timestamp(), ?
        FROM verdict AS v
        WHERE v.outcome = 'write'
      )
      SELECT v.outcome, v.target, v.version, v.oldest_version, v.taken FROM verdict AS v""";

  /** Parameters: actor, reason, transaction_id, state_id, name. */
  private static final String UNTAG = """
      UPDATE {schema}.tag AS g
      SET removed_at = clock_timestamp(), removed_by = ?, removal_reason = ?, removal_id = ?
      WHERE g.state_id = ? AND g.name = ? AND g.removed_at IS NULL
      RETURNING g.version""";

  /** Parameter: state_id. */
  private static final String TAGS = """
      SELECT g.name, g.version, g.actor, g.reason, g.tagged_at, g.transaction_id
      FROM {schema}.tag AS g
      WHERE g.state_id = ? AND g.removed_at IS NULL
      ORDER BY g.version, g.name""";

  /** Parameters: state_id, name. */
  private static final String VERSION = """
      SELECT g.version FROM {schema}.tag AS g WHERE g.state_id = ? AND g.name = ? AND g.removed_at IS NULL""";

  /** Parameters: state_id, version. */
  private static final String IS_TAGGED = """
      SELECT 1 FROM {schema}.tag AS g WHERE g.state_id = ? AND g.version = ? AND g.removed_at IS NULL LIMIT 1""";

  private final String tag;
  private final String untag;
  private final String tags;
  private final String version;
  private final String isTagged;

  /** The statements for one schema. */
  public TagStore(SchemaName schema) {
    tag = schema.in(WriteSql.CREATE + WriteSql.LOCK + TAG);
    untag = schema.in(UNTAG);
    tags = schema.in(TAGS);
    version = schema.in(VERSION);
    isTagged = schema.in(IS_TAGGED);
  }

  /**
   * Names a version.
   *
   * @param target null for the newest
   * @return {@link WriteOutcome.Written} or {@link WriteOutcome.Unchanged} with the version that has the name now, {@link
   *     WriteOutcome.Taken} with the other version that has it, or why the target cannot be named
   */
  public WriteOutcome tag(Connection connection, ChangeSet set, String name, @Nullable Long target)
      throws SQLException {
    UUID state = set.stateUuid();
    try (PreparedStatement statement = connection.prepareStatement(tag)) {
      Binder.of(statement)
          .uuid(state)
          .text(set.state().namespace())
          .text(set.state().name())
          .uuid(state) // lock
          .number(target)
          .uuid(state)
          .uuid(state)
          .text(name)
          .uuid(state)
          .text(name)
          .text(set.author().actor())
          .text(set.author().reason())
          .uuid(set.transactionId());
      try (ResultSet row = Writer.lastResult(statement)) {
        row.next();
        return outcome(row);
      }
    }
  }

  private static WriteOutcome outcome(ResultSet row) throws SQLException {
    String outcome = row.getString(1);
    return switch (outcome) {
      case "write" -> new WriteOutcome.Written(row.getLong(2));
      case "unchanged" -> new WriteOutcome.Unchanged(row.getLong(2));
      case "none" -> new WriteOutcome.NoSuchVersion(row.getLong(3));
      case "cleared" -> new WriteOutcome.Cleared(row.getLong(4));
      case "taken" -> new WriteOutcome.Taken(row.getLong(5));
      default -> throw new IllegalStateException("The tag statement answered " + outcome);
    };
  }

  /** Removes a name; {@link WriteOutcome.Unchanged} when no version has it. */
  public WriteOutcome untag(Connection connection, ChangeSet set, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(untag)) {
      Binder.of(statement)
          .text(set.author().actor())
          .text(set.author().reason())
          .uuid(set.transactionId())
          .uuid(set.stateUuid())
          .text(name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? new WriteOutcome.Written(row.getLong(1))
            : new WriteOutcome.Unchanged(0);
      }
    }
  }

  /** The names of a state, in order of versions. */
  public List<Tag> tags(Connection connection, UUID state) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(tags)) {
      Binder.of(statement).uuid(state);
      try (ResultSet rows = statement.executeQuery()) {
        List<Tag> found = new ArrayList<>();
        while (rows.next()) {
          Origin origin = new Origin(
              rows.getString(3),
              rows.getString(4),
              Reader.time(rows, 5),
              rows.getObject(6, UUID.class),
              null);
          found.add(new Tag(rows.getString(1), rows.getLong(2), origin));
        }
        return found;
      }
    }
  }

  /** The version that a name stands for. */
  public OptionalLong version(Connection connection, UUID state, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(version)) {
      Binder.of(statement).uuid(state).text(name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /** Whether a version has a name. */
  public boolean isTagged(Connection connection, UUID state, long number) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(isTagged)) {
      Binder.of(statement).uuid(state).number(number);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }
}
