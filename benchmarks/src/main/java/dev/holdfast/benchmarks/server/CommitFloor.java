package dev.holdfast.benchmarks.server;

import dev.holdfast.benchmarks.report.Contender;
import dev.holdfast.benchmarks.report.Measurement;
import dev.holdfast.benchmarks.report.Metric;
import dev.holdfast.benchmarks.report.Summary;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.migrations.SchemaName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.OptionalDouble;

/**
 * The floor under every durable write: one thread that inserts one bare row and commits, on one connection, with one prepared statement.
 * Confined to one thread.
 */
public final class CommitFloor {

  private static final Contender CONTENDER = Contender.alone("floor");
  private static final int WARM_UP = 20;
  private static final int COMMITS = 100;
  private static final String PAYLOAD = "x".repeat(64);

  private final Database database;
  private final String table;
  private long next;

  /** Creates the table of the floor in a schema. */
  public CommitFloor(Database database, SchemaName schema) {
    this.database = database;
    this.table = schema.value() + ".floor";
    database
        .sql()
        .execute("CREATE TABLE " + table + " (id bigint PRIMARY KEY, payload text NOT NULL)");
  }

  /** The mean time that the server spends in fsync for one commit, in milliseconds, or empty where it does not tell. */
  public OptionalDouble fsyncMillis() {
    try (Connection connection = database.dataSource().getConnection()) {
      return FsyncMeter.millis(connection, () -> commitMillis(connection));
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "measuring the time of fsync");
    }
  }

  /** The median time of {@value #COMMITS} commits in milliseconds, after a short warm-up, as a value of one round. */
  public Measurement measure(Metric metric, int round) {
    return new Measurement(CONTENDER, metric, round, Summary.of(commitMillis()).median());
  }

  private double[] commitMillis() {
    try (Connection connection = database.dataSource().getConnection()) {
      return commitMillis(connection);
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "measuring the time of a commit");
    }
  }

  private double[] commitMillis(Connection connection) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO " + table + " (id, payload) VALUES (?, ?)")) {
      double[] times = new double[COMMITS];
      for (int i = -WARM_UP; i < COMMITS; i++) {
        long begin = System.nanoTime();
        insert(insert);
        times[Math.max(i, 0)] = (System.nanoTime() - begin) / 1e6;
      }
      return times;
    }
  }

  private void insert(PreparedStatement insert) throws SQLException {
    insert.setLong(1, next++);
    insert.setString(2, PAYLOAD);
    insert.executeUpdate();
  }
}
