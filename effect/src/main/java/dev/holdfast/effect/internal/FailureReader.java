package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailure.History;
import dev.holdfast.effect.rollback.RollbackFailure.Operation;
import dev.holdfast.effect.rollback.RollbackFailure.Problem;
import dev.holdfast.effect.rollback.RollbackFailure.Settlement;
import dev.holdfast.effect.rollback.RollbackFailureCode;
import dev.holdfast.effect.rollback.RollbackFailureQuery;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The statements that read rollback failures. Safe for use by multiple threads, each with its own connection. */
final class FailureReader {

  private static final UUID NO_ID = new UUID(0, 0);

  private static final String SELECT = """
      SELECT f.failure_id, t.name, t.id, f.position::text, o.name, o.request, r.response, f.status, f.code, f.message,
        f.exception_chain, f.attempts, f.failed_at, f.changed_at, f.settled_by, f.note, f.reported_at IS NOT NULL
      FROM {schema}.rollback_failure AS f
      JOIN {schema}.effect_transaction AS t ON t.effect_id = f.effect_id
      JOIN {schema}.effect_operation AS o ON o.effect_id = f.effect_id AND o.position = f.position
      LEFT JOIN {schema}.effect_outcome AS r ON r.effect_id = f.effect_id AND r.position = f.position
      """;

  /** Parameters: time and id of the last one before, twice each the effect transaction's name, the operation's name, the code; limit. */
  private static final String UNSETTLED = """
      WHERE f.status IN ('open', 'retrying') AND (f.failed_at, f.failure_id) > (?::timestamptz, ?)
        AND (?::text IS NULL OR t.name = ?) AND (?::text IS NULL OR o.name = ?) AND (?::text IS NULL OR f.code = ?)
      ORDER BY f.failed_at, f.failure_id LIMIT ?""";

  /** One that a process retried that died is due again when its lease has run out. Parameters: limit. */
  private static final String DUE = """
      WHERE f.status IN ('open', 'retrying') AND f.next_retry_at < clock_timestamp()
        AND (f.status = 'open' OR f.leased_until < clock_timestamp())
      ORDER BY f.next_retry_at LIMIT ?""";

  private final String ofEffect;
  private final String byId;
  private final String unsettled;
  private final String unreported;
  private final String due;

  FailureReader(SchemaName schema) {
    String select = schema.in(SELECT);
    this.ofEffect = select + "WHERE f.effect_id = ? ORDER BY f.position DESC";
    this.byId = select + "WHERE f.failure_id = ?";
    this.unsettled = select + UNSETTLED;
    this.due = select + DUE;
    this.unreported = schema.in("""
        SELECT DISTINCT t.name, t.id
        FROM {schema}.rollback_failure AS f
        JOIN {schema}.effect_transaction AS t ON t.effect_id = f.effect_id
        WHERE f.status IN ('open', 'retrying') AND f.reported_at IS NULL AND t.leased_until IS NULL
          AND f.failed_at < clock_timestamp() - ? * interval '1 millisecond'""");
  }

  /** Those of one effect transaction, in the order in which compensation was attempted. */
  List<StoredFailure> ofEffect(Connection connection, EffectId effect) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ofEffect)) {
      Binder.of(statement).uuid(effect.uuid());
      return read(statement);
    }
  }

  Optional<StoredFailure> find(Connection connection, UUID failureId) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(byId)) {
      Binder.of(statement).uuid(failureId);
      return read(statement).stream().findFirst();
    }
  }

  /** Those that are not settled, oldest first. */
  List<StoredFailure> unsettled(Connection connection, RollbackFailureQuery query)
      throws SQLException {
    String effect = query.effect().orElse(null);
    String operation = query.operation().orElse(null);
    String code = query.code().map(SqlName::of).orElse(null);
    try (PreparedStatement statement = connection.prepareStatement(unsettled)) {
      Binder.of(statement)
          .text(query.after().map(last -> last.history().failedAt().toString()).orElse("-infinity"))
          .uuid(query.after().map(RollbackFailure::id).orElse(NO_ID))
          .text(effect)
          .text(effect)
          .text(operation)
          .text(operation)
          .text(code)
          .text(code)
          .integer(query.limit());
      return read(statement);
    }
  }

  /** Those that are to be retried by now, the most overdue first. */
  List<StoredFailure> due(Connection connection, int limit) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(due)) {
      Binder.of(statement).integer(limit);
      return read(statement);
    }
  }

  /** Effect transactions that have ended with failures of which nobody was told for some time. */
  List<EffectId> unreported(Connection connection, long millis) throws SQLException {
    List<EffectId> effects = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(unreported)) {
      Binder.of(statement).number(millis);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          effects.add(new EffectId(rows.getString(1), rows.getString(2)));
        }
      }
    }
    return effects;
  }

  private static List<StoredFailure> read(PreparedStatement statement) throws SQLException {
    List<StoredFailure> failures = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        failures.add(failure(rows));
      }
    }
    return failures;
  }

  private static StoredFailure failure(ResultSet row) throws SQLException {
    Position position = Position.parse(row.getString(4));
    String settledBy = row.getString(15);
    RollbackFailure failure = new RollbackFailure(
        row.getObject(1, UUID.class),
        new EffectId(row.getString(2), row.getString(3)),
        new Operation(position.toString(), row.getString(5), row.getString(6), row.getString(7)),
        SqlName.read(RollbackFailureStatus.class, row.getString(8)),
        new Problem(
            SqlName.read(RollbackFailureCode.class, row.getString(9)),
            row.getString(10),
            row.getString(11)),
        new History(row.getInt(12), time(row, 13), time(row, 14)),
        settledBy == null ? null : new Settlement(settledBy, row.getString(16)));
    return new StoredFailure(failure, position, row.getBoolean(17));
  }

  private static Instant time(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
