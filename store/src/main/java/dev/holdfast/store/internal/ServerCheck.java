package dev.holdfast.store.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PreferQueryMode;

/** Looks once, at the start, whether the server and the driver keep what Holdfast promises, and says so in the log when they do not. */
public final class ServerCheck {

  private static final String SETTINGS = """
      SELECT name, setting
      FROM pg_catalog.pg_settings
      WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off'
      ORDER BY name""";

  private ServerCheck() {}

  /** Refuses a driver that sends parameters as text inside the statement, and warns of settings that can lose a committed write. */
  public static void run(Connection connection, Log log) throws SQLException {
    requireExtendedProtocol(connection);
    try (PreparedStatement statement = connection.prepareStatement(SETTINGS);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        log.warn(
            "The server runs with {}={}: writes that were acknowledged can be lost when it crashes",
            rows.getString(1),
            rows.getString(2));
      }
    }
  }

  private static void requireExtendedProtocol(Connection connection) throws SQLException {
    boolean simple = connection.isWrapperFor(PGConnection.class)
        && connection.unwrap(PGConnection.class).getPreferQueryMode() == PreferQueryMode.SIMPLE;
    if (simple) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "preferQueryMode=simple is refused: it puts values into the text of statements; remove it from the JDBC URL",
          Map.of("preferQueryMode", "simple"),
          null);
    }
  }
}
