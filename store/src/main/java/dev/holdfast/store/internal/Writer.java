package dev.holdfast.store.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.StateId;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Tails.Lesson;
import dev.holdfast.store.internal.Tails.Tail;
import dev.holdfast.store.internal.Tails.Trail;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sends the write statements on a given connection and reads what became of them; see {@link WriteSql} for the protocol. Every method is
 * one round trip, and one more when something was not as it was known to be. Knows nothing of retries and lost connections. Safe for use by multiple threads, each with its own connection.
 */
public final class Writer {

  private final WriteSql sql;
  private final int deltasPerSnapshot;
  private final Tails tails;

  /**
   * A writer for one schema.
   *
   * @param deltasPerSnapshot how many deltas may follow a whole value before one is written again, 1 or more
   */
  public Writer(SchemaName schema, int deltasPerSnapshot) {
    this.sql = new WriteSql(schema);
    this.deltasPerSnapshot = deltasPerSnapshot;
    this.tails = new Tails(deltasPerSnapshot);
  }

  /**
   * Writes a change set.
   *
   * @param mayBeMissing whether the state's row may not exist yet
   */
  public WriteOutcome write(Connection connection, ChangeSet set, boolean mayBeMissing)
      throws SQLException {
    Trail trail = tails.trail(set.stateUuid());
    List<Item> items = trail != null && set.isOfOneAuthor() ? trail.resolve(set) : null;
    if (trail != null && items != null) {
      Position now = follow(connection, set, items, trail.position());
      if (now != null) {
        tails.kept(set.stateUuid(), trail, now);
        return new WriteOutcome.Written(now.version());
      }
      tails.missed(set.stateUuid());
    }
    return writeUnknown(connection, set, mayBeMissing);
  }

  /** Writes a change set to a state that is still as it is known; null when it is not, and nothing was written. */
  private @Nullable Position follow(
      Connection connection, ChangeSet set, List<Item> items, Position known) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.follow)) {
      Binder binder = Binder.of(statement)
          .uuid(set.stateUuid())
          .number(known.version())
          .time(known.changedAt())
          .uuid(set.stateUuid());
      bindAuthor(binder, set.author()).uuid(set.transactionId());
      binder
          .texts(items, Item::key)
          .texts(items, item -> item.operation().sqlName())
          .texts(items, item -> item.form().sqlName())
          .numbers(items, Item::base)
          .integers(items, Item::deltas)
          .texts(items, Item::payload);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new Position(row.getLong(1), Reader.time(row, 2)) : null;
      }
    }
  }

  private WriteOutcome writeUnknown(Connection connection, ChangeSet set, boolean mayBeMissing)
      throws SQLException {
    if (!set.isBlind() || !set.isOfOneCall()) {
      boolean create = mayBeMissing && set.createsState();
      WriteOutcome outcome = writeConditional(connection, set, create);
      // A value is never without effect, so the row is not there; see below.
      boolean isGone = outcome instanceof WriteOutcome.Unchanged && set.createsState();
      return isGone && !create ? writeConditional(connection, set, true) : outcome;
    }
    WriteOutcome outcome = writeBlind(connection, set, mayBeMissing);
    // The row was expected and is not there: somebody restored or emptied the tables. Make it.
    return outcome instanceof WriteOutcome.Unchanged ? writeBlind(connection, set, true) : outcome;
  }

  private WriteOutcome writeBlind(Connection connection, ChangeSet set, boolean mayBeMissing)
      throws SQLException {
    return set.items().size() == 1
        ? setOne(connection, set, set.items().get(0), mayBeMissing)
        : setMany(connection, set, mayBeMissing);
  }

  private WriteOutcome setOne(Connection connection, ChangeSet set, Item item, boolean mayBeMissing)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(mayBeMissing ? sql.createAndSetOne : sql.setOne)) {
      Binder binder = bindHead(Binder.of(statement), set, mayBeMissing);
      binder.uuid(set.stateUuid()).text(item.key()).text(item.operation().sqlName());
      bindAuthor(binder, set.authorOf(item)).uuid(set.transactionId()).text(item.payload());
      return newVersion(statement);
    }
  }

  private WriteOutcome setMany(Connection connection, ChangeSet set, boolean mayBeMissing)
      throws SQLException {
    Item any = set.items().get(0);
    try (PreparedStatement statement =
        connection.prepareStatement(mayBeMissing ? sql.createAndSetMany : sql.setMany)) {
      Binder binder = bindHead(Binder.of(statement), set, mayBeMissing)
          .uuid(set.stateUuid())
          .text(any.operation().sqlName());
      bindAuthor(binder, set.authorOf(any))
          .uuid(set.transactionId())
          .texts(set.items(), Item::key)
          .texts(set.items(), Item::payload);
      return newVersion(statement);
    }
  }

  private static Binder bindHead(Binder binder, ChangeSet set, boolean mayBeMissing)
      throws SQLException {
    binder.uuid(set.stateUuid());
    return mayBeMissing ? binder.text(set.state().namespace()).text(set.state().name()) : binder;
  }

  private static Binder bindAuthor(Binder binder, Author author) throws SQLException {
    return binder.text(author.actor()).text(author.reason());
  }

  private static Binder bindAuthors(Binder binder, ChangeSet set) throws SQLException {
    return binder
        .texts(set.items(), item -> set.authorOf(item).actor())
        .texts(set.items(), item -> set.authorOf(item).reason());
  }

  private static WriteOutcome newVersion(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      return row.next() ? new WriteOutcome.Written(row.getLong(1)) : new WriteOutcome.Unchanged(0);
    }
  }

  private WriteOutcome writeConditional(Connection connection, ChangeSet set, boolean create)
      throws SQLException {
    List<Item> items = set.items();
    UUID state = set.stateUuid();
    try (PreparedStatement statement =
        connection.prepareStatement(create ? sql.createAndConditional : sql.conditional)) {
      Binder binder = Binder.of(statement);
      if (create) {
        bindHead(binder, set, true);
      }
      binder.uuid(state).uuid(state); // lock, head
      binder
          .texts(items, Item::key)
          .texts(items, item -> item.operation().sqlName())
          .texts(items, item -> item.form().sqlName())
          .texts(items, Item::payload)
          .numbers(items, Item::guard)
          .numbers(items, Item::base)
          .integers(items, Item::deltas);
      bindAuthors(binder, set);
      binder.uuid(state).integer(deltasPerSnapshot).integer(deltasPerSnapshot).uuid(state);
      binder.number(set.expectedVersion()).number(null);
      bindTarget(binder, set).flag(connection.getAutoCommit());
      try (ResultSet row = lastResult(statement)) {
        if (!row.next()) {
          return outcomeWithoutState(set);
        }
        WriteOutcome outcome = readOutcome(row, 1, set);
        if (outcome instanceof WriteOutcome.Written written
            && tails.concerns(set.stateUuid(), items)) {
          tails.learn(readLesson(row, 2, set, written));
        }
        return outcome;
      }
    }
  }

  private static Binder bindTarget(Binder binder, ChangeSet set) throws SQLException {
    return binder.uuid(set.stateUuid()).uuid(set.stateUuid()).uuid(set.transactionId());
  }

  /** Removes every key. The items of the change set are ignored; they are found by the statement. */
  public WriteOutcome clear(Connection connection, ChangeSet set) throws SQLException {
    UUID state = set.stateUuid();
    try (PreparedStatement statement = connection.prepareStatement(sql.clear)) {
      Binder binder = Binder.of(statement).uuid(state).uuid(state).uuid(state).uuid(state);
      bindAuthor(binder, set.author()).uuid(state);
      binder.number(null).number(null);
      bindTarget(binder, set).flag(connection.getAutoCommit());
      return conditionalOutcome(statement, set);
    }
  }

  /** Brings every key written after the target back to what it was. */
  public WriteOutcome rollback(Connection connection, ChangeSet set, long target)
      throws SQLException {
    UUID state = set.stateUuid();
    try (PreparedStatement statement = connection.prepareStatement(sql.rollback)) {
      Binder binder = Binder.of(statement).uuid(state).uuid(state);
      binder.uuid(state).number(target).uuid(state).uuid(state);
      bindAuthor(binder, set.author()).uuid(state).uuid(state).number(target).number(target);
      binder.number(null).number(target).uuid(state).number(target);
      bindTarget(binder, set).flag(connection.getAutoCommit());
      WriteOutcome outcome = conditionalOutcome(statement, set);
      boolean future =
          outcome instanceof WriteOutcome.Unchanged unchanged && target > unchanged.version();
      return future
          ? new WriteOutcome.NoSuchVersion(((WriteOutcome.Unchanged) outcome).version())
          : outcome;
    }
  }

  private static WriteOutcome conditionalOutcome(PreparedStatement statement, ChangeSet set)
      throws SQLException {
    try (ResultSet row = lastResult(statement)) {
      return row.next() ? readOutcome(row, 1, set) : outcomeWithoutState(set);
    }
  }

  /** A state that was never written has version 0 and no row. */
  private static WriteOutcome outcomeWithoutState(ChangeSet set) {
    Long expected = set.expectedVersion();
    return expected == null || expected == 0
        ? new WriteOutcome.Unchanged(0)
        : new WriteOutcome.Moved(null, expected, 0);
  }

  /**
   * Reads a verdict.
   *
   * @param row from the column {@code first} on: the outcome, the version found, the new version, the key to blame and its version
   */
  static WriteOutcome readOutcome(ResultSet row, int first, ChangeSet set) throws SQLException {
    long found = row.getLong(first + 1);
    String outcome = row.getString(first);
    return switch (outcome) {
      case "write" -> new WriteOutcome.Written(row.getLong(first + 2));
      case "unchanged" -> new WriteOutcome.Unchanged(found);
      case "moved" ->
        new WriteOutcome.Moved(
            null, set.expectedVersion() == null ? 0 : set.expectedVersion(), found);
      case "key_moved" -> {
        String key = row.getString(first + 3);
        yield new WriteOutcome.Moved(key, guardOf(set, key), row.getLong(first + 4));
      }
      case "fold" -> new WriteOutcome.NeedsFold(row.getString(first + 3));
      case "cleared" -> new WriteOutcome.Cleared(row.getLong("oldest_version"));
      default -> throw new IllegalStateException("The write statement answered " + outcome);
    };
  }

  /**
   * Reads what a look has found out.
   *
   * @param found the column of the version found
   */
  static Lesson readLesson(ResultSet row, int found, ChangeSet set, WriteOutcome.Written written)
      throws SQLException {
    return Lesson.of(
        set.stateUuid(),
        new Position(row.getLong(found), Reader.time(row, row.findColumn("found_at"))),
        new Position(written.version(), Reader.time(row, row.findColumn("new_at"))),
        set.items(),
        readDeltas(row));
  }

  private static Map<String, Tail> readDeltas(ResultSet row) throws SQLException {
    Array keys = row.getArray("appended_keys");
    if (keys == null) {
      return Map.of();
    }
    String[] key = (String[]) keys.getArray();
    Long[] base = (Long[]) row.getArray("appended_bases").getArray();
    Integer[] deltas = (Integer[]) row.getArray("appended_deltas").getArray();
    Map<String, Tail> tails = new HashMap<>();
    for (int i = 0; i < key.length; i++) {
      tails.put(key[i], new Tail(base[i], deltas[i]));
    }
    return tails;
  }

  private static long guardOf(ChangeSet set, String key) {
    return set.items().stream()
        .filter(item -> item.key().equals(key) && item.guard() != null)
        .mapToLong(item -> item.guard() == null ? 0 : item.guard())
        .findFirst()
        .orElse(0);
  }

  /** Runs a pipeline of statements and steps to the rows of the last one. */
  static ResultSet lastResult(PreparedStatement statement) throws SQLException {
    boolean hasRows = statement.execute();
    ResultSet rows = hasRows ? statement.getResultSet() : null;
    while (statement.getMoreResults(Statement.KEEP_CURRENT_RESULT)
        || statement.getUpdateCount() != -1) {
      rows = statement.getResultSet();
    }
    if (rows == null) {
      throw new HoldfastException(ErrorCode.DATABASE, "A write statement returned no rows");
    }
    return rows;
  }

  /**
   * Makes everything before a version unreadable.
   *
   * @param version null for the newest
   */
  public WriteOutcome cut(Connection connection, ChangeSet set, @Nullable Long version)
      throws SQLException {
    UUID state = set.stateUuid();
    try (PreparedStatement statement = connection.prepareStatement(sql.cut)) {
      Binder binder =
          Binder.of(statement).uuid(state).number(version).uuid(state).uuid(state);
      bindAuthor(binder, set.author()).uuid(set.transactionId());
      try (ResultSet row = lastResult(statement)) {
        return row.next()
            ? cutOutcome(row.getLong(1), row.getLong(2))
            : cutOutcome(version == null ? 0 : version, 0);
      }
    }
  }

  private static WriteOutcome cutOutcome(long oldest, long newest) {
    return oldest > newest
        ? new WriteOutcome.NoSuchVersion(newest)
        : new WriteOutcome.Written(oldest);
  }

  /**
   * Locks the row of a state until the transaction ends, and makes it first when it is missing, as version 0. Waits for a transaction that
   * has it locked.
   *
   * @param connection a connection with auto-commit off
   * @param uuid the identity of the state as stored
   * @return the newest version and its time, which nobody else can change while the lock is held
   */
  public Position lock(Connection connection, StateId state, UUID uuid) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.lock)) {
      Binder.of(statement).uuid(uuid).text(state.namespace()).text(state.name()).uuid(uuid);
      try (ResultSet row = lastResult(statement)) {
        if (!row.next()) {
          // Not even under REPEATABLE READ: a row that the snapshot cannot see fails the insert
          // with 40001.
          throw new HoldfastException(
              ErrorCode.DATABASE, "State " + state + " was made and is not there");
        }
        return new Position(row.getLong(1), Reader.time(row, 2));
      }
    }
  }

  /**
   * Looks whether a change set was committed whose connection was lost. Inserting and locking the head row waits for the transaction in
   * doubt, so what is seen afterwards is final; the caller rolls back.
   *
   * @param connection a connection with auto-commit off
   * @return the version that the change set made, or empty when it was not committed
   */
  public OptionalLong findLanded(Connection connection, ChangeSet set) throws SQLException {
    lock(connection, set.state(), set.stateUuid());
    return landed(connection, set);
  }

  /** The same when the session that wrote is gone, so that there is nothing to wait for. */
  OptionalLong landed(Connection connection, ChangeSet set) throws SQLException {
    try (PreparedStatement look = connection.prepareStatement(sql.landed)) {
      UUID state = set.stateUuid();
      UUID transaction = set.transactionId();
      Binder.of(look)
          .uuid(state)
          .uuid(transaction)
          .number(set.landsAbove())
          .uuid(state)
          .uuid(state)
          .uuid(transaction)
          .uuid(state)
          .uuid(transaction);
      try (ResultSet row = look.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /** What is known of the states that were written. */
  Tails tails() {
    return tails;
  }

  /** How many deltas may follow a whole value. */
  public int deltasPerSnapshot() {
    return deltasPerSnapshot;
  }
}
