package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.FoldedRanges.Range;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sends the read statements on a given connection and folds what comes back. Every method is one round trip; values that a fork shares with
 * other states take one more for each of them. Safe for use by multiple
 * threads, each with its own connection.
 */
public final class Reader {

  private static final int FETCH_ALL = 0;

  private final ReadSql sql;

  /** A reader for one schema. */
  public Reader(SchemaName schema) {
    this.sql = new ReadSql(schema);
  }

  /** The newest row of a key; empty when the key was never written. */
  public Optional<StoredEntry> entry(Connection connection, UUID state, String key)
      throws SQLException {
    return FoldedRanges.untilWhole(() -> {
      List<EntryRows> found = entryRows(connection, state, key);
      FoldedRanges borrowed = borrowed(connection, found);
      return borrowed.isWhole()
          ? Optional.of(found.stream().findFirst().map(rows -> rows.build(borrowed)))
          : Optional.empty();
    });
  }

  private List<EntryRows> entryRows(Connection connection, UUID state, String key)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.entry)) {
      Binder.of(statement).uuid(state).text(key).text(key).number(Long.MAX_VALUE);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? List.of(readEntry(rows)) : List.of();
      }
    }
  }

  private static EntryRows readEntry(ResultSet rows) throws SQLException {
    EntryRows entry = EntryRows.at(rows, 1);
    do {
      entry.add(rows, 8);
    } while (rows.next());
    return entry;
  }

  /** What the entries of a fork share with other states. */
  private FoldedRanges borrowed(Connection connection, Collection<EntryRows> entries)
      throws SQLException {
    List<Range> ranges =
        entries.stream().flatMap(rows -> Stream.ofNullable(rows.borrowed)).toList();
    return FoldedRanges.read(connection, sql.ranges, ranges);
  }

  /** Whether a key is there. */
  public Presence has(Connection connection, UUID state, String key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.has)) {
      Binder.of(statement).uuid(state).text(key).text(key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? new Presence(row.getBoolean(1), row.getLong(2))
            : new Presence(false, 0);
      }
    }
  }

  /**
   * Whether a key is there.
   *
   * @param version which version says so, 0 when the key has no row
   */
  public record Presence(boolean isThere, long version) {}

  /** The newest version, 0 for a state without a row. */
  public long version(Connection connection, UUID state) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.version)) {
      Binder.of(statement).uuid(state);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  /** The keys that are there. */
  public Keys keys(Connection connection, UUID state) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.keys)) {
      Binder.of(statement).uuid(state).number(Long.MAX_VALUE);
      try (ResultSet rows = statement.executeQuery()) {
        List<String> keys = new ArrayList<>();
        long version = 0;
        while (rows.next()) {
          version = rows.getLong(1);
          String key = rows.getString(2);
          if (key != null) {
            keys.add(key);
          }
        }
        return new Keys(keys, version);
      }
    }
  }

  /**
   * The keys that are there.
   *
   * @param names in order
   * @param version the newest version, 0 for a state without a row
   */
  public record Keys(List<String> names, long version) {}

  /**
   * All keys and values at a version.
   *
   * @param version {@code Long.MAX_VALUE} for the newest
   * @return empty for a state without a row
   */
  public Optional<StoredSnapshot> snapshot(Connection connection, UUID state, long version)
      throws SQLException {
    return whole(connection, () -> snapshotRows(connection, state, version));
  }

  /**
   * The keys that were written between two versions as they were at one of them, the absent ones as well; all others are the same at both. Its
   * {@linkplain StoredSnapshot#versionAt time} is that of the earlier version: a caller that has got that version already can tell whether
   * it still is the same, which it is not where a server took over that had not received it.
   *
   * @return empty when it cannot be told any more, and when there are too many changes
   */
  public Optional<StoredSnapshot> changed(Connection connection, UUID state, Span span)
      throws SQLException {
    return whole(connection, () -> changedRows(connection, state, span));
  }

  /**
   * What to tell of a state.
   *
   * @param after the earlier version
   * @param upTo the later version, {@code Long.MAX_VALUE} for the newest
   * @param version how the keys are to be told, one of the two
   * @param most no more changes than so many are looked at
   */
  public record Span(long after, long upTo, long version, int most) {

    private static final int FEW = 64;

    /**
     * From a version to the newest. With more changes than keys there is more to look at than in the whole state.
     *
     * @param keys how many there are at that version
     */
    public static Span since(long version, int keys) {
      return new Span(version, Long.MAX_VALUE, Long.MAX_VALUE, keys + FEW);
    }
  }

  private Optional<SnapshotRows> changedRows(Connection connection, UUID state, Span span)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.changed)) {
      statement.setFetchSize(FETCH_ALL);
      Binder.of(statement)
          .uuid(state)
          .number(span.after())
          .number(span.upTo())
          .integer(span.most())
          .number(span.version());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(readSnapshot(rows)) : Optional.empty();
      }
    }
  }

  /** Reads rows, and the values that they share with other states. */
  private Optional<StoredSnapshot> whole(Connection connection, Rows rows) throws SQLException {
    return FoldedRanges.untilWhole(() -> {
      Optional<SnapshotRows> found = rows.read();
      FoldedRanges borrowed =
          borrowed(connection, found.map(SnapshotRows::entries).orElse(List.of()));
      return borrowed.isWhole()
          ? Optional.of(found.map(read -> read.build(borrowed)))
          : Optional.empty();
    });
  }

  private interface Rows {
    Optional<SnapshotRows> read() throws SQLException;
  }

  private Optional<SnapshotRows> snapshotRows(Connection connection, UUID state, long version)
      throws SQLException {
    boolean newest = version == Long.MAX_VALUE;
    try (PreparedStatement statement =
        connection.prepareStatement(newest ? sql.newest : sql.snapshot)) {
      statement.setFetchSize(FETCH_ALL);
      Binder binder = Binder.of(statement).uuid(state).number(version);
      if (!newest) {
        binder.number(version);
      }
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(readSnapshot(rows)) : Optional.empty();
      }
    }
  }

  private static SnapshotRows readSnapshot(ResultSet rows) throws SQLException {
    long version = rows.getLong(1);
    long oldest = rows.getLong(2);
    Instant newestAt = time(rows, 3);
    OffsetDateTime versionAt = rows.getObject(4, OffsetDateTime.class);
    return new SnapshotRows(
        version,
        oldest,
        newestAt,
        versionAt == null ? null : versionAt.toInstant(),
        readEntries(rows));
  }

  private static List<EntryRows> readEntries(ResultSet rows) throws SQLException {
    List<EntryRows> entries = new ArrayList<>();
    EntryRows current = null;
    do {
      String key = rows.getString(5);
      if (key == null) {
        break;
      }
      if (current == null || !current.key().equals(key)) {
        current = EntryRows.at(rows, 5);
        entries.add(current);
      }
      current.add(rows, 12);
    } while (rows.next());
    return entries;
  }

  static Instant time(ResultSet rows, int column) throws SQLException {
    return rows.getObject(column, OffsetDateTime.class).toInstant();
  }

  /** The newest version that is not later than a time. */
  public VersionAt versionAt(Connection connection, UUID state, Instant time) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.versionAt)) {
      Binder.of(statement)
          .uuid(state)
          .time(time)
          .time(time)
          .uuid(state)
          .time(time)
          .uuid(state);
      try (ResultSet row = statement.executeQuery()) {
        boolean found = row.next();
        return found
            ? new VersionAt(row.getLong(1), row.getBoolean(2), row.getLong(3))
            : new VersionAt(0, false, 0);
      }
    }
  }

  /** Names and newest versions of the states of a namespace behind a name, in order. */
  public Map<String, Long> states(Connection connection, String namespace, String after, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.states)) {
      Binder.of(statement).text(namespace).text(after).integer(limit);
      try (ResultSet rows = statement.executeQuery()) {
        Map<String, Long> states = new LinkedHashMap<>();
        while (rows.next()) {
          states.put(rows.getString(1), rows.getLong(2));
        }
        return states;
      }
    }
  }

  String ranges() {
    return sql.ranges;
  }

  /**
   * A version found by time.
   *
   * @param version the version
   * @param cleared whether the version is older than what can be read
   * @param oldest the oldest version that can be read
   */
  public record VersionAt(long version, boolean cleared, long oldest) {}

  /** A snapshot while it is read. */
  private record SnapshotRows(
      long newest,
      long oldest,
      @Nullable Instant newestAt,
      @Nullable Instant versionAt,
      List<EntryRows> entries) {

    StoredSnapshot build(FoldedRanges borrowed) {
      Map<String, StoredEntry> built = new LinkedHashMap<>();
      entries.forEach(rows -> built.put(rows.key, rows.build(borrowed)));
      return new StoredSnapshot(newest, oldest, newestAt, versionAt, built);
    }
  }

  /**
   * The rows of one entry while they are read.
   *
   * @param borrowed the rows of another state that have the value, null when it is here
   */
  private record EntryRows(
      String key,
      long version,
      Form form,
      @Nullable Long base,
      int deltas,
      @Nullable Range borrowed,
      Fold fold) {

    /**
     * Starts at the current row, whose columns from {@code first} are key, version, form, base_version, delta_count, source_version,
     * source_state_id.
     */
    static EntryRows at(ResultSet rows, int first) throws SQLException {
      String key = rows.getString(first);
      long base = rows.getLong(first + 3);
      Long baseOrNull = rows.wasNull() ? null : base;
      UUID source = rows.getObject(first + 6, UUID.class);
      return new EntryRows(
          key,
          rows.getLong(first + 1),
          Form.ofSqlName(rows.getString(first + 2)),
          baseOrNull,
          rows.getInt(first + 4),
          source == null ? null : new Range(source, key, base, rows.getLong(first + 5)),
          new Fold());
    }

    /** Adds the current row, whose columns from {@code first} are the link's form and payload. */
    void add(ResultSet rows, int first) throws SQLException {
      if (borrowed == null) {
        fold.add(Form.ofSqlName(rows.getString(first)), rows.getString(first + 1));
      }
    }

    StoredEntry build(FoldedRanges values) {
      String json = borrowed == null ? fold.result() : values.value(borrowed);
      return new StoredEntry(key, version, json, form, base, deltas);
    }
  }
}
