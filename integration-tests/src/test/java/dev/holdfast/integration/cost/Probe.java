package dev.holdfast.integration.cost;

import dev.holdfast.Holdfast;
import dev.holdfast.store.State;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.Json;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * A call whose plan is looked at, and what the plan may touch.
 *
 * @param state the state it is called on, see {@link #fill}
 * @param marker what the statement in question contains, and no other of the call
 * @param maxBuffers pages of 8 KB
 * @param maxRows rows that scans may bring up
 */
record Probe(
    String name,
    String state,
    String marker,
    long maxBuffers,
    long maxRows,
    Consumer<State<JsonNode>> call) {

  static final int KEYS = 1_000;
  static final int VERSIONS = 20_000;

  private static final String WRITES = "INSERT INTO holdfast.change";
  private static final String READS_ONE = "AS link ON true\nORDER BY link.version";
  private static final JsonNode VALUE = Json.json("value");

  boolean isWrite() {
    return marker.equals(WRITES);
  }

  /**
   * {@code wide}: 1,000 keys with 50 versions each; {@code flat}: 1,000 keys with 2; {@code long}: one key with 20,000 versions;
   * {@code log}: one with 20,000 appends; {@code mixed}: 60 appends to one key
   * with 100 other keys changed after each; and a thousand small states.
   */
  static void fill(Holdfast holdfast, Consumer<String> sql) {
    for (int version = 1; version <= 500; version++) {
      holdfast.state("explain", "wide").by("actor-" + version % 7).update(keys(version % 10));
    }
    for (int version = 1; version <= 20; version++) {
      holdfast.state("explain", "flat").update(keys(version % 10));
    }
    for (int i = 0; i < 60; i++) {
      holdfast.state("explain", "mixed").append("log", i);
      holdfast.state("explain", "mixed").update(keys(i % 10));
    }
    sql.accept(oneKey("long", "'value', NULL, NULL, to_json(v)"));
    sql.accept(oneKey("log", """
        CASE WHEN v % 129 = 1 THEN 'value' ELSE 'append' END,
        CASE WHEN v % 129 <> 1 THEN v - (v + 128) % 129 END,
        CASE WHEN v % 129 <> 1 THEN (v + 128) % 129 END,
        '["element"]'"""));
    sql.accept("""
        INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
        SELECT holdfast.state_id('explain', 'small-' || n), 'explain', 'small-' || n, 1, now(), now()
        FROM generate_series(1, 1000) AS n;
        INSERT INTO holdfast.change
          (state_id, key, version, operation, changed_at, transaction_id, form, payload)
        SELECT state_id, 'k', 1, 'set', changed_at, gen_random_uuid(), 'value', '1'
        FROM holdfast.state WHERE name LIKE 'small-%'""");
    sql.accept("""
        INSERT INTO holdfast.tag (state_id, name, version, tagged_at, transaction_id)
        SELECT state_id, 'tag', 1, now(), gen_random_uuid() FROM holdfast.state WHERE version > 0""");
    sql.accept("VACUUM ANALYZE");
  }

  private static Map<String, JsonNode> keys(int tenth) {
    Map<String, JsonNode> keys = new HashMap<>();
    for (int i = tenth; i < KEYS; i += 10) {
      keys.put("key-" + i, VALUE);
    }
    return keys;
  }

  private static String oneKey(String name, String columns) {
    return """
        INSERT INTO holdfast.state (state_id, namespace, name, version, changed_at, created_at)
        VALUES (holdfast.state_id('explain', '%1$s'), 'explain', '%1$s', %2$d,
          timestamptz '2026-01-01 00:00:00Z' + %2$d * interval '1 second', now());
        INSERT INTO holdfast.change
          (state_id, key, version, operation, changed_at, transaction_id, form, base_version, delta_count, payload)
        SELECT holdfast.state_id('explain', '%1$s'), 'k', v, 'set',
          timestamptz '2026-01-01 00:00:00Z' + v * interval '1 second', gen_random_uuid(), %3$s
        FROM generate_series(1, %2$d) AS v""".formatted(name, VERSIONS, columns);
  }

  static List<Probe> ofOneKey() {
    return List.of(
        new Probe("get", "wide", READS_ONE, 6, 2, state -> state.get("key-500")),
        new Probe("get of the long key", "long", READS_ONE, 6, 2, state -> state.get("k")),
        new Probe("get of a log", "log", READS_ONE, 30, 140, state -> state.get("k")),
        new Probe(
            "get of a log among other keys",
            "mixed",
            READS_ONE,
            150,
            130,
            state -> state.get("log")),
        new Probe("has", "long", "SELECT c.form <> 'none'", 6, 2, state -> state.has("k")),
        new Probe("version", "wide", "SELECT s.version FROM", 4, 1, State::version),
        new Probe("set", "wide", WRITES, 25, 2, state -> state.set("key-500", VALUE)),
        new Probe("set of the long key", "long", WRITES, 25, 2, state -> state.set("k", VALUE)),
        new Probe("append", "log", WRITES, 50, 10, state -> state.append("k", "element")),
        new Probe("compute", "long", WRITES, 50, 10, state -> state.compute("k", n -> VALUE)),
        new Probe("delete", "wide", WRITES, 50, 10, state -> state.delete("key-500")));
  }

  static List<Probe> ofHistory() {
    return List.of(
        new Probe("asOf", "long", "bisect", 150, 70, state -> state.asOf(middle())),
        new Probe(
            "asOf over many keys", "wide", "bisect", 150, 70, state -> state.asOf(Instant.now())),
        history("history", "wide", 150, History.all()),
        history("history of a key", "wide", 150, History.of("key-500")),
        history("history of the long key", "long", 150, History.of("k")),
        history("history of the long key, deep", "long", 150, History.of("k").versions(0, 5000)),
        history("history, deep", "wide", 150, History.all().versions(0, 100)),
        history("history of one actor", "wide", 1_000, History.all().by("actor-3")),
        history("history since a time", "long", 150, History.all().from(middle())));
  }

  private static Probe history(String name, String state, long maxRows, History query) {
    return new Probe(name, state, "\"newer\"", 150, maxRows, s -> s.history(query.limit(20)));
  }

  private static Instant middle() {
    return Instant.parse("2026-01-01T02:00:00Z");
  }

  static List<Probe> ofAllKeys() {
    return List.of(
        ofAllKeys("keys", "SELECT top.key\n", State::keys),
        ofAllKeys("snapshot", "entry.link_version", state -> state.snapshot()),
        ofAllKeys("at", "entry.link_version", state -> state.at(15)),
        // 100 keys of 1,000 have changed; as many in each version.
        new Probe(
            "diff", "wide", "touched AS MATERIALIZED", 600, 300, state -> state.diff(400, 401)),
        new Probe(
            "diff of too much", "wide", "touched AS MATERIALIZED", 500, 5_100, Probe::diffOfAll),
        new Probe(
            "snapshot again", "wide", "touched AS MATERIALIZED", 30, 10, Probe::snapshotAgain),
        new Probe("rollback", "wide", WRITES, 40 * KEYS, 8 * KEYS, state -> state.rollback(400)),
        new Probe("rollback of little", "wide", WRITES, 2_000, 500, Probe::rollbackOfLittle),
        new Probe("clear", "wide", WRITES, 40 * KEYS, 8 * KEYS, State::clear));
  }

  /** 100 keys of 1,000. */
  private static void rollbackOfLittle(State<JsonNode> state) {
    state.rollback(499);
  }

  private static void diffOfAll(State<JsonNode> state) {
    state.diff(1, 500);
  }

  private static void snapshotAgain(State<JsonNode> state) {
    state.snapshot();
    state.set("key-1", VALUE);
    state.snapshot();
  }

  private static Probe ofAllKeys(String name, String marker, Consumer<State<JsonNode>> call) {
    return new Probe(name, "wide", marker, 10 * KEYS, 3 * KEYS, call);
  }
}
