package dev.holdfast.benchmarks.writes;

import dev.holdfast.store.Changes;
import dev.holdfast.store.State;
import dev.holdfast.store.StateStore;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Holdfast as a user calls it. */
final class HoldfastStore implements WriteStore {

  static final String NAMESPACE = "benchmark";
  static final String ACTOR = "agent-7";

  private final Schema schema;
  private final StateStore store;
  private final Map<String, State<JsonNode>> states = new ConcurrentHashMap<>();

  HoldfastStore(DataSource pool, Schema schema) {
    this.schema = schema;
    this.store = StateStore.builder(pool).schema(schema.name()).build();
  }

  /** Nothing has to be prepared: the first write of a state creates it. */
  @Override
  public void prepare(Collection<String> names) {}

  @Override
  public void set(String state, String key, JsonNode value) {
    state(state).set(key, value);
  }

  @Override
  public void update(String state, Map<String, JsonNode> values) {
    state(state).update(values);
  }

  @Override
  public void step(String state, long number, JsonNode message, String phase) {
    state(state)
        .apply(Changes.<JsonNode>append("messages", message)
            .andSet("phase", StringNode.valueOf(phase)));
  }

  private State<JsonNode> state(String name) {
    return states.computeIfAbsent(
        name, missing -> store.state(NAMESPACE, missing).by(ACTOR));
  }

  @Override
  public String written() {
    return schema.in("SELECT coalesce(sum(version), 0) FROM {schema}.state");
  }

  @Override
  public void close() {
    store.close();
  }
}
