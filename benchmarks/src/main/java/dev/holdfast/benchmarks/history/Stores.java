package dev.holdfast.benchmarks.history;

import dev.holdfast.benchmarks.Settings;
import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.State;
import dev.holdfast.store.StateStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** The stores of one schema, one for each number of deltas per snapshot. Confined to one thread. */
final class Stores implements AutoCloseable {

  private static final String NAMESPACE = "benchmark";
  private static final int MAX_DELTAS = 10_000;

  private final Database database;
  private final SchemaName schema;
  private final Map<Integer, StateStore> stores = new LinkedHashMap<>();

  Stores(Database database) {
    this.database = database;
    this.schema = database.newSchema();
  }

  SchemaName schema() {
    return schema;
  }

  /** A state that was never written, whose values are a whole one after so many deltas. */
  State<JsonNode> newState(int deltasPerSnapshot) {
    return stores
        .computeIfAbsent(
            deltasPerSnapshot, deltas -> builder().deltasPerSnapshot(deltas).build())
        .state(NAMESPACE, UUID.randomUUID().toString())
        .by("agent-7");
  }

  private StateStore.Builder builder() {
    return StateStore.builder(database.dataSource()).schema(schema).withoutSnapshotCache();
  }

  /** The identity of a state, for plain SQL. */
  UUID uuid(State<?> state) {
    return UUID.fromString(database
        .sql()
        .text(
            "SELECT " + schema.value() + ".state_id(?, ?)",
            state.id().namespace(),
            state.id().name()));
  }

  /** The numbers of deltas per snapshot to compare, the default among them. */
  SortedSet<Integer> choices(Settings settings, int defaultDeltas) {
    SortedSet<Integer> choices =
        new TreeSet<>(settings.isQuick() ? Set.of(256) : Set.of(16, 32, 64, 128, 256, 512));
    choices.add(defaultDeltas);
    return choices;
  }

  /** The number of deltas per snapshot of a store that was not told any, found by appending until a whole value is written again. */
  int defaultDeltas() {
    try (StateStore store = builder().build()) {
      State<JsonNode> state = store.state(NAMESPACE, UUID.randomUUID().toString());
      UUID uuid = uuid(state);
      state.append(Conversation.MESSAGES, 1);
      for (int deltas = 0; deltas <= MAX_DELTAS; deltas++) {
        long version = state.append(Conversation.MESSAGES, 1);
        if (form(uuid, version).equals("value")) {
          return deltas;
        }
      }
      throw new IllegalStateException("No whole value after " + MAX_DELTAS + " deltas");
    }
  }

  private String form(UUID state, long version) {
    return database
        .sql()
        .text(
            "SELECT form FROM " + schema.value() + ".change WHERE state_id = ? AND version = ?",
            state,
            version);
  }

  @Override
  public void close() {
    stores.values().forEach(StateStore::close);
  }
}
