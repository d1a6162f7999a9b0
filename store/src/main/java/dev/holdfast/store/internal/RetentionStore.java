package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.StateId;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.FoldedRanges.Range;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The statements of retention on a given connection.
 *
 * <p><b>What can be removed is found without a lock.</b> {@link #hold} takes the lock of the state's row once, for three short statements: it
 * waits for forks and writes under way, clears, and reads the tags. From then on, what is below the oldest version and has no tag can never
 * become readable again: tags and forks of it are refused, and rollbacks to it. So rows that no pin and no reference needs stay unneeded
 * whatever is written meanwhile, and they are removed while writers go on.
 *
 * <p>Safe for use by multiple threads, each with its own connection.
 */
public final class RetentionStore {

  private final RetentionSql sql;

  /** The statements for one schema. */
  public RetentionStore(SchemaName schema) {
    this.sql = new RetentionSql(schema);
  }

  /**
   * The states behind one, in order of namespace and name.
   *
   * @param last the namespace to end with, null for all
   */
  public List<Head> states(
      Connection connection, String namespace, String name, @Nullable String last, int limit)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.states)) {
      Binder.of(statement).text(namespace).text(name).text(last).text(last).integer(limit);
      return heads(statement);
    }
  }

  /** One state; empty when it was never addressed. */
  public List<Head> state(Connection connection, StateId id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.state)) {
      Binder.of(statement).uuid(id.uuid());
      return heads(statement);
    }
  }

  private static List<Head> heads(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      List<Head> heads = new ArrayList<>();
      while (rows.next()) {
        StateId id = new StateId(rows.getString(1), rows.getString(2));
        Instant forkedAt = rows.getObject(5) == null ? null : Reader.time(rows, 5);
        heads.add(new Head(id, id.uuid(), rows.getLong(3), rows.getLong(4), forkedAt));
      }
      return heads;
    }
  }

  /** Whether the role of the connection may remove history; who may not would be refused only after history was cleared. */
  public boolean mayRemove(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.mayRemove);
        ResultSet row = statement.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** The time of the database. */
  public Instant now(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT clock_timestamp()");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return Reader.time(row, 1);
    }
  }

  /** The newest version up to one given that is older than the grace and was delivered to all consumers of the feed. */
  public long settled(Connection connection, UUID state, long version, Duration grace)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.settled)) {
      Binder.of(statement)
          .number(version)
          .uuid(state)
          .number(version)
          .number(grace.toMillis())
          .uuid(state)
          .number(version);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** The versions that have a tag. */
  public NavigableSet<Long> tagged(Connection connection, UUID state) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.tagged)) {
      Binder.of(statement).uuid(state);
      try (ResultSet rows = statement.executeQuery()) {
        NavigableSet<Long> versions = new TreeSet<>();
        while (rows.next()) {
          versions.add(rows.getLong(1));
        }
        return versions;
      }
    }
  }

  /**
   * Clears what is older than a version, unless it was cleared already, and reads what stays readable. Locks the state's row for the time of
   * one message, and waits for the lock no longer than given.
   */
  public Held hold(
      Connection connection,
      UUID state,
      long oldest,
      Author author,
      UUID runId,
      Duration lockTimeout)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.hold)) {
      Binder.of(statement)
          .text(String.valueOf(lockTimeout.toMillis()))
          .uuid(state)
          .number(oldest)
          .uuid(state)
          .uuid(state)
          .text(author.actor())
          .text(author.reason())
          .uuid(runId)
          .uuid(state);
      try (ResultSet row = Writer.lastResult(statement)) {
        return row.next()
            ? new Held(row.getLong(1), versions(row.getArray(2)))
            : new Held(0, new TreeSet<>());
      }
    }
  }

  private static NavigableSet<Long> versions(Array array) throws SQLException {
    return new TreeSet<>(Arrays.asList((Long[]) array.getArray()));
  }

  /**
   * Rows of history, without their values, in order of key and version.
   *
   * @param pins versions that stay readable; only rows up to the highest are read
   * @param after the row to begin behind, null for the first
   */
  public List<Sweep.Row> rows(
      Connection connection,
      UUID state,
      NavigableSet<Long> pins,
      Sweep.@Nullable Row after,
      int limit)
      throws SQLException {
    List<Sweep.Row> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql.rows)) {
      Binder.of(statement)
          .uuid(state)
          .text(after == null ? "" : after.key())
          .number(after == null ? 0L : after.version())
          .number(pins.last())
          .integer(limit);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          rows.add(new Sweep.Row(
              found.getString(1), found.getLong(2), Form.ofSqlName(found.getString(3)), false));
        }
      }
    }
    return rows.isEmpty() ? rows : marked(connection, state, pins, rows);
  }

  private List<Sweep.Row> marked(
      Connection connection, UUID state, NavigableSet<Long> pins, List<Sweep.Row> rows)
      throws SQLException {
    Set<Range> sources = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(sql.sources)) {
      Binder.of(statement)
          .uuid(state)
          .text(rows.get(0).key())
          .text(rows.get(rows.size() - 1).key())
          .number(pins.last())
          .uuid(state)
          .number(pins.last())
          .numbers(List.copyOf(pins), pin -> pin);
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          sources.add(source(state, found.getString(1), found.getLong(2)));
        }
      }
    }
    return sources.isEmpty()
        ? rows
        : rows.stream()
            .map(row -> new Sweep.Row(
                row.key(),
                row.version(),
                row.form(),
                sources.contains(source(state, row.key(), row.version()))))
            .toList();
  }

  private static Range source(UUID state, String key, long version) {
    return new Range(state, key, version, version);
  }

  /** Removes rows of a key; returns how many were there. */
  public long remove(Connection connection, UUID state, String key, List<Long> versions)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.remove)) {
      Binder.of(statement).uuid(state).text(key).numbers(versions, version -> version);
      return statement.executeLargeUpdate();
    }
  }

  /** The same; returns what was there, with its values. */
  public List<HistoryRow> takeOut(
      Connection connection, UUID state, String key, List<Long> versions) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.takeOut)) {
      Binder.of(statement).uuid(state).text(key).numbers(versions, version -> version);
      return HistoryRow.readAll(statement);
    }
  }

  /**
   * Replaces a delta by the whole value.
   *
   * @param low the version of the whole value below
   * @param replaced is told of the delta, if it still was one
   * @return whether it was replaced; another run may have been faster, or have removed it
   */
  public boolean fold(
      Connection connection,
      UUID state,
      String key,
      long low,
      long version,
      Consumer<HistoryRow> replaced)
      throws SQLException {
    List<HistoryRow> chain = chain(connection, state, key, low, version);
    HistoryRow delta = chain.isEmpty() ? null : chain.get(chain.size() - 1);
    if (delta == null || delta.version() != version) {
      // Another run has removed it since it was read: a tag that needed it is gone.
      return false;
    }
    if (chain.get(0).form() != Form.VALUE) {
      throw Fold.damaged("version " + version + " of key \"" + key + "\" of state " + state
          + " cannot be folded from version " + low);
    }
    Fold fold = new Fold();
    chain.forEach(row -> fold.add(row.form(), row.payload()));
    try (PreparedStatement statement = connection.prepareStatement(sql.fold)) {
      Binder.of(statement).text(fold.result()).uuid(state).text(key).number(version);
      boolean done = statement.executeUpdate() == 1;
      if (done) {
        replaced.accept(delta);
      }
      return done;
    }
  }

  private List<HistoryRow> chain(Connection connection, UUID state, String key, long low, long high)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.chain)) {
      Binder.of(statement).uuid(state).text(key).number(low).text(key).number(high);
      return HistoryRow.readAll(statement);
    }
  }

  /** Adds to the record of a run. */
  public void record(
      Connection connection,
      UUID state,
      UUID runId,
      long version,
      long removed,
      long folded,
      Author author)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.record)) {
      Binder.of(statement)
          .uuid(state)
          .uuid(runId)
          .number(version)
          .number(removed)
          .number(folded)
          .text(author.actor())
          .text(author.reason());
      statement.executeUpdate();
    }
  }

  /**
   * A state.
   *
   * @param id the state
   * @param uuid the same as stored
   * @param version its newest version
   * @param oldest the oldest version that can be read
   * @param forkedAt when it was made from another state, null when it was not
   */
  public record Head(
      StateId id,
      UUID uuid,
      long version,
      long oldest,
      @Nullable Instant forkedAt) {}

  /**
   * What stays readable of a state.
   *
   * @param oldest this version and everything above it
   * @param tagged these, wherever they are
   */
  public record Held(long oldest, NavigableSet<Long> tagged) {}
}
