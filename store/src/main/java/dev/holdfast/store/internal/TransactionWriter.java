package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Tails.Lesson;
import dev.holdfast.store.internal.Tails.Tail;
import dev.holdfast.store.internal.Tails.Trail;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The statements of explicit transactions. All states are locked by then, so what their keys hold cannot change any more: it is looked up
 * in one statement where a delta needs to know and this process does not, see {@link Tails}, and everything is written in another, whatever
 * the number of states. Safe for use by multiple threads, each with its own connection.
 */
public final class TransactionWriter {

  /** For the conditions on the key see {@link ReadSql}. Parameters: state_ids, keys. */
  private static final String NEWEST = """
      SELECT i.ordinal, p.version, p.form, p.base_version, p.delta_count,
        p.form = 'value' AND json_typeof(p.payload) = 'array'
      FROM unnest((SELECT ?::uuid[]), (SELECT ?::text[])) WITH ORDINALITY AS i (state_id, key, ordinal)
      CROSS JOIN LATERAL (
        SELECT c.version, c.form, c.base_version, c.delta_count, c.payload
        FROM {schema}.change AS c
        WHERE c.state_id = i.state_id AND c.key >= i.key AND c.key <= i.key
        ORDER BY c.key DESC, c.version DESC
        LIMIT 1
      ) AS p""";

  /**
   * Writes nothing for a state that is not at the version that its lock found; the caller compares the number of states.
   *
   * <p>Parameters: state_ids, versions, transaction_id, effect_id, then per item state_ids, keys, operations, actors, reasons, forms, bases, deltas,
   * payloads.
   */
  private static final String WRITE = """
      WITH head AS (
        UPDATE {schema}.state AS s
        SET %s
        FROM unnest((SELECT ?::uuid[]), (SELECT ?::bigint[])) AS l (state_id, version)
        WHERE s.state_id = l.state_id AND s.version = l.version
        RETURNING s.state_id, s.version, s.changed_at
      ), written AS (
        INSERT INTO {schema}.change
          (state_id, key, version, operation, actor, reason, changed_at, transaction_id, effect_id, form, base_version, delta_count,
           payload)
        SELECT h.state_id, i.key, h.version, i.operation, i.actor, i.reason, h.changed_at, ?, ?, i.form, i.base, i.deltas,
          i.payload::json
        FROM unnest((SELECT ?::uuid[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]),
            (SELECT ?::text[]), (SELECT ?::bigint[]), (SELECT ?::integer[]), (SELECT ?::text[]))
          AS i (state_id, key, operation, actor, reason, form, base, deltas, payload)
        JOIN head AS h ON h.state_id = i.state_id
      )
      SELECT h.state_id, h.version, h.changed_at FROM head AS h""".formatted(WriteSql.RAISE);

  /** Parameters: state_id, version. */
  private static final String KEYS_SINCE = """
      SELECT DISTINCT c.key FROM {schema}.change AS c WHERE c.state_id = (SELECT ?::uuid) AND c.version > (SELECT ?::bigint)""";

  private final String newest;
  private final String write;
  private final String keysSince;
  private final int deltasPerSnapshot;
  private final Tails tails;

  /**
   * A writer for one schema.
   *
   * @param writer writes outside of transactions; what one of the two learns of a state the other one knows
   */
  public TransactionWriter(SchemaName schema, Writer writer) {
    this.newest = schema.in(NEWEST);
    this.write = schema.in(WRITE);
    this.keysSince = schema.in(KEYS_SINCE);
    this.deltasPerSnapshot = writer.deltasPerSnapshot();
    this.tails = writer.tails();
  }

  /** How an append to a locked state is to be stored; null when that has to be {@linkplain #appendable looked up}. */
  public @Nullable Item known(Head head, Item append) {
    Trail trail = tails.trail(head.state, head.position);
    return trail == null ? null : trail.append(append);
  }

  /**
   * Finds out how each append is to be stored.
   *
   * @param appends what is appended, of locked states
   * @return for each append, in order, the item to write; null where the value must be read, joined and written whole
   */
  public List<@Nullable Item> appendable(Connection connection, List<Located> appends)
      throws SQLException {
    List<@Nullable Item> items = new ArrayList<>();
    appends.forEach(append -> items.add(append.item().asValue()));
    try (PreparedStatement statement = connection.prepareStatement(newest)) {
      Binder.of(statement)
          .uuids(appends, Located::state)
          .texts(appends, append -> append.item().key());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          int at = rows.getInt(1) - 1;
          items.set(at, onto(rows, appends.get(at).item()));
        }
      }
    }
    return items;
  }

  private @Nullable Item onto(ResultSet row, Item append) throws SQLException {
    long version = row.getLong(2);
    Form form = Form.ofSqlName(row.getString(3));
    if (form == Form.NONE) {
      return append.asValue();
    }
    if (form == Form.APPEND && row.getInt(5) < deltasPerSnapshot) {
      return append.onto(row.getLong(4), row.getInt(5) + 1);
    }
    return row.getBoolean(6) ? append.onto(version, 1) : null;
  }

  /**
   * Writes one change set for each state, which must be locked.
   *
   * @param effectId the effect transaction of which this is a step
   * @param heads the states, each once, as its lock found it
   * @param items what to write; every append says what it is put onto
   * @return the states that were written; one that is missing was not at its version any more
   */
  public Set<UUID> write(
      Connection connection,
      UUID transactionId,
      @Nullable UUID effectId,
      List<Head> heads,
      List<Located> items)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(write)) {
      Binder.of(statement)
          .uuids(heads, Head::state)
          .numbers(heads, head -> head.position.version())
          .uuid(transactionId)
          .uuid(effectId)
          .uuids(items, Located::state)
          .texts(items, located -> located.item().key())
          .texts(items, located -> located.item().operation().sqlName())
          .texts(items, located -> located.author().actor())
          .texts(items, located -> located.author().reason())
          .texts(items, located -> located.item().form().sqlName())
          .numbers(items, located -> located.item().base())
          .integers(items, located -> located.item().deltas())
          .texts(items, located -> located.item().payload());
      try (ResultSet rows = statement.executeQuery()) {
        Map<UUID, Position> written = new HashMap<>();
        while (rows.next()) {
          written.put(
              rows.getObject(1, UUID.class), new Position(rows.getLong(2), Reader.time(rows, 3)));
        }
        learn(heads, items, written);
        return written.keySet();
      }
    }
  }

  /** Before the commit: a state that is rolled back has another time when it comes to the same version again. */
  private void learn(List<Head> heads, List<Located> items, Map<UUID, Position> written) {
    Map<UUID, List<Item>> byState = new HashMap<>();
    items.forEach(located ->
        byState.computeIfAbsent(located.state, missing -> new ArrayList<>()).add(located.item));
    for (Head head : heads) {
      Position after = written.get(head.state);
      List<Item> stored = byState.getOrDefault(head.state, List.of());
      if (after != null && tails.concerns(head.state, stored)) {
        tails.learn(Lesson.of(head.state, head.position, after, stored, deltas(stored)));
      }
    }
  }

  private static Map<String, Tail> deltas(List<Item> stored) {
    Map<String, Tail> deltas = new HashMap<>();
    for (Item item : stored) {
      if (item.form() == Form.APPEND && item.base() != null && item.deltas() != null) {
        deltas.put(item.key(), new Tail(item.base(), item.deltas()));
      }
    }
    return deltas;
  }

  /** The keys that were written after a version, in no order. */
  public List<String> keysSince(Connection connection, UUID state, long version)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(keysSince)) {
      Binder.of(statement).uuid(state).number(version);
      try (ResultSet rows = statement.executeQuery()) {
        List<String> keys = new ArrayList<>();
        while (rows.next()) {
          keys.add(rows.getString(1));
        }
        return keys;
      }
    }
  }

  /**
   * A state as its lock found it.
   *
   * @param state identity of the state
   * @param position its newest version
   */
  public record Head(UUID state, Position position) {}

  /**
   * An item of one of several states.
   *
   * @param state identity of the state
   * @param item what to write to it
   */
  public record Located(UUID state, Item item) {
    private static final Author NOBODY = new Author(null, null);

    Author author() {
      Author author = item.author();
      return author == null ? NOBODY : author;
    }
  }
}
