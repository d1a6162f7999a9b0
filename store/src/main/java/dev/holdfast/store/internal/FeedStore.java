package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.StateId;
import dev.holdfast.store.feed.DeadLetter;
import dev.holdfast.store.feed.FeedLag;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.history.Origin;
import dev.holdfast.store.json.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The statements of the change feed. Safe for use by multiple threads, each with its own connection.
 *
 * <p>A feed reads by transaction ({@code change.xid}), and only up to the oldest transaction that is still running: what is before that is
 * decided, so nothing can appear behind the reader's back. A cursor over a sequence, or over time, skips what commits late.
 *
 * <p>The order of transaction numbers is not the order of a state's versions: a transaction that began early may write a state after a later
 * one did. But a version is committed only after the one before it, so whenever a version is found, all before it can be delivered too. A
 * window of transactions therefore delivers of each state everything up to its newest version within the window, and remembers what that
 * took from later windows ("ahead").
 */
public final class FeedStore {

  private static final String XID = "((c.xid::text)::bigint)";

  /**
   * The epoch begins with the time, so that who held a consumer that was forgotten and has begun anew does not hold this one. Parameters:
   * consumer, whether to begin at the beginning, owner, milliseconds, consumer, owner.
   */
  private static final String CLAIM = """
      INSERT INTO {schema}.feed_consumer (consumer, epoch, position)
      VALUES (?, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
        CASE WHEN ?::boolean THEN 0 ELSE pg_snapshot_xmin(pg_current_snapshot())::text::bigint END)
      ON CONFLICT ON CONSTRAINT feed_consumer_pkey DO NOTHING;
      UPDATE {schema}.feed_consumer AS f
      SET owner = ?, epoch = f.epoch + 1, leased_until = clock_timestamp() + ? * interval '1 millisecond'
      WHERE f.consumer = ? AND (f.owner IS NULL OR f.owner = ? OR f.leased_until < clock_timestamp())
      RETURNING f.position, f.ahead::text, f.epoch""";

  /** Parameters: position, ahead, milliseconds, consumer, epoch. */
  private static final String ADVANCE = """
      UPDATE {schema}.feed_consumer AS f
      SET position = ?, ahead = ?::jsonb, leased_until = clock_timestamp() + ? * interval '1 millisecond',
          moved_at = clock_timestamp()
      WHERE f.consumer = ? AND f.epoch = ? AND f.owner IS NOT NULL""";

  /** Parameters: position, ahead, consumer, epoch. */
  private static final String RELEASE = """
      UPDATE {schema}.feed_consumer AS f
      SET position = ?, ahead = ?::jsonb, owner = NULL, leased_until = NULL
      WHERE f.consumer = ? AND f.epoch = ?""";

  /** Parameters: position, width, position, namespace, namespace, position. */
  private static final String WINDOW = """
      WITH bound AS MATERIALIZED (
        SELECT h.horizon, least(?::bigint + ?::bigint, h.horizon) AS high
        FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint) AS h (horizon)
      ), touched AS MATERIALIZED (
        SELECT c.state_id, max(c.version) AS newest
        FROM {schema}.change AS c
        WHERE %1$s >= ? AND %1$s < (SELECT b.high FROM bound AS b)
        GROUP BY c.state_id
      )
      SELECT b.high, b.horizon, c.state_id, s.namespace, s.name, c.version, c.key, c.operation, c.actor, c.reason,
        c.changed_at, c.transaction_id, c.form, c.payload, %1$s, c.effect_id
      FROM bound AS b
      LEFT JOIN (
        touched AS t
        JOIN {schema}.state AS s ON s.state_id = t.state_id AND (?::text IS NULL OR s.namespace = ?)
        CROSS JOIN LATERAL (
          SELECT coalesce((
            SELECT c.version
            FROM {schema}.change AS c
            WHERE c.state_id = t.state_id AND c.version <= t.newest AND %1$s < ?
            ORDER BY c.state_id DESC, c.version DESC
            LIMIT 1), 0)
        ) AS d (delivered)
        JOIN {schema}.change AS c ON c.state_id = t.state_id AND c.version > d.delivered AND c.version <= t.newest
      ) ON true
      ORDER BY c.changed_at, c.state_id, c.version, c.key""".formatted(XID);

  /**
   * The position is looked up first, and there is an upper bound: joined, or open above, the planner takes the changes for a third of
   * history and reads all of it. Parameters: consumer, limit.
   */
  private static final String LAG = """
      SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(o.changed_at)) * 1000, 0)::bigint
      FROM (
        SELECT c.changed_at
        FROM {schema}.change AS c
        WHERE %1$s >= (SELECT f.position FROM {schema}.feed_consumer AS f WHERE f.consumer = ?)
          AND %1$s < (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
        ORDER BY c.changed_at
        LIMIT ?
      ) AS o""".formatted(XID);

  /** Parameters: consumer, state_id, version, attempts, error, consumer, epoch. */
  private static final String BURY = """
      INSERT INTO {schema}.dead_letter (consumer, state_id, version, attempts, error)
      SELECT ?, ?, ?, ?, ?
      FROM {schema}.feed_consumer AS f
      WHERE f.consumer = ? AND f.epoch = ?
      ON CONFLICT ON CONSTRAINT dead_letter_pkey DO UPDATE
      SET attempts = excluded.attempts, error = excluded.error, failed_at = excluded.failed_at""";

  /** Parameters: consumer, limit. */
  private static final String DEAD = """
      SELECT s.namespace, s.name, d.version, d.attempts, d.error, d.failed_at
      FROM {schema}.dead_letter AS d
      JOIN {schema}.state AS s ON s.state_id = d.state_id
      WHERE d.consumer = ?
      ORDER BY d.failed_at, d.state_id, d.version
      LIMIT ?""";

  /** Parameters: consumer, state_id, version. */
  private static final String DISCARD = """
      DELETE FROM {schema}.dead_letter AS d WHERE d.consumer = ? AND d.state_id = ? AND d.version = ?""";

  /** Parameter: consumer. */
  private static final String FORGET =
      "DELETE FROM {schema}.feed_consumer AS f WHERE f.consumer = ?";

  private final String claim;
  private final String advance;
  private final String release;
  private final String window;
  private final String lag;
  private final String bury;
  private final String dead;
  private final String discard;
  private final String forget;

  /** The statements for one schema. */
  public FeedStore(SchemaName schema) {
    claim = schema.in(CLAIM);
    advance = schema.in(ADVANCE);
    release = schema.in(RELEASE);
    window = schema.in(WINDOW);
    lag = lagSql(schema);
    bury = schema.in(BURY);
    dead = schema.in(DEAD);
    discard = schema.in(DISCARD);
    forget = schema.in(FORGET);
  }

  /** Takes a consumer, making it when it is new; empty while somebody else has it. */
  public Optional<Claim> claim(
      Connection connection, String consumer, UUID owner, Duration lease, boolean fromBeginning)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(claim)) {
      Binder.of(statement)
          .text(consumer)
          .flag(fromBeginning)
          .uuid(owner)
          .number(lease.toMillis())
          .text(consumer)
          .uuid(owner);
      try (ResultSet row = Writer.lastResult(statement)) {
        return row.next()
            ? Optional.of(
                new Claim(consumer, row.getLong(1), aheads(row.getString(2)), row.getLong(3)))
            : Optional.empty();
      }
    }
  }

  private static Map<UUID, Ahead> aheads(String json) {
    Map<UUID, Ahead> aheads = new HashMap<>();
    Json.parse(json)
        .properties()
        .forEach(entry -> aheads.put(
            UUID.fromString(entry.getKey()),
            new Ahead(
                entry.getValue().get(0).longValue(), entry.getValue().get(1).longValue())));
    return aheads;
  }

  private static String json(Map<UUID, Ahead> aheads) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    aheads.forEach(
        (state, ahead) -> object.putArray(state.toString()).add(ahead.version()).add(ahead.xid()));
    return Json.write(object);
  }

  /**
   * Moves the position and prolongs the lease.
   *
   * @return false when somebody else has claimed the consumer; nothing was changed then
   */
  public boolean advance(Connection connection, Claim to, Duration lease) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(advance)) {
      Binder.of(statement)
          .number(to.position())
          .text(json(to.ahead()))
          .number(lease.toMillis())
          .text(to.consumer())
          .number(to.epoch());
      return statement.executeUpdate() == 1;
    }
  }

  /** Gives a consumer back where it is now, unless somebody else has it already. */
  public void release(Connection connection, Claim given) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(release)) {
      Binder.of(statement)
          .number(given.position())
          .text(json(given.ahead()))
          .text(given.consumer())
          .number(given.epoch());
      statement.executeUpdate();
    }
  }

  /**
   * Reads what was not delivered of the next transactions.
   *
   * @param width how many transactions at most
   * @param namespace null for all
   */
  public Window read(Connection connection, Claim from, long width, @Nullable String namespace)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(window)) {
      long position = from.position();
      Binder.of(statement)
          .number(position)
          .number(width)
          .number(position)
          .text(namespace)
          .text(namespace)
          .number(position);
      try (ResultSet rows = statement.executeQuery()) {
        return window(rows, from);
      }
    }
  }

  private static Window window(ResultSet rows, Claim from) throws SQLException {
    List<Row> fresh = new ArrayList<>();
    Map<UUID, Ahead> ahead = new HashMap<>(from.ahead());
    long high = from.position();
    long horizon = high;
    while (rows.next()) {
      // The horizon can lie behind a position that another server gave; that never goes back.
      high = Math.max(high, rows.getLong(1));
      horizon = rows.getLong(2);
      UUID state = rows.getObject(3, UUID.class);
      if (state != null) {
        Row row = row(rows, state);
        Ahead known = from.ahead().get(state);
        if (known == null || row.version() > known.version()) {
          fresh.add(row);
        }
        if (row.xid() >= high) {
          ahead.merge(state, new Ahead(row.version(), row.xid()), Ahead::further);
        }
      }
    }
    long reached = high;
    ahead.values().removeIf(entry -> entry.xid() < reached);
    return new Window(
        new Claim(from.consumer(), high, Map.copyOf(ahead), from.epoch()), high >= horizon, fresh);
  }

  private static Row row(ResultSet rows, UUID state) throws SQLException {
    return new Row(
        state,
        new StateId(rows.getString(4), rows.getString(5)),
        rows.getLong(6),
        rows.getString(7),
        Operation.ofSqlName(rows.getString(8)),
        new Origin(
            rows.getString(9),
            rows.getString(10),
            Reader.time(rows, 11),
            rows.getObject(12, UUID.class),
            rows.getObject(16, UUID.class)),
        Form.ofSqlName(rows.getString(13)),
        rows.getString(14),
        rows.getLong(15));
  }

  /** The question how much a consumer has before it. */
  static String lagSql(SchemaName schema) {
    return schema.in(LAG);
  }

  /** How far a consumer is behind, its changes counted up to a limit. */
  public FeedLag lag(Connection connection, String consumer, int limit) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(lag)) {
      Binder.of(statement).text(consumer).integer(limit);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new FeedLag(Duration.ofMillis(Math.max(0, row.getLong(2))), row.getLong(1));
      }
    }
  }

  /** Keeps a change set that could not be handled; false when the consumer is not ours any more. */
  public boolean bury(
      Connection connection, Claim by, UUID state, long version, int attempts, String error)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(bury)) {
      Binder.of(statement)
          .text(by.consumer())
          .uuid(state)
          .number(version)
          .integer(attempts)
          .text(error)
          .text(by.consumer())
          .number(by.epoch());
      return statement.executeUpdate() == 1;
    }
  }

  /** The change sets that a consumer could not handle, oldest first. */
  public List<DeadLetter> dead(Connection connection, String consumer, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(dead)) {
      Binder.of(statement).text(consumer).integer(limit);
      try (ResultSet rows = statement.executeQuery()) {
        List<DeadLetter> found = new ArrayList<>();
        while (rows.next()) {
          found.add(new DeadLetter(
              new StateId(rows.getString(1), rows.getString(2)),
              rows.getLong(3),
              rows.getInt(4),
              rows.getString(5),
              Reader.time(rows, 6)));
        }
        return found;
      }
    }
  }

  /** Removes a dead letter; false when there is none such. */
  public boolean discard(Connection connection, String consumer, UUID state, long version)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(discard)) {
      Binder.of(statement).text(consumer).uuid(state).number(version);
      return statement.executeUpdate() == 1;
    }
  }

  /** Removes a consumer; false when there is none such. */
  public boolean forget(Connection connection, String consumer) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(forget)) {
      Binder.of(statement).text(consumer);
      return statement.executeUpdate() == 1;
    }
  }

  /**
   * The right to go on from a position. Immutable.
   *
   * @param consumer the consumer
   * @param position every change of a transaction before this one was delivered
   * @param ahead what was delivered beyond it
   * @param epoch of the claim
   */
  public record Claim(String consumer, long position, Map<UUID, Ahead> ahead, long epoch) {

    /** The same, with more delivered beyond the position. */
    public Claim with(Map<UUID, Ahead> more) {
      if (more.isEmpty()) {
        return this;
      }
      Map<UUID, Ahead> all = new HashMap<>(ahead);
      more.forEach((state, further) -> all.merge(state, further, Ahead::further));
      return new Claim(consumer, position, Map.copyOf(all), epoch);
    }
  }

  /**
   * How far a state was delivered beyond the position.
   *
   * @param version the newest version delivered
   * @param xid the last transaction delivered
   */
  public record Ahead(long version, long xid) {

    /** As far as any of both. */
    public Ahead further(Ahead other) {
      return new Ahead(Math.max(version, other.version), Math.max(xid, other.xid));
    }
  }

  /**
   * What was read.
   *
   * @param next the claim once all of it was delivered
   * @param caughtUp whether there is nothing more that is decided
   * @param rows what to deliver; in order of versions for each state
   */
  public record Window(Claim next, boolean caughtUp, List<Row> rows) {}

  /** A row of history as read. */
  public record Row(
      UUID stateUuid,
      StateId state,
      long version,
      String key,
      Operation operation,
      Origin origin,
      Form form,
      @Nullable String payload,
      long xid) {}
}
