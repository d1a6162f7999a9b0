package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
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
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The statement that writes to a journal: always one, so one round trip and one flush, put together from the parts that are needed. A
 * guard comes first, which creates the row of the effect transaction or moves its revision on; when it finds nothing to do, nothing else
 * is written.
 *
 * <p>A message for several effect transactions has a guard for each. It takes their locks with {@code SKIP LOCKED}, so that nobody waits for
 * a row that has nothing to do with him, and moves on only what it sees in the very form that it has locked; what is left out is sent again,
 * alone.
 *
 * <p>Arrays come through {@code (SELECT ?)}, which hides their length from the planner: it would prefer a new plan for every call otherwise.
 * Safe for use by multiple threads, each with its own connection.
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

  /** Moves the row {@code t} on as {@code p} says: status, failures, error, ends. */
  private static final String MOVE = """
      SET status = CASE WHEN p.status = 'rolled_back' AND t.open_failures + p.failures > 0 THEN 'rollback_failed'
            ELSE coalesce(p.status, t.status) END,
          open_failures = t.open_failures + p.failures,
          revision = t.revision + 1,
          error = coalesce(p.error, t.error),
          leased_until = CASE WHEN NOT p.ends THEN t.leased_until END,
          changed_at = clock_timestamp(),
          ended_at = CASE WHEN p.ends THEN clock_timestamp() END""";

  /** Parameters: status, new failures, error, ends, effect_id, epoch, revision. */
  private static final String CONTINUE = """
      WITH guard AS (
        UPDATE {schema}.effect_transaction AS t
        %s
        FROM (SELECT ?::text, ?::integer, ?::text, ?::boolean) AS p (status, failures, error, ends)
        WHERE t.effect_id = ? AND t.epoch = ? AND t.revision = ?
        RETURNING t.effect_id, t.epoch, t.status
      )""".formatted(MOVE);

  /**
   * Parameters: of those that begin effect_ids, names, ids, statuses, whether they end, owners, processes, milliseconds; of those that go on
   * effect_ids, epochs, revisions, statuses, new failures, errors, whether they end; how many go on. The limit is never reached; the planner takes
   * it for a tenth of the rows, and so looks them up one by one, however small the table is when the plan is made.
   */
  private static final String MANY = """
      WITH begun AS (
        INSERT INTO {schema}.effect_transaction AS t
          (effect_id, name, id, status, epoch, revision, owner, process, leased_until, ended_at)
        SELECT p.effect_id, p.name, p.id, coalesce(p.status, 'running'), 1, 1, p.owner, p.process,
          CASE WHEN p.ends = 0 THEN clock_timestamp() + p.lease * interval '1 millisecond' END,
          CASE WHEN p.ends = 1 THEN clock_timestamp() END
        FROM unnest((SELECT ?::uuid[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::bigint[]),
            (SELECT ?::uuid[]), (SELECT ?::text[]), (SELECT ?::bigint[]))
          AS p (effect_id, name, id, status, ends, owner, process, lease)
        ON CONFLICT ON CONSTRAINT effect_transaction_pkey DO NOTHING
        RETURNING t.effect_id, t.epoch, t.status
      ), held AS MATERIALIZED (
        SELECT l.row_id, p.status, p.failures, p.error, p.ends = 1 AS ends
        FROM unnest((SELECT ?::uuid[]), (SELECT ?::bigint[]), (SELECT ?::bigint[]), (SELECT ?::text[]), (SELECT ?::bigint[]),
            (SELECT ?::text[]), (SELECT ?::bigint[]))
          AS p (effect_id, epoch, revision, status, failures, error, ends)
        CROSS JOIN LATERAL (
          SELECT t.ctid AS row_id
          FROM {schema}.effect_transaction AS t
          WHERE t.effect_id = p.effect_id AND t.epoch = p.epoch AND t.revision = p.revision
          FOR NO KEY UPDATE SKIP LOCKED
        ) AS l
        LIMIT (SELECT ?::bigint)
      ), continued AS (
        UPDATE {schema}.effect_transaction AS t
        %s
        FROM held AS p
        WHERE t.ctid = p.row_id
        RETURNING t.effect_id, t.epoch, t.status
      ), guard AS (
        SELECT b.effect_id, b.epoch, b.status FROM begun AS b
        UNION ALL
        SELECT c.effect_id, c.epoch, c.status FROM continued AS c
      )""".formatted(MOVE);

  /** Parameters: positions, kinds, names, statuses, errors. */
  private static final String OPERATIONS = """
      , operation AS (
        INSERT INTO {schema}.effect_operation AS o
          (effect_id, position, kind, name, status, started_at, changed_at, error)
        SELECT g.effect_id, i.position::integer[], i.kind, i.name, i.status, clock_timestamp(), clock_timestamp(), i.error
        FROM guard AS g
        CROSS JOIN unnest((SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[]))
          AS i (position, kind, name, status, error)
        ON CONFLICT ON CONSTRAINT effect_operation_pkey DO UPDATE
        SET status = excluded.status, changed_at = excluded.changed_at, error = excluded.error
      )""";

  /** Parameters: positions, parts, payloads. */
  private static final String PAYLOADS = """
      , payload AS (
        INSERT INTO {schema}.effect_payload (effect_id, position, part, payload)
        SELECT g.effect_id, i.position::integer[], i.part, i.payload::json
        FROM guard AS g
        CROSS JOIN unnest((SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::text[])) AS i (position, part, payload)
      )""";

  /** Parameters: positions, phases, numbers, whether they ended, errors. */
  private static final String ATTEMPTS = """
      , attempt AS (
        INSERT INTO {schema}.effect_attempt AS a (effect_id, position, phase, epoch, number, started_at, ended_at, error)
        SELECT g.effect_id, i.position::integer[], i.phase, g.epoch, i.number, clock_timestamp(),
          CASE WHEN i.ended = 1 THEN clock_timestamp() END, i.error
        FROM guard AS g
        CROSS JOIN unnest((SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::bigint[]), (SELECT ?::bigint[]), (SELECT ?::text[]))
          AS i (position, phase, number, ended, error)
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
        CROSS JOIN unnest((SELECT ?::text[]), (SELECT ?::uuid[]), (SELECT ?::text[]), (SELECT ?::text[]), (SELECT ?::bigint[]),
            (SELECT ?::text[]), (SELECT ?::bigint[]))
          AS i (position, failure_id, code, message, attempts, chain, pause)
      )""";

  private static final String END = "\nSELECT g.status, g.effect_id FROM guard AS g";

  /** The same for several effect transactions: the first parameter of each part has the effect_ids. */
  private static String ofMany(String part) {
    return part.replace("CROSS JOIN unnest(", "JOIN unnest((SELECT ?::uuid[]), ")
        .replace(" AS i (", " AS i (effect_id, ")
        .replaceFirst("(AS i \\([^)]*\\))", "$1 ON i.effect_id = g.effect_id");
  }

  private final String begin;
  private final String proceed;
  private final String operations;
  private final String payloads;
  private final String attempts;
  private final String failures;
  private final String many;
  private final String manyOperations;
  private final String manyPayloads;
  private final String manyAttempts;
  private final String manyFailures;

  JournalSql(SchemaName schema) {
    this.begin = schema.in(BEGIN);
    this.proceed = schema.in(CONTINUE);
    this.operations = schema.in(OPERATIONS);
    this.payloads = schema.in(PAYLOADS);
    this.attempts = schema.in(ATTEMPTS);
    this.failures = schema.in(FAILURES);
    this.many = schema.in(MANY);
    this.manyOperations = ofMany(operations);
    this.manyPayloads = ofMany(payloads);
    this.manyAttempts = ofMany(attempts);
    this.manyFailures = ofMany(failures);
  }

  /**
   * Creates the row of an effect transaction and writes.
   *
   * @return the status it has; empty when there was one of this name and id, and nothing was written
   */
  Optional<EffectStatus> begin(Connection connection, JournalEntry entry) throws SQLException {
    EffectId effect = entry.effect();
    Owner owner = entry.owner();
    JournalWrite write = entry.write();
    try (PreparedStatement statement = connection.prepareStatement(sql(begin, write))) {
      Binder binder = Binder.of(statement)
          .text(statusName(write))
          .flag(ends(write))
          .uuid(entry.effectId())
          .text(effect.name())
          .text(effect.id())
          .uuid(owner.run())
          .text(owner.process())
          .number(owner.lease().toMillis());
      return run(statement, binder, entry.effectId(), write);
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

  /**
   * Writes several, each under its own condition, in one transaction.
   *
   * @param entries of different effect transactions
   * @return the status that each has; those that are missing were not written, or their rows are held by somebody
   */
  Map<UUID, EffectStatus> writeAll(Connection connection, List<JournalEntry> entries)
      throws SQLException {
    List<JournalEntry> first = entries.stream().filter(JournalEntry::isFirst).toList();
    List<JournalEntry> later =
        entries.stream().filter(entry -> !entry.isFirst()).toList();
    List<Of<JournaledOperation>> changed = each(entries, JournalWrite::operations);
    List<Of<JournalWrite.Payload>> added = each(entries, JournalWrite::payloads);
    List<Of<Attempt>> attempted = each(entries, JournalWrite::attempts);
    List<Of<FailureRow>> failed = each(entries, JournalWrite::failures);
    String text = many
        + (changed.isEmpty() ? "" : manyOperations)
        + (added.isEmpty() ? "" : manyPayloads)
        + (attempted.isEmpty() ? "" : manyAttempts)
        + (failed.isEmpty() ? "" : manyFailures)
        + END;
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      Binder binder = Binder.of(statement);
      bindFirst(binder, first);
      bindLater(binder, later);
      if (!changed.isEmpty()) {
        bindOperations(ids(binder, changed), values(changed));
      }
      if (!added.isEmpty()) {
        bindPayloads(ids(binder, added), values(added));
      }
      if (!attempted.isEmpty()) {
        bindAttempts(ids(binder, attempted), values(attempted));
      }
      if (!failed.isEmpty()) {
        bindFailures(ids(binder, failed), failed);
      }
      Map<UUID, EffectStatus> written = new HashMap<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          written.put(
              rows.getObject(2, UUID.class), SqlName.read(EffectStatus.class, rows.getString(1)));
        }
      }
      return written;
    }
  }

  private static void bindFirst(Binder binder, List<JournalEntry> first) throws SQLException {
    binder
        .uuids(first, JournalEntry::effectId)
        .texts(first, entry -> entry.effect().name())
        .texts(first, entry -> entry.effect().id())
        .texts(first, entry -> statusName(entry.write()))
        .numbers(first, entry -> ends(entry.write()) ? 1L : 0L)
        .uuids(first, entry -> entry.owner().run())
        .texts(first, entry -> entry.owner().process())
        .numbers(first, entry -> entry.owner().lease().toMillis());
  }

  private static void bindLater(Binder binder, List<JournalEntry> later) throws SQLException {
    binder
        .uuids(later, JournalEntry::effectId)
        .numbers(later, entry -> entry.fenceRequired().epoch())
        .numbers(later, entry -> entry.fenceRequired().revision())
        .texts(later, entry -> statusName(entry.write()))
        .numbers(later, entry -> (long) entry.write().failures().size())
        .texts(later, entry -> entry.write().error())
        .numbers(later, entry -> ends(entry.write()) ? 1L : 0L)
        .number((long) later.size());
  }

  private static <T> List<Of<T>> each(
      List<JournalEntry> entries, Function<JournalWrite, List<T>> items) {
    List<Of<T>> all = new ArrayList<>();
    for (JournalEntry entry : entries) {
      items.apply(entry.write()).forEach(item -> all.add(new Of<>(entry.effectId(), item)));
    }
    return all;
  }

  private static <T> List<T> values(List<Of<T>> items) {
    return items.stream().map(Of::value).toList();
  }

  private static <T> Binder ids(Binder binder, List<Of<T>> items) throws SQLException {
    return binder.uuids(items, Of::effectId);
  }

  /** Something that is written about an effect transaction. */
  private record Of<T>(UUID effectId, T value) {}

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
    bindFailures(
        binder,
        write.failures().stream().map(failure -> new Of<>(effectId, failure)).toList());
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

  private static void bindFailures(Binder binder, List<Of<FailureRow>> failures)
      throws SQLException {
    if (!failures.isEmpty()) {
      binder
          .texts(failures, failure -> failure.value().position().sql())
          .uuids(
              failures,
              failure -> FailureRow.id(failure.effectId(), failure.value().position()))
          .texts(failures, failure -> SqlName.of(failure.value().code()))
          .texts(failures, failure -> failure.value().text().message())
          .numbers(failures, failure -> (long) failure.value().attempts())
          .texts(failures, failure -> failure.value().text().chain())
          .numbers(failures, failure -> failure.value().pauseMillis());
    }
  }
}
