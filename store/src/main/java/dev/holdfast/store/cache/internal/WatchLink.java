package dev.holdfast.store.cache.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.PGStatement;

/**
 * The watch's own connection: asks what has changed, listens, and announces. Confined to one thread.
 *
 * <p><b>A few states</b> are looked up one by one: the head of each tells its newest version.
 *
 * <p><b>Of many</b>, history tells what has changed since the last time: what is visible now and was not then. The last time is remembered as
 * PostgreSQL's own snapshot: the transactions from its end on, and those that were open within it. So nothing that commits late is missed, and a
 * transaction that stays open for hours costs one look each time and holds nothing up. What was written since history was last summarised, up to
 * a minute ago, is read each time, which is why this is not the way for a few.
 */
public final class WatchLink implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 5_000;
  private static final String XID = "((c.xid::text)::bigint)";

  /** Tells which of those that were asked for, counted from 1, and their versions. Parameters: state_ids, the versions known of them. */
  private static final String HEADS = """
      SELECT pg_current_snapshot()::text, pg_postmaster_start_time()::text, pg_is_in_recovery(),
        array_agg(known.place), array_agg(s.version)
      FROM unnest(?::uuid[], ?::bigint[]) WITH ORDINALITY AS known (state_id, version, place)
      JOIN {schema}.state AS s ON s.state_id = known.state_id
      WHERE s.version > known.version""";

  /**
   * The upper bound keeps out what was copied from another server, whose transactions are numbered otherwise. {@code OFFSET 0} makes one
   * look into the index of each open transaction; joined otherwise, all of history would be read for them. Parameters: end of the last snapshot,
   * the transactions that were open in it.
   */
  private static final String CHANGED = """
      WITH seen AS MATERIALIZED (
        SELECT pg_current_snapshot() AS snapshot
      )
      SELECT (SELECT s.snapshot FROM seen AS s)::text, pg_postmaster_start_time()::text, pg_is_in_recovery(),
        array_agg(changed.state_id), array_agg(changed.version)
      FROM (
        SELECT late.state_id, max(late.version) AS version
        FROM (
          SELECT c.state_id, c.version
          FROM {schema}.change AS c
          WHERE %1$s >= ? AND %1$s < (SELECT pg_snapshot_xmax(s.snapshot)::text::bigint FROM seen AS s)
          UNION ALL
          SELECT c.state_id, c.version
          FROM unnest(?::bigint[]) AS open (xid)
          CROSS JOIN LATERAL (
            SELECT c.state_id, c.version
            FROM {schema}.change AS c
            WHERE %1$s = open.xid
            OFFSET 0
          ) AS c
        ) AS late
        GROUP BY late.state_id
      ) AS changed""".formatted(XID);

  /** The settings say what is lost when the flush is not waited for: an announcement. Parameter: channel. */
  private static final String ANNOUNCE =
      "SELECT set_config('synchronous_commit', 'off', true), pg_notify(?, '')";

  private final Connection connection;
  private final boolean autoCommit;
  private final int networkTimeout;
  private final String heads;
  private final String changed;
  private final String channel;
  private final @Nullable PGConnection listening;

  /** The states of the last question, which are mostly those of the next. */
  private List<UUID> few = List.of();

  private @Nullable Array fewIds;

  private WatchLink(Connection connection, SchemaName schema, boolean listens) throws SQLException {
    this.connection = connection;
    this.autoCommit = connection.getAutoCommit();
    this.networkTimeout = connection.getNetworkTimeout();
    this.heads = heads(schema);
    this.changed = changed(schema);
    this.channel = schema.value() + "_change";
    this.listening = listens && connection.isWrapperFor(PGConnection.class)
        ? connection.unwrap(PGConnection.class)
        : null;
  }

  static String heads(SchemaName schema) {
    return schema.in(HEADS);
  }

  static String changed(SchemaName schema) {
    return schema.in(CHANGED);
  }

  /**
   * Connects.
   *
   * @param listens whether to listen to announcements; not through a pooler in transaction mode
   */
  public static WatchLink open(DataSource dataSource, SchemaName schema, boolean listens)
      throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      WatchLink link = new WatchLink(connection, schema, listens);
      link.prepare();
      return link;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void prepare() throws SQLException {
    connection.setAutoCommit(true);
    // A server that does not answer must not keep the watch for longer than a pool would let it.
    connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
    if (listening != null) {
      execute("LISTEN " + channel);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Asks what has changed in the whole store.
   *
   * @param since where the last answer ended, null to begin
   */
  Answer poll(@Nullable Position since) throws SQLException {
    return ask(
        changed,
        statement -> Binder.of(statement)
            .number(since == null ? Long.MAX_VALUE : since.end)
            .numbers(since == null ? List.<Long>of() : since.open, xid -> xid),
        UUID.class::cast);
  }

  /**
   * Asks which of these states have changed.
   *
   * @param known the versions that are known; an older one is not told
   */
  Answer pollOf(Map<UUID, Long> known) throws SQLException {
    List<UUID> states = List.copyOf(known.keySet());
    Array ids = ids(states);
    return ask(
        heads,
        statement -> {
          statement.setArray(1, ids);
          statement.setArray(2, connection.createArrayOf("int8", known.values().toArray()));
        },
        place -> states.get(((Long) place).intValue() - 1));
  }

  /** Written out once: a hundred of them take longer than the question. */
  private Array ids(List<UUID> states) throws SQLException {
    if (fewIds == null || !states.equals(few)) {
      fewIds = connection.createArrayOf("uuid", states.toArray());
      few = states;
    }
    return fewIds;
  }

  private Answer ask(String sql, Parameters parameters, Function<Object, UUID> state)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      // A plan for any transaction number would read all of history, and one for any states perhaps
      // all of them; planned for these ones it reads the end of history, or the heads.
      if (statement.isWrapperFor(PGStatement.class)) {
        statement.unwrap(PGStatement.class).setPrepareThreshold(0);
      }
      parameters.bind(statement);
      try (ResultSet rows = statement.executeQuery()) {
        return answer(rows, state);
      }
    }
  }

  private static Answer answer(ResultSet rows, Function<Object, UUID> state) throws SQLException {
    rows.next();
    Position position = Position.parse(rows.getString(1), rows.getString(2));
    if (rows.getBoolean(3)) {
      throw new SQLNonTransientConnectionException("The watch is connected to a standby");
    }
    Map<UUID, Long> newest = new HashMap<>();
    Array states = rows.getArray(4);
    if (states != null) {
      Object[] changed = (Object[]) states.getArray();
      Object[] versions = (Object[]) rows.getArray(5).getArray();
      for (int i = 0; i < changed.length; i++) {
        newest.put(state.apply(changed[i]), (Long) versions[i]);
      }
    }
    return new Answer(position, newest);
  }

  /** Waits until somebody else announces a write, at most so long; whether somebody did. */
  boolean await(Duration limit) throws SQLException {
    if (listening == null) {
      LockSupport.parkNanos(this, limit.toNanos());
      return false;
    }
    PGNotification[] notices = listening.getNotifications(Math.max(1, (int) limit.toMillis()));
    return notices != null
        && Arrays.stream(notices).anyMatch(notice -> notice.getPID() != listening.getBackendPID());
  }

  /** Tells others that something was written. */
  void announce() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ANNOUNCE)) {
      statement.setString(1, channel);
      statement.execute();
    }
  }

  /** Gives the connection back as it came. */
  @Override
  public void close() throws SQLException {
    try (Connection closing = connection) {
      if (listening != null) {
        execute("UNLISTEN " + channel);
      }
      closing.setNetworkTimeout(Runnable::run, networkTimeout);
      closing.setAutoCommit(autoCommit);
    }
  }

  /** Gives a statement its parameters. */
  @FunctionalInterface
  interface Parameters {
    void bind(PreparedStatement statement) throws SQLException;
  }

  /** Opens links. */
  @FunctionalInterface
  public interface Factory {

    /** Connects, or fails. */
    WatchLink open() throws SQLException;
  }

  /**
   * What has changed.
   *
   * @param position where this answer ends
   * @param newest the states that have, with their newest versions
   */
  record Answer(Position position, Map<UUID, Long> newest) {}

  /**
   * What was visible in a snapshot. Immutable.
   *
   * @param server which server said so, by the time at which it was started
   * @param end the first transaction that was not begun yet
   * @param open those before it that were not over
   */
  record Position(String server, long end, List<Long> open) {

    /** From the text form of {@code pg_snapshot}: first open, end, list of the open ones. */
    static Position parse(String snapshot, String server) {
      String[] parts = snapshot.split(":", -1);
      List<Long> open = new ArrayList<>();
      for (String xid : parts[2].split(",", -1)) {
        if (!xid.isEmpty()) {
          open.add(Long.valueOf(xid));
        }
      }
      return new Position(server, Long.parseLong(parts[1]), List.copyOf(open));
    }

    boolean isOfSameServer(Position other) {
      return server.equals(other.server);
    }
  }
}
