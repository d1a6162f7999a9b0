package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The statements that change rollback failures. Each is one guarded UPDATE with what follows from it. Safe for use by multiple threads,
 * each with its own connection.
 */
final class FailureSql {

  private static final String CLAIMABLE =
      "(f.status = 'open' OR f.status = 'retrying' AND f.leased_until < clock_timestamp())";

  /** Parameters: owner, milliseconds, changed request, failure_id. */
  private static final String CLAIM = """
      WITH claimed AS (
        UPDATE {schema}.rollback_failure AS f
        SET status = 'retrying', owner = ?, leased_until = clock_timestamp() + ? * interval '1 millisecond',
            attempts = f.attempts + 1, request = coalesce(?::json, f.request), changed_at = clock_timestamp()
        WHERE f.failure_id = ? AND %s
        RETURNING f.effect_id, f.position, f.attempts, f.request
      ), attempt AS (
        INSERT INTO {schema}.effect_attempt (effect_id, position, phase, epoch, number, started_at)
        SELECT c.effect_id, c.position, 'retry', t.epoch, c.attempts, clock_timestamp()
        FROM claimed AS c
        JOIN {schema}.effect_transaction AS t ON t.effect_id = c.effect_id
      )
      SELECT c.attempts, c.request, t.epoch
      FROM claimed AS c
      JOIN {schema}.effect_transaction AS t ON t.effect_id = c.effect_id""".formatted(CLAIMABLE);

  private static final String SETTLED = """
      , compensation AS (
        UPDATE {schema}.effect_compensation AS c
        SET status = p.operation, changed_at = clock_timestamp()
        FROM settled AS s, p
        WHERE c.effect_id = s.effect_id AND c.position = s.position
      ), transaction AS (
        UPDATE {schema}.effect_transaction AS t
        SET open_failures = t.open_failures - 1,
            status = CASE WHEN t.status = 'rollback_failed' AND t.open_failures = 1 THEN 'resolved' ELSE t.status END,
            changed_at = clock_timestamp()
        FROM settled AS s
        WHERE t.effect_id = s.effect_id
      )""";

  /** Parameters: operation's status, status, person, note, failure_id. */
  private static final String SETTLE =
      """
      WITH p AS (
        SELECT ?::text AS operation
      ), settled AS (
        UPDATE {schema}.rollback_failure AS f
        SET status = ?, settled_by = ?, note = ?, owner = NULL, leased_until = NULL, changed_at = clock_timestamp()
        WHERE f.failure_id = ? AND %s
        RETURNING f.effect_id, f.position
      )""".formatted(CLAIMABLE) + SETTLED + "\nSELECT 1 FROM settled";

  /** Parameters: failure_id, owner, restored versions, number of the attempt. */
  private static final String SUCCEED = """
      WITH p AS (
        SELECT 'compensated' AS operation
      ), settled AS (
        UPDATE {schema}.rollback_failure AS f
        SET status = 'resolved', owner = NULL, leased_until = NULL, changed_at = clock_timestamp()
        WHERE f.failure_id = ? AND f.status = 'retrying' AND f.owner = ?
        RETURNING f.effect_id, f.position
      ), restored AS (
        INSERT INTO {schema}.effect_payload (effect_id, position, part, payload)
        SELECT s.effect_id, s.position, 'restored', r.payload
        FROM settled AS s
        CROSS JOIN (SELECT ?::json) AS r (payload)
        WHERE r.payload IS NOT NULL
      ), attempt AS (
        UPDATE {schema}.effect_attempt AS a
        SET ended_at = clock_timestamp()
        FROM settled AS s
        WHERE a.effect_id = s.effect_id AND a.position = s.position AND a.phase = 'retry' AND a.number = ?
      )""" + SETTLED + "\nSELECT 1 FROM settled";

  /** Parameters: code, message, chain, milliseconds until the next retry, failure_id, owner, number of the attempt, message. */
  private static final String FAIL = """
      WITH failed AS (
        UPDATE {schema}.rollback_failure AS f
        SET status = 'open', owner = NULL, leased_until = NULL, code = ?, message = ?, exception_chain = ?,
            next_retry_at = clock_timestamp() + ? * interval '1 millisecond', changed_at = clock_timestamp()
        WHERE f.failure_id = ? AND f.status = 'retrying' AND f.owner = ?
        RETURNING f.effect_id, f.position
      ), attempt AS (
        UPDATE {schema}.effect_attempt AS a
        SET ended_at = clock_timestamp(), error = p.message
        FROM failed AS s, (SELECT ?::integer, ?::text) AS p (number, message)
        WHERE a.effect_id = s.effect_id AND a.position = s.position AND a.phase = 'retry' AND a.number = p.number
      )
      SELECT 1 FROM failed""";

  /** Parameters: milliseconds, failure_id, owner. */
  private static final String RENEW = """
      UPDATE {schema}.rollback_failure AS f
      SET leased_until = clock_timestamp() + ? * interval '1 millisecond'
      WHERE f.failure_id = ? AND f.status = 'retrying' AND f.owner = ?
      RETURNING 1""";

  /** A row that somebody has locked is left out, because all others would wait with it. Parameters: failure_ids, owners, milliseconds. */
  private static final String RENEW_ALL = """
      WITH held AS MATERIALIZED (
        SELECT h.effect_id, h.position
        FROM unnest(?::uuid[], ?::uuid[]) AS l (failure_id, owner)
        CROSS JOIN LATERAL (
          SELECT f.effect_id, f.position
          FROM {schema}.rollback_failure AS f
          WHERE f.failure_id = l.failure_id AND f.status = 'retrying' AND f.owner = l.owner
          FOR NO KEY UPDATE SKIP LOCKED
        ) AS h
      )
      UPDATE {schema}.rollback_failure AS f
      SET leased_until = clock_timestamp() + ? * interval '1 millisecond'
      FROM held AS h
      WHERE f.effect_id = h.effect_id AND f.position = h.position AND f.status = 'retrying'""";

  /** Others may have failed since these were read. Parameters: error, effect_id, failure_ids. */
  private static final String REPORTED = """
      UPDATE {schema}.rollback_failure AS f
      SET reported_at = clock_timestamp(), report_error = ?
      WHERE f.effect_id = ? AND f.failure_id = ANY (?::uuid[]) AND f.reported_at IS NULL""";

  private final String claim;
  private final String settle;
  private final String succeed;
  private final String fail;
  private final String renew;
  private final String renewAll;
  private final String reported;

  FailureSql(SchemaName schema) {
    this.claim = schema.in(CLAIM);
    this.settle = schema.in(SETTLE);
    this.succeed = schema.in(SUCCEED);
    this.fail = schema.in(FAIL);
    this.renew = schema.in(RENEW);
    this.renewAll = schema.in(RENEW_ALL);
    this.reported = schema.in(REPORTED);
  }

  /** Takes an open failure for one attempt; empty when it is settled or somebody else has it. */
  Optional<Claim> claim(
      Connection connection, UUID failureId, Owner owner, @Nullable String changedRequest)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(claim)) {
      Binder.of(statement)
          .uuid(owner.run())
          .number(owner.lease().toMillis())
          .text(changedRequest)
          .uuid(failureId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Claim(failureId, owner.run(), row.getInt(1), row.getString(2), row.getLong(3)))
            : Optional.empty();
      }
    }
  }

  /** A person settles an open failure; false when it is settled or somebody retries it. */
  boolean settle(Connection connection, UUID failureId, ByHand how) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(settle)) {
      Binder.of(statement)
          .text(SqlName.of(how.operation()))
          .text(how.status())
          .text(how.actor())
          .text(how.note())
          .uuid(failureId);
      return isFound(statement);
    }
  }

  /** The attempt succeeded; false when another has taken the failure since. */
  boolean succeed(Connection connection, Claim claim, @Nullable String restored)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(succeed)) {
      Binder.of(statement)
          .uuid(claim.failureId())
          .uuid(claim.owner())
          .text(restored)
          .integer(claim.attempt());
      return isFound(statement);
    }
  }

  /** The attempt failed; false when another has taken the failure since. */
  boolean fail(
      Connection connection, Claim claim, String code, FailureText text, @Nullable Long pauseMillis)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(fail)) {
      Binder.of(statement)
          .text(code)
          .text(text.message())
          .text(text.chain())
          .number(pauseMillis)
          .uuid(claim.failureId())
          .uuid(claim.owner())
          .integer(claim.attempt())
          .text(text.message());
      return isFound(statement);
    }
  }

  /** Gives a sign of life for an attempt; false when another has taken the failure since. Waits for whoever has locked the row. */
  boolean renew(Connection connection, Claim claim, Duration lease) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(renew)) {
      Binder.of(statement).number(lease.toMillis()).uuid(claim.failureId()).uuid(claim.owner());
      return isFound(statement);
    }
  }

  /** Gives a sign of life for those of these attempts whose rows nobody has locked. */
  void renewAll(Connection connection, List<Claim> claims, Duration lease) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(renewAll)) {
      Binder.of(statement)
          .uuids(claims, Claim::failureId)
          .uuids(claims, Claim::owner)
          .number(lease.toMillis());
      statement.executeUpdate();
    }
  }

  /** These of an effect transaction have been told. */
  void reported(
      Connection connection,
      EffectId effect,
      List<RollbackFailure> failures,
      @Nullable String error)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(reported)) {
      Binder.of(statement).text(error).uuid(effect.uuid()).uuids(failures, RollbackFailure::id);
      statement.executeUpdate();
    }
  }

  private static boolean isFound(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      return row.next();
    }
  }

  /**
   * The right to make one attempt.
   *
   * @param attempt its number
   * @param request what to ask instead of what is recorded, as JSON
   * @param epoch of the last run
   */
  record Claim(
      UUID failureId, UUID owner, int attempt, @Nullable String request, long epoch) {}

  /** How a person settles a failure. */
  record ByHand(OperationStatus operation, String status, String actor, String note) {}
}
