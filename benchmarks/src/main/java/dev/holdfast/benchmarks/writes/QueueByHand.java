package dev.holdfast.benchmarks.writes;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The least that keeps versions and history and shares flushes: a head, the changes, and one thread that writes what has queued up. Who sets a
 * key and finds nobody else doing so writes by itself, and so does an update of many; a step of a conversation always queues up. There are no
 * conditions, no actors, no times; whatever fails, fails for everybody in the same message, and whoever waits for a lock holds everybody up.
 * It tells what sharing flushes can bring on a machine.
 */
final class QueueByHand implements WriteStore {

  static final String TABLES = """
      CREATE TABLE {schema}.queue_head (state_id uuid PRIMARY KEY, version bigint NOT NULL) WITH (fillfactor = 70);
      CREATE TABLE {schema}.queue_change (
        state_id uuid, key text COLLATE "C", version bigint, payload json NOT NULL, PRIMARY KEY (state_id, key, version));
      CREATE INDEX ON {schema}.queue_change (state_id, version);""";

  static final String CREATE =
      "INSERT INTO {schema}.queue_head VALUES (?, 0) ON CONFLICT DO NOTHING";

  static final String SET = """
      WITH head AS (
        UPDATE {schema}.queue_head SET version = version + 1 WHERE state_id = ? RETURNING state_id, version)
      INSERT INTO {schema}.queue_change (state_id, key, version, payload)
      SELECT state_id, ?, version, ?::json FROM head""";

  static final String UPDATE = """
      WITH head AS (
        UPDATE {schema}.queue_head SET version = version + 1 WHERE state_id = ? RETURNING state_id, version)
      INSERT INTO {schema}.queue_change (state_id, key, version, payload)
      SELECT head.state_id, i.key, head.version, i.payload::json
      FROM head, unnest((SELECT ?::text[]), (SELECT ?::text[])) AS i (key, payload)""";

  static final String WRITE_QUEUED = """
      WITH head AS (
        UPDATE {schema}.queue_head AS h SET version = h.version + g.calls
        FROM unnest((SELECT ?::uuid[]), (SELECT ?::integer[])) AS g (state_id, calls)
        WHERE h.state_id = g.state_id
        RETURNING h.state_id, h.version - g.calls AS before)
      INSERT INTO {schema}.queue_change (state_id, key, version, payload)
      SELECT i.state_id, i.key, head.before + i.ordinal, i.payload::json
      FROM unnest((SELECT ?::uuid[]), (SELECT ?::text[]), (SELECT ?::integer[]), (SELECT ?::text[]))
        AS i (state_id, key, ordinal, payload)
      JOIN head ON head.state_id = i.state_id""";

  private static final int MOST_CALLS = 256;

  private final DataSource pool;
  private final Jdbc jdbc;
  private final Schema schema;
  private final AtomicInteger inside = new AtomicInteger();
  private final BlockingQueue<Call> queue = new LinkedBlockingQueue<>();
  private final Thread writer = new Thread(this::writeQueued, "queue-by-hand");

  QueueByHand(DataSource pool, Schema schema) {
    this.pool = pool;
    this.jdbc = new Jdbc(pool);
    this.schema = schema;
    writer.start();
  }

  @Override
  public void prepare(Collection<String> states) throws SQLException {
    jdbc.executeForEach(schema.in(CREATE), states);
  }

  @Override
  public void set(String state, String key, JsonNode value) throws SQLException {
    UUID id = Jdbc.id(state);
    String payload = value.toString();
    try {
      if (inside.incrementAndGet() == 1) {
        jdbc.execute(schema.in(SET), id, key, payload);
      } else {
        enqueue(new Call(id, List.of(new Row(key, payload))));
      }
    } finally {
      inside.decrementAndGet();
    }
  }

  @Override
  public void update(String state, Map<String, JsonNode> values) throws SQLException {
    jdbc.executeMany(schema.in(UPDATE), values, Jdbc.id(state));
  }

  @Override
  public void step(String state, long number, JsonNode message, String phase) throws SQLException {
    Row appended = new Row("messages", message.toString());
    enqueue(new Call(Jdbc.id(state), List.of(appended, new Row("phase", '"' + phase + '"'))));
  }

  private void enqueue(Call call) throws SQLException {
    queue.add(call);
    try {
      call.done.join();
    } catch (CompletionException e) {
      throw new SQLException("The message of several failed", e);
    }
  }

  private void writeQueued() {
    List<Call> calls = new ArrayList<>();
    while (true) {
      try {
        calls.add(queue.take());
      } catch (InterruptedException e) {
        return;
      }
      queue.drainTo(calls, MOST_CALLS - 1);
      Throwable failure = failureOf(calls);
      calls.forEach(call -> call.end(failure));
      calls.clear();
    }
  }

  private @Nullable Throwable failureOf(List<Call> calls) {
    try {
      write(calls);
      return null;
    } catch (SQLException | RuntimeException e) {
      return e;
    }
  }

  private void write(List<Call> calls) throws SQLException {
    Map<UUID, Integer> callsOf = new LinkedHashMap<>();
    List<Numbered> rows = new ArrayList<>();
    for (Call call : calls) {
      int ordinal = callsOf.merge(call.state, 1, Integer::sum);
      call.rows.forEach(row -> rows.add(new Numbered(call.state, ordinal, row)));
    }
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(schema.in(WRITE_QUEUED))) {
      Jdbc.bindArray(statement, 1, "uuid", callsOf.keySet().stream());
      Jdbc.bindArray(statement, 2, "int4", callsOf.values().stream());
      Jdbc.bindArray(statement, 3, "uuid", rows.stream().map(Numbered::state));
      Jdbc.bindArray(statement, 4, "text", rows.stream().map(row -> row.row.key));
      Jdbc.bindArray(statement, 5, "int4", rows.stream().map(Numbered::ordinal));
      Jdbc.bindArray(statement, 6, "text", rows.stream().map(row -> row.row.payload));
      statement.execute();
    }
  }

  @Override
  public String written() {
    return schema.in("SELECT coalesce(sum(version), 0) FROM {schema}.queue_head");
  }

  /** Nobody writes any more by now. */
  @Override
  public void close() {
    writer.interrupt();
  }

  private record Row(String key, String payload) {}

  private record Numbered(UUID state, int ordinal, Row row) {}

  /** Rows that become one version of a state. */
  private static final class Call {

    private final UUID state;
    private final List<Row> rows;
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    Call(UUID state, List<Row> rows) {
      this.state = state;
      this.rows = rows;
    }

    void end(@Nullable Throwable failure) {
      if (failure == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(failure);
      }
    }
  }
}
