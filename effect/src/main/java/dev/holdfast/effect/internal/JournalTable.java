package dev.holdfast.effect.internal;

import dev.holdfast.store.internal.Binder;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * A table that writes to a journal add to: the part of their statement that does it, which hangs on the guard. Immutable.
 *
 * @param <T> what becomes a row
 */
final class JournalTable<T> {

  private static final JournalTable<JournaledOperation> INTENTS = new JournalTable<>(
      JournalWrite::intents,
      """
      , intent AS (
        INSERT INTO {schema}.effect_operation (effect_id, position, kind, name, started_at, request)
        SELECT g.effect_id, i.position::integer[], i.kind, i.name, clock_timestamp(), i.request::json
        FROM guard AS g
        {rows}
      )""",
      SentRows.<Row<JournaledOperation>>none()
          .text("position", row -> row.value().position().sql())
          .text("kind", row -> SqlName.of(row.value().kind()))
          .text("name", row -> row.value().name())
          .text("request", row -> row.value().payload(Part.REQUEST)));

  /** An outcome that was not known is replaced. */
  private static final JournalTable<JournalWrite.Outcome> OUTCOMES = new JournalTable<>(
      JournalWrite::outcomes,
      """
      , outcome AS (
        INSERT INTO {schema}.effect_outcome AS r (effect_id, position, status, changed_at, error, response)
        SELECT g.effect_id, i.position::integer[], i.status, clock_timestamp(), i.error, i.response::json
        FROM guard AS g
        {rows}
        ON CONFLICT ON CONSTRAINT effect_outcome_pkey DO UPDATE
        SET status = excluded.status, changed_at = excluded.changed_at, error = excluded.error, response = excluded.response
      )""",
      SentRows.<Row<JournalWrite.Outcome>>none()
          .text("position", row -> row.value().position().sql())
          .text("status", row -> SqlName.of(row.value().status()))
          .text("error", row -> row.value().error())
          .text("response", row -> row.value().response()));

  private static final JournalTable<JournaledOperation> COMPENSATIONS = new JournalTable<>(
      JournalWrite::compensations,
      """
      , compensation AS (
        INSERT INTO {schema}.effect_compensation AS c (effect_id, position, status, changed_at, error)
        SELECT g.effect_id, i.position::integer[], i.status, clock_timestamp(), i.error
        FROM guard AS g
        {rows}
        ON CONFLICT ON CONSTRAINT effect_compensation_pkey DO UPDATE
        SET status = excluded.status, changed_at = excluded.changed_at, error = excluded.error
      )""",
      SentRows.<Row<JournaledOperation>>none()
          .text("position", row -> row.value().position().sql())
          .text("status", row -> SqlName.of(row.value().status()))
          .text("error", row -> row.value().error()));

  private static final JournalTable<JournalWrite.Payload> PAYLOADS = new JournalTable<>(
      JournalWrite::payloads,
      """
      , payload AS (
        INSERT INTO {schema}.effect_payload (effect_id, position, part, payload)
        SELECT g.effect_id, i.position::integer[], i.part, i.payload::json
        FROM guard AS g
        {rows}
      )""",
      SentRows.<Row<JournalWrite.Payload>>none()
          .text("position", row -> row.value().position().sql())
          .text("part", row -> SqlName.of(row.value().part()))
          .text("payload", row -> row.value().json()));

  private static final JournalTable<Attempt> ATTEMPTS = new JournalTable<>(
      JournalWrite::attempts,
      """
      , attempt AS (
        INSERT INTO {schema}.effect_attempt AS a (effect_id, position, phase, epoch, number, started_at, ended_at, error)
        SELECT g.effect_id, i.position::integer[], i.phase, g.epoch, i.number, clock_timestamp(),
          CASE WHEN i.ended = 1 THEN clock_timestamp() END, i.error
        FROM guard AS g
        {rows}
        ON CONFLICT ON CONSTRAINT effect_attempt_pkey DO UPDATE SET ended_at = excluded.ended_at, error = excluded.error
      )""",
      SentRows.<Row<Attempt>>none()
          .text("position", row -> row.value().position().sql())
          .text("phase", row -> SqlName.of(row.value().phase()))
          .number("number", row -> (long) row.value().number())
          .number("ended", row -> row.value().ended() ? 1L : 0L)
          .text("error", row -> row.value().error()));

  private static final JournalTable<FailureRow> FAILURES = new JournalTable<>(
      JournalWrite::failures,
      """
      , failure AS (
        INSERT INTO {schema}.rollback_failure
          (effect_id, position, failure_id, status, code, message, attempts, exception_chain, next_retry_at)
        SELECT g.effect_id, i.position::integer[], i.failure_id, 'open', i.code, i.message, i.attempts, i.chain,
          clock_timestamp() + i.pause * interval '1 millisecond'
        FROM guard AS g
        {rows}
      )""",
      SentRows.<Row<FailureRow>>none()
          .text("position", row -> row.value().position().sql())
          .uuid("failure_id", row -> FailureRow.id(row.effectId(), row.value().position()))
          .text("code", row -> SqlName.of(row.value().code()))
          .text("message", row -> row.value().text().message())
          .number("attempts", row -> (long) row.value().attempts())
          .text("chain", row -> row.value().text().chain())
          .number("pause", row -> row.value().pauseMillis()));

  /** All of them, in the order of their parts in a statement. */
  static final List<JournalTable<?>> ALL =
      List.of(INTENTS, OUTCOMES, COMPENSATIONS, PAYLOADS, ATTEMPTS, FAILURES);

  private final Function<JournalWrite, Collection<T>> items;
  private final String sql;
  private final SentRows<Row<T>> rows;
  private final SentRows<Row<T>> rowsOfMany;

  private JournalTable(
      Function<JournalWrite, Collection<T>> items, String sql, SentRows<Row<T>> rows) {
    this.items = items;
    this.sql = sql;
    this.rows = rows;
    this.rowsOfMany = rows.uuid("effect_id", Row::effectId);
  }

  /** What decides on the text of the part for a write; 0 when it has nothing for this table. */
  int shape(JournalWrite write) {
    return SentRows.shape(items.apply(write).size());
  }

  /** The part for a write of a shape. */
  String sql(int shape) {
    return shape == 0 ? "" : sql.replace("{rows}", "CROSS JOIN " + rows.sql(shape));
  }

  /** Binds what a write has for this table. */
  void bind(Binder binder, UUID effectId, JournalWrite write) throws SQLException {
    rows.bind(
        binder,
        items.apply(write).stream().map(item -> new Row<>(effectId, item)).toList());
  }

  /** Whether any of several writes has something for this table. */
  boolean isIn(List<JournalEntry> entries) {
    return entries.stream().anyMatch(entry -> shape(entry.write()) > 0);
  }

  /** The part for the writes of several effect transactions. */
  String sqlOfMany() {
    return sql.replace("{rows}", "JOIN " + rowsOfMany.arrays() + " ON i.effect_id = g.effect_id");
  }

  /** Binds what the writes of several effect transactions have for this table. */
  void bindMany(Binder binder, List<JournalEntry> entries) throws SQLException {
    List<Row<T>> all = new ArrayList<>();
    for (JournalEntry entry : entries) {
      items.apply(entry.write()).forEach(item -> all.add(new Row<>(entry.effectId(), item)));
    }
    rowsOfMany.bindArrays(binder, all);
  }

  /** A row about an effect transaction. */
  private record Row<T>(UUID effectId, T value) {}
}
