package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.internal.JournalState.Head;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The statements that read journals. Safe for use by multiple threads, each with its own connection. */
final class JournalReader {

  private static final String HEAD = """
      t.status, t.epoch, t.revision, t.owner, t.process, %s, t.error""".formatted(LeaseSql.RAN_OUT);

  /** How an operation {@code o} ended and was undone, which says together {@linkplain #STATUS how it stands}. */
  private static final String ENDINGS = """
      LEFT JOIN {schema}.effect_outcome AS r ON r.effect_id = o.effect_id AND r.position = o.position
      LEFT JOIN {schema}.effect_compensation AS c ON c.effect_id = o.effect_id AND c.position = o.position""";

  private static final String STATUS = "coalesce(c.status, r.status, 'intended')";

  /** Parameters: effect_id. */
  private static final String LOAD = """
      SELECT %s,
        (
          SELECT w.response
          FROM {schema}.effect_outcome AS w
          WHERE w.effect_id = t.effect_id AND w.position = '{}'
        ), (
          SELECT i.payload
          FROM {schema}.effect_payload AS i
          WHERE i.effect_id = t.effect_id AND i.position = '{}' AND i.part = 'input'
        ), o.position::text, o.kind, o.name, %s,
        CASE WHEN c.status IS NULL THEN r.error ELSE c.error END, o.request, r.response, p.part, p.payload
      FROM {schema}.effect_transaction AS t
      LEFT JOIN {schema}.effect_operation AS o ON o.effect_id = t.effect_id
      %s
      LEFT JOIN {schema}.effect_payload AS p ON p.effect_id = o.effect_id AND p.position = o.position
      WHERE t.effect_id = (SELECT ?::uuid)
      ORDER BY o.position""".formatted(HEAD, STATUS, ENDINGS);

  /** Parameters: effect_id. */
  private static final String THERE =
      "SELECT FROM {schema}.effect_transaction AS t WHERE t.effect_id = ?";

  /** Each is looked up by itself: a join may be planned as a read of the whole table. Parameters: effect_ids. */
  private static final String ALL_THERE = """
      SELECT i.effect_id
      FROM unnest(?::text::uuid[]) AS i (effect_id)
      WHERE (
        SELECT t.effect_id
        FROM {schema}.effect_transaction AS t
        WHERE t.effect_id = i.effect_id
      ) IS NOT NULL""";

  /** Parameters: effect_id. */
  private static final String LOOK =
      "SELECT %s FROM {schema}.effect_transaction AS t WHERE t.effect_id = ?".formatted(HEAD);

  /** Waits for a database transaction that has written the row and is in doubt. */
  private static final String LOOK_LOCKED = LOOK + " FOR UPDATE OF t";

  /** The input is looked for with a scalar query, since EXISTS may be planned as one read of the whole table of payloads. */
  private static final String ABANDONED = """
      SELECT t.name, t.id, t.epoch, t.leased_until::text, t.effect_id, (
          SELECT coalesce(array_remove(array_agg(DISTINCT CASE o.kind
              WHEN 'remote' THEN o.name || coalesce('@' || (p.payload #>> '{}'), '')
              ELSE (p.payload ->> 'handler') || coalesce('@' || (p.payload ->> 'provider'), '')
            END), NULL), '{}')
          FROM {schema}.effect_operation AS o
          %s
          LEFT JOIN {schema}.effect_payload AS p
            ON p.effect_id = o.effect_id AND p.position = o.position
            AND p.part = CASE o.kind WHEN 'remote' THEN 'provider' ELSE 'compensation' END
          WHERE o.effect_id = t.effect_id AND (o.kind = 'remote' OR p.part IS NOT NULL)
            AND %s IN ('intended', 'succeeded', 'unknown')
        ), t.recoveries, t.status = 'running' AND (
          SELECT i.part
          FROM {schema}.effect_payload AS i
          WHERE i.effect_id = t.effect_id AND i.position = '{}' AND i.part = 'input'
        ) IS NOT NULL
      FROM {schema}.effect_transaction AS t
      WHERE %s AND (t.leased_until, t.effect_id) > (?::timestamptz, ?)
      ORDER BY t.leased_until, t.effect_id
      LIMIT ?""".formatted(ENDINGS, STATUS, LeaseSql.RAN_OUT);

  private final String load;
  private final String there;
  private final String allThere;
  private final String look;
  private final String lookLocked;
  private final String abandoned;

  JournalReader(SchemaName schema) {
    this.load = schema.in(LOAD);
    this.there = schema.in(THERE);
    this.allThere = schema.in(ALL_THERE);
    this.look = schema.in(LOOK);
    this.lookLocked = schema.in(LOOK_LOCKED);
    this.abandoned = schema.in(ABANDONED);
  }

  Optional<JournalState> load(Connection connection, UUID effectId) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(load)) {
      Binder.of(statement).uuid(effectId);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(state(rows)) : Optional.empty();
      }
    }
  }

  private static JournalState state(ResultSet rows) throws SQLException {
    Head head = head(rows);
    String result = rows.getString(8);
    String input = rows.getString(9);
    Map<Position, JournaledOperation> operations = new TreeMap<>();
    do {
      String position = rows.getString(10);
      if (position != null) {
        JournaledOperation operation =
            operations.getOrDefault(Position.parse(position), operation(position, rows));
        operations.put(operation.position(), withPayload(operation, rows));
      }
    } while (rows.next());
    return new JournalState(head, result, input, List.copyOf(operations.values()));
  }

  private static JournaledOperation operation(String position, ResultSet rows) throws SQLException {
    JournaledOperation operation = new JournaledOperation(
        Position.parse(position),
        SqlName.read(OperationKind.class, rows.getString(11)),
        rows.getString(12),
        SqlName.read(OperationStatus.class, rows.getString(13)),
        rows.getString(14),
        Map.of());
    return with(
        Part.RESPONSE, rows.getString(16), with(Part.REQUEST, rows.getString(15), operation));
  }

  private static JournaledOperation withPayload(JournaledOperation operation, ResultSet rows)
      throws SQLException {
    String part = rows.getString(17);
    return part == null
        ? operation
        : operation.with(SqlName.read(Part.class, part), rows.getString(18));
  }

  private static JournaledOperation with(
      Part part, @Nullable String json, JournaledOperation operation) {
    return json == null ? operation : operation.with(part, json);
  }

  /** Whether there is an effect transaction. */
  boolean isThere(Connection connection, UUID effectId) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(there)) {
      Binder.of(statement).uuid(effectId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Of each whether there is an effect transaction. */
  Map<UUID, Boolean> areThere(Connection connection, List<UUID> effectIds) throws SQLException {
    Map<UUID, Boolean> answers = new HashMap<>();
    effectIds.forEach(effectId -> answers.put(effectId, false));
    try (PreparedStatement statement = connection.prepareStatement(allThere)) {
      Binder.of(statement).text(ArrayLiteral.of(effectIds, effectId -> effectId));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          answers.put(rows.getObject(1, UUID.class), true);
        }
      }
    }
    return answers;
  }

  /** The row of an effect transaction; empty when there is none. */
  Optional<Head> look(Connection connection, UUID effectId) throws SQLException {
    return look(connection, look, effectId);
  }

  /** The same, after every database transaction that has written the row has ended. */
  Optional<Head> lookLocked(Connection connection, UUID effectId) throws SQLException {
    return look(connection, lookLocked, effectId);
  }

  private static Optional<Head> look(Connection connection, String sql, UUID effectId)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Binder.of(statement).uuid(effectId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(head(row)) : Optional.empty();
      }
    }
  }

  private static Head head(ResultSet row) throws SQLException {
    return new Head(
        SqlName.read(EffectStatus.class, row.getString(1)),
        row.getLong(2),
        row.getLong(3),
        row.getObject(4, UUID.class),
        row.getString(5),
        row.getBoolean(6),
        row.getString(7));
  }

  /** Effect transactions whose lease ran out, a page behind the last one of the page before. */
  List<Abandoned> abandoned(Connection connection, @Nullable Abandoned after, int limit)
      throws SQLException {
    List<Abandoned> page = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(abandoned)) {
      Binder.of(statement)
          .text(after == null ? "-infinity" : after.leasedUntil())
          .uuid(after == null ? new UUID(0, 0) : after.effectId())
          .integer(limit);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          page.add(new Abandoned(
              new EffectId(rows.getString(1), rows.getString(2)),
              rows.getLong(3),
              rows.getString(4),
              rows.getObject(5, UUID.class),
              List.of((String[]) rows.getArray(6).getArray()),
              rows.getInt(7),
              rows.getBoolean(8)));
        }
      }
    }
    return page;
  }

  /**
   * An effect transaction whose lease ran out.
   *
   * @param handlers the ids of those that may be needed to compensate it, those that undo its steps included
   * @param recoveries how often recovery has gone on with it
   * @param isForward whether recovery is to go on with it
   */
  record Abandoned(
      EffectId effect,
      long epoch,
      String leasedUntil,
      UUID effectId,
      List<String> handlers,
      int recoveries,
      boolean isForward) {}
}
