package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Lists the consumers of the change feed. Safe for use by multiple threads, each with its own connection. */
public final class FeedConsumers {

  /** Parameters: limit. */
  private static final String CONSUMERS = """
      SELECT f.consumer
      FROM {schema}.feed_consumer AS f
      ORDER BY f.moved_at
      LIMIT ?""";

  private final String consumers;

  /** The statement for one schema. */
  public FeedConsumers(SchemaName schema) {
    this.consumers = schema.in(CONSUMERS);
  }

  /** The names, those first that have not moved for longest. */
  public List<String> list(Connection connection, int limit) throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(consumers)) {
      statement.setInt(1, limit);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
    }
    return names;
  }
}
