package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The statement that writes to a journal: always one, so one round trip and one flush, put together from the parts that are needed. A
 * guard comes first, which creates the row of the effect transaction or moves its revision on; when it finds nothing to do, nothing else
 * is written. Safe for use by multiple threads, each with its own connection.
 */
final class JournalSql {

  /** Parameters: status, ends, effect_id, name, id, owner, process, milliseconds. */
  private static final String BEGIN = """
      WITH p AS (
        SELECT ?::text AS status, ?::boolean AS ends
      ), guard AS (
        INSERT INTO {schema}.effect_transaction AS t
          (effect_id, name, id, status, epoch, revision, owner, process, leased_until, ended_at)
        SELECT ?, ?, ?, coalesce(p.status, 'running'), 1, 1, ?, ?,
          CASE WHEN NOT p.ends THEN clock_timestamp() + ? * interval '1 millisecond' END,
          CASE WHEN p.ends THEN clock_timestamp() END
        FROM p
        ON CONFLICT ON CONSTRAINT effect_transaction_pkey DO NOTHING
        RETURNING t.effect_id, t.epoch, t.status
      )""";

  /** Parameters: status, new failures, error, ends, effect_id, epoch, revision. */
  private static final String CONTINUE = """
      WITH guard AS (
        UPDATE {schema}.effect_transaction AS t
        SET status = CASE WHEN p.status = 'rolled_back' AND t.open_failures + p.failures > 0 THEN 'rollback_failed'
              ELSE coalesce(p.status, t.status) END,
            open_failures = t.open_failures + p.failures,
            revision = t.revision + 1,
            error = coalesce(p.error, t.error),
            leased_until = CASE WHEN NOT p.ends THEN t.leased_until END,
            changed_at = clock_timestamp(),
            ended_at = CASE WHEN p.ends THEN clock_timestamp() END
        FROM (SELECT ?::text, ?::integer, ?::text, ?::boolean) AS p (status, failures, error, ends)
        WHERE t.effect_id = ? AND t.epoch = ? AND t.revision = ?
        RETURNING t.effect_id, t.epoch, t.status
      )""";

  /** Parameters: positions, kinds, names, statuses, errors. */
  private static final String OPERATIONS = """
      , operation AS (
        INSERT INTO {schema}.effect_operation AS o
          (effect_id, position, kind, name, status, started_at, changed_at, error)
        SELECT g.effect_id, i.position::integer[], i.kind, i.name, i.status, clock_timestamp(), clock_timestamp(), i.error
        FROM guard AS g
        CROSS JOIN unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[]) AS i (position, kind, name, status, error)
        ON CONFLICT ON CONSTRAINT effect_operation_pkey DO UPDATE
        SET status = excluded.status, changed_at = excluded.changed_at, error = excluded.error
      )""";

  /** Parameters: positions, parts, payloads. */
  private static final String PAYLOADS = """
      , payload AS (
        INSERT INTO {schema}.effect_payload (effect_id, position, part, payload)
        SELECT g.effect_id, i.position::integer[], i.part, i.payload::json
        FROM guard AS g
        CROSS JOIN unnest(?::text[], ?::text[], ?::text[]) AS i (position, part, payload)
      )""";

  /** Parameters: positions, phases, numbers, whether they ended, errors. */
  private static final String ATTEMPTS = """
      , attempt AS (
        INSERT INTO {schema}.effect_attempt AS a (effect_id, position, phase, epoch, number, started_at, ended_at, error)
        SELECT g.effect_id, i.position::integer[], i.phase, g.epoch, i.number, clock_timestamp(),
          CASE WHEN i.ended = 1 THEN clock_timestamp() END, i.error
        FROM guard AS g
        CROSS JOIN unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[]) AS i (position, phase, number, ended, error)
        ON CONFLICT ON CONSTRAINT effect_attempt_pkey DO UPDATE SET ended_at = excluded.ended_at, error = excluded.error
      )""";

  /** Parameters: positions, failure_ids, codes, messages, attempts, chains, milliseconds until the next retry. */
  private static final String FAILURES = """
      , failure AS (
        INSERT INTO {schema}.rollback_failure
          (effect_id, position, failure_id, status, code, message, attempts, exception_chain, next_retry_at)
        SELECT g.effect_id, i.position::integer[], i.failure_id, 'open', i.code, i.message, i.attempts, i.chain,
          clock_timestamp() + i.pause * interval '1 millisecond'
        FROM guard AS g
        CROSS JOIN unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::bigint[])
          AS i (position, failure_id, code, message, attempts, chain, pause)
      )""";

  private static final String END = "\nSELECT g.status FROM guard AS g";

  private final String begin;
  private final String proceed;
  private final String operations;
  private final String payloads;
  private final String attempts;
  private final String failures;

  JournalSql(SchemaName schema) {
    this.begin = schema.in(BEGIN);
    this.proceed = schema.in(CONTINUE);
    this.operations = schema.in(OPERATIONS);
    this.payloads = schema.in(PAYLOADS);
    this.attempts = schema.in(ATTEMPTS);
    this.failures = schema.in(FAILURES);
  }

  /**
   * Creates the row of an effect transaction and writes.
   *
   * @return the status it has; empty when there was one of this name and id, and nothing was written
   */
  Optional<EffectStatus> begin(
      Connection connection, EffectId effect, Owner owner, JournalWrite write) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql(begin, write))) {
      Binder binder = Binder.of(statement)
          .text(statusName(write))
          .flag(ends(write))
          .uuid(effect.uuid())
          .text(effect.name())
          .text(effect.id())
          .uuid(owner.run())
          .text(owner.process())
          .number(owner.lease().toMillis());
      return run(statement, binder, effect.uuid(), write);
    }
  }

  /**
   * Writes, if the run still has the transaction and this write was not made yet.
   *
   * @return the status it has; empty when nothing was written
   */
  Optional<EffectStatus> write(Connection connection, Fence fence, JournalWrite write)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql(proceed, write))) {
      Binder binder = Binder.of(statement)
          .text(statusName(write))
          .integer(write.failures().size())
          .text(write.error())
          .flag(ends(write))
          .uuid(fence.effectId())
          .number(fence.epoch())
          .number(fence.revision());
      return run(statement, binder, fence.effectId(), write);
    }
  }

  private static @Nullable String statusName(JournalWrite write) {
    EffectStatus status = write.status();
    return status == null ? null : SqlName.of(status);
  }

  private static boolean ends(JournalWrite write) {
    EffectStatus status = write.status();
    return status != null && status.isEnd();
  }

  private String sql(String guard, JournalWrite write) {
    return guard
        + (write.operations().isEmpty() ? "" : operations)
        + (write.payloads().isEmpty() ? "" : payloads)
        + (write.attempts().isEmpty() ? "" : attempts)
        + (write.failures().isEmpty() ? "" : failures)
        + END;
  }

  private static Optional<EffectStatus> run(
      PreparedStatement statement, Binder binder, UUID effectId, JournalWrite write)
      throws SQLException {
    bindOperations(binder, write.operations());
    bindPayloads(binder, write.payloads());
    bindAttempts(binder, write.attempts());
    bindFailures(binder, effectId, write.failures());
    try (ResultSet row = statement.executeQuery()) {
      return row.next()
          ? Optional.of(SqlName.read(EffectStatus.class, row.getString(1)))
          : Optional.empty();
    }
  }

  private static void bindOperations(Binder binder, List<JournaledOperation> operations)
      throws SQLException {
    if (!operations.isEmpty()) {
      binder
          .texts(operations, operation -> operation.position().sql())
          .texts(operations, operation -> SqlName.of(operation.kind()))
          .texts(operations, JournaledOperation::name)
          .texts(operations, operation -> SqlName.of(operation.status()))
          .texts(operations, JournaledOperation::error);
    }
  }

  private static void bindPayloads(Binder binder, List<JournalWrite.Payload> payloads)
      throws SQLException {
    if (!payloads.isEmpty()) {
      binder
          .texts(payloads, payload -> payload.position().sql())
          .texts(payloads, payload -> SqlName.of(payload.part()))
          .texts(payloads, JournalWrite.Payload::json);
    }
  }

  private static void bindAttempts(Binder binder, List<Attempt> attempts) throws SQLException {
    if (!attempts.isEmpty()) {
      binder
          .texts(attempts, attempt -> attempt.position().sql())
          .texts(attempts, attempt -> SqlName.of(attempt.phase()))
          .numbers(attempts, attempt -> (long) attempt.number())
          .numbers(attempts, attempt -> attempt.ended() ? 1L : 0L)
          .texts(attempts, Attempt::error);
    }
  }

  private static void bindFailures(Binder binder, UUID effectId, List<FailureRow> failures)
      throws SQLException {
    if (!failures.isEmpty()) {
      binder
          .texts(failures, failure -> failure.position().sql())
          .uuids(failures, failure -> FailureRow.id(effectId, failure.position()))
          .texts(failures, failure -> SqlName.of(failure.code()))
          .texts(failures, failure -> failure.text().message())
          .numbers(failures, failure -> (long) failure.attempts())
          .texts(failures, failure -> failure.text().chain())
          .numbers(failures, FailureRow::pauseMillis);
    }
  }
}
