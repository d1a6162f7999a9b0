package dev.holdfast.benchmarks.reads;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.history.Messages;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.State;
import dev.holdfast.store.StateStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What is read: states written through the library, and copies of them for those who read by hand. Confined to one thread. */
final class Fixture implements AutoCloseable {

  /** How often every key was written. */
  static final int VERSIONS = 10;

  /** Messages of the conversation. */
  static final int MESSAGES = 200;

  private static final String NAMESPACE = "reads";
  private static final String CONVERSATION = "conversation";
  private static final String COPY_VALUES = """
      INSERT INTO {schema}.current_value (state_id, key, version, value)
      SELECT DISTINCT ON (state_id, key) state_id, key, version, payload
      FROM {schema}.change
      WHERE form = 'value'
      ORDER BY state_id, key, version DESC""";

  /** The last element of each row: a row holds what was appended, and now and then all that was there before. */
  private static final String COPY_MESSAGES = """
      INSERT INTO {schema}.message (state_id, number, message)
      SELECT c.state_id, c.version, c.payload -> -1
      FROM {schema}.change AS c
      WHERE c.state_id = {schema}.state_id(?, ?) AND c.key = 'messages'""";

  private final Bench bench;
  private final SchemaName schema;
  private final HikariDataSource pool;
  private final StateStore cold;
  private final StateStore warm;

  Fixture(Bench bench, int threads) {
    this.bench = bench;
    this.schema = bench.database().newSchema();
    this.pool = bench.database().newPool(threads);
    this.cold = StateStore.builder(pool).schema(schema).withoutSnapshotCache().build();
    this.warm = StateStore.builder(pool).schema(schema).build();
    bench.database().sql().execute(in(JdbcReads.TABLES));
  }

  /** Writes everything that is read. */
  void write(List<Integer> sizes) {
    Random random = new Random(bench.settings().seed());
    for (int keys : sizes) {
      for (int version = 1; version <= VERSIONS; version++) {
        cold(keys).by("agent-7").update(values(keys, random));
      }
    }
    Messages messages = new Messages(bench.settings().seed());
    for (int i = 0; i < MESSAGES; i++) {
      conversation().by("agent-7").append("messages", messages.next());
    }
    bench.database().sql().execute(in(COPY_VALUES));
    bench.database().sql().update(in(COPY_MESSAGES), NAMESPACE, CONVERSATION);
    for (String table : List.of("state", "change", "current_value", "message")) {
      bench.database().sql().execute(in("VACUUM ANALYZE {schema}." + table));
    }
  }

  private static Map<String, JsonNode> values(int keys, Random random) {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    for (int i = 0; i < keys; i++) {
      values.put(key(i), value(random));
    }
    return values;
  }

  private static JsonNode value(Random random) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("count", random.nextInt(1_000))
        .put("text", Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()));
  }

  /** The key with a number. */
  static String key(int number) {
    return String.format("key-%04d", number);
  }

  /** The state with so many keys, read from the database each time. */
  State<JsonNode> cold(int keys) {
    return cold.state(NAMESPACE, name(keys));
  }

  /** The same state, whose newest snapshot is kept in memory. */
  State<JsonNode> warm(int keys) {
    return warm.state(NAMESPACE, name(keys));
  }

  /** The state with the messages. */
  State<JsonNode> conversation() {
    return cold.state(NAMESPACE, CONVERSATION);
  }

  /** Sets a key of the state with so many keys. */
  Runnable change(int keys) {
    State<JsonNode> state = cold(keys);
    Random random = new Random(bench.settings().seed());
    return () -> state.set(key(0), value(random));
  }

  private static String name(int keys) {
    return "with-" + keys + "-keys";
  }

  UUID uuid(State<?> state) {
    return state.id().uuid();
  }

  /** The reads by hand. */
  JdbcReads byHand() {
    return new JdbcReads(pool, schema);
  }

  /** The elements of the conversation as a list, as those who read by hand have them. */
  static List<JsonNode> elements(JsonNode array) {
    List<JsonNode> elements = new ArrayList<>();
    array.forEach(elements::add);
    return elements;
  }

  private String in(String sql) {
    return schema.in(sql);
  }

  @Override
  public void close() {
    warm.close();
    cold.close();
    pool.close();
  }
}
