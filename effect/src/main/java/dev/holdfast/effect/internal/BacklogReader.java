package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectBacklog;
import dev.holdfast.migrations.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** Counts what is left to do. Both halves read a partial index, and no more of it than they count. Immutable. */
public final class BacklogReader {

  private static final String BACKLOG = """
      SELECT a.abandoned, a.oldest, (
          SELECT count(*)
          FROM (
            SELECT FROM {schema}.rollback_failure AS f WHERE f.status IN ('open', 'retrying') LIMIT 10000
          ) AS o
        )
      FROM (
        SELECT count(*) AS abandoned,
          coalesce(extract(epoch FROM clock_timestamp() - min(l.leased_until)) * 1000, 0)::bigint AS oldest
        FROM (
          SELECT greatest(t.leased_until, (
              SELECT r.leased_until
              FROM {schema}.effect_lease AS r
              WHERE r.effect_id = t.effect_id AND r.epoch = t.epoch)) AS leased_until
          FROM {schema}.effect_transaction AS t
          WHERE %s
          ORDER BY t.leased_until
          LIMIT 10000
        ) AS l
      ) AS a""".formatted(LeaseSql.RAN_OUT);

  private final JournalStore journals;
  private final String backlog;

  BacklogReader(JournalStore journals, SchemaName schema) {
    this.journals = journals;
    this.backlog = schema.in(BACKLOG);
  }

  /** What is left to do now. */
  public EffectBacklog read() {
    return journals.read("counting what effect transactions left to do", this::read);
  }

  private EffectBacklog read(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(backlog);
        ResultSet rows = statement.executeQuery()) {
      rows.next();
      return new EffectBacklog(
          rows.getLong(1), Duration.ofMillis(rows.getLong(2)), rows.getLong(3));
    }
  }
}
