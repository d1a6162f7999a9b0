package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.Binder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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
 * <p>What is written comes as {@link SentRows}. A statement has a text for each number of rows that is spelled out; those are the few that a
 * body makes again and again, so they stay prepared.
 *
 * <p>Safe for use by multiple threads, each with its own connection.
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

  /** Goes on without a change of status. Parameters: effect_id, epoch, revision. */
  private static final String PROCEED = """
      WITH guard AS (
        UPDATE {schema}.effect_transaction AS t
        SET revision = t.revision + 1, changed_at = clock_timestamp()
        WHERE t.effect_id = ? AND t.epoch = ? AND t.revision = ?
        RETURNING t.effect_id, t.epoch, t.status
      )""";

  /** Parameters: status, new failures, error, ends, effect_id, epoch, revision. */
  private static final String CHANGE = """
      WITH guard AS (
        UPDATE {schema}.effect_transaction AS t
        %s
        FROM (SELECT ?::text, ?::integer, ?::text, ?::boolean) AS p (status, failures, error, ends)
        WHERE t.effect_id = ? AND t.epoch = ? AND t.revision = ?
        RETURNING t.effect_id, t.epoch, t.status
      )""".formatted(MOVE);

  private static final SentRows<JournalEntry> BEGUN = SentRows.<JournalEntry>none()
      .uuid("effect_id", JournalEntry::effectId)
      .text("name", entry -> entry.effect().name())
      .text("id", entry -> entry.effect().id())
      .text("status", entry -> statusName(entry.write()))
      .number("ends", entry -> ends(entry.write()) ? 1L : 0L)
      .uuid("owner", entry -> entry.owner().run())
      .text("process", entry -> entry.owner().process())
      .number("lease", entry -> entry.owner().lease().toMillis());

  private static final SentRows<JournalEntry> CONTINUED = SentRows.<JournalEntry>none()
      .uuid("effect_id", JournalEntry::effectId)
      .number("epoch", entry -> entry.fenceRequired().epoch())
      .number("revision", entry -> entry.fenceRequired().revision())
      .text("status", entry -> statusName(entry.write()))
      .number("failures", entry -> (long) entry.write().failures().size())
      .text("error", entry -> entry.write().error())
      .number("ends", entry -> ends(entry.write()) ? 1L : 0L);

  /**
   * Parameters: those that begin, those that go on, how many go on. The limit is never reached; the planner takes it for a tenth of the rows, and
   * so looks them up one by one, however small the table is when the plan is made.
   */
  private static final String MANY = """
      WITH begun AS (
        INSERT INTO {schema}.effect_transaction AS t
          (effect_id, name, id, status, epoch, revision, owner, process, leased_until, ended_at)
        SELECT i.effect_id, i.name, i.id, coalesce(i.status, 'running'), 1, 1, i.owner, i.process,
          CASE WHEN i.ends = 0 THEN clock_timestamp() + i.lease * interval '1 millisecond' END,
          CASE WHEN i.ends = 1 THEN clock_timestamp() END
        FROM {begun}
        ON CONFLICT ON CONSTRAINT effect_transaction_pkey DO NOTHING
        RETURNING t.effect_id, t.epoch, t.status
      ), held AS MATERIALIZED (
        SELECT l.row_id, i.status, i.failures, i.error, i.ends = 1 AS ends
        FROM {continued}
        CROSS JOIN LATERAL (
          SELECT t.ctid AS row_id
          FROM {schema}.effect_transaction AS t
          WHERE t.effect_id = i.effect_id AND t.epoch = i.epoch AND t.revision = i.revision
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

  private static final String END = "\nSELECT g.status, g.effect_id FROM guard AS g";

  private final SchemaName schema;
  private final Map<Shape, String> texts = new ConcurrentHashMap<>();
  private final Map<List<JournalTable<?>>, String> textsOfMany = new ConcurrentHashMap<>();

  JournalSql(SchemaName schema) {
    this.schema = schema;
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
    try (PreparedStatement statement = connection.prepareStatement(text(BEGIN, write))) {
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
    boolean changes = write.status() != null || !write.failures().isEmpty();
    try (PreparedStatement statement =
        connection.prepareStatement(text(changes ? CHANGE : PROCEED, write))) {
      Binder binder = Binder.of(statement);
      if (changes) {
        binder
            .text(statusName(write))
            .integer(write.failures().size())
            .text(write.error())
            .flag(ends(write));
      }
      binder.uuid(fence.effectId()).number(fence.epoch()).number(fence.revision());
      return run(statement, binder, fence.effectId(), write);
    }
  }

  private String text(String guard, JournalWrite write) {
    Shape shape = new Shape(
        guard, JournalTable.ALL.stream().map(table -> table.shape(write)).toList());
    return texts.computeIfAbsent(shape, this::make);
  }

  private String make(Shape shape) {
    StringBuilder text = new StringBuilder(shape.guard());
    for (int i = 0; i < shape.tables().size(); i++) {
      text.append(JournalTable.ALL.get(i).sql(shape.tables().get(i)));
    }
    return schema.in(text.append(END).toString());
  }

  /**
   * What decides on the text of a statement.
   *
   * @param tables of each table what its part looks like
   */
  private record Shape(String guard, List<Integer> tables) {}

  private static Optional<EffectStatus> run(
      PreparedStatement statement, Binder binder, UUID effectId, JournalWrite write)
      throws SQLException {
    for (JournalTable<?> table : JournalTable.ALL) {
      table.bind(binder, effectId, write);
    }
    try (ResultSet row = statement.executeQuery()) {
      return row.next()
          ? Optional.of(SqlName.read(EffectStatus.class, row.getString(1)))
          : Optional.empty();
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
    List<JournalTable<?>> tables =
        JournalTable.ALL.stream().filter(table -> table.isIn(entries)).toList();
    try (PreparedStatement statement = connection.prepareStatement(textOfMany(tables))) {
      Binder binder = Binder.of(statement);
      List<JournalEntry> later =
          entries.stream().filter(entry -> !entry.isFirst()).toList();
      BEGUN.bindArrays(binder, entries.stream().filter(JournalEntry::isFirst).toList());
      CONTINUED.bindArrays(binder, later);
      binder.number((long) later.size());
      for (JournalTable<?> table : tables) {
        table.bindMany(binder, entries);
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

  private String textOfMany(List<JournalTable<?>> tables) {
    return textsOfMany.computeIfAbsent(tables, this::makeOfMany);
  }

  private String makeOfMany(List<JournalTable<?>> tables) {
    StringBuilder text = new StringBuilder(
        MANY.replace("{begun}", BEGUN.arrays()).replace("{continued}", CONTINUED.arrays()));
    tables.forEach(table -> text.append(table.sqlOfMany()));
    return schema.in(text.append(END).toString());
  }

  private static @Nullable String statusName(JournalWrite write) {
    EffectStatus status = write.status();
    return status == null ? null : SqlName.of(status);
  }

  private static boolean ends(JournalWrite write) {
    EffectStatus status = write.status();
    return status != null && status.isEnd();
  }
}
