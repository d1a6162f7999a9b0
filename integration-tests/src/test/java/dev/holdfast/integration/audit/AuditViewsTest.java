package dev.holdfast.integration.audit;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.store.Changes;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import dev.holdfast.store.Versioned;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The views and functions of the schema say what the library says. */
@HoldfastTest
@Tag("G6")
final class AuditViewsTest {

  private static final int CALLS = 300;
  private static final List<String> KEYS = List.of("a", "b", "list", "object");

  private final TestDatabase database;

  @AutoClose
  private final Holdfast holdfast;

  private final State<JsonNode> state;

  AuditViewsTest(TestDatabase database) {
    this.database = database;
    this.holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(4)
        .deltasPerSnapshot(5)
        .build();
    this.state = holdfast.state("audit", "random");
  }

  @Test
  void theColumnsAreTheseInThisOrder() {
    List<String> columns = database.queryStrings("""
        SELECT table_name || ': ' || string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position)
        FROM information_schema.columns
        WHERE table_schema = 'holdfast' AND table_name IN (
          SELECT table_name FROM information_schema.views WHERE table_schema = 'holdfast')
        GROUP BY table_name
        ORDER BY table_name""");

    assertThat(columns)
        .containsExactly(
            "actor_summary: actor text, namespace text, name text, changes bigint, versions bigint, keys bigint, "
                + "first_changed_at timestamp with time zone, last_changed_at timestamp with time zone, state_id uuid",
            "breaker_summary: name text, phase text, since timestamp with time zone, epoch bigint, "
                + "changed_at timestamp with time zone",
            "breaker_transition_summary: name text, epoch bigint, phase text, since timestamp with time zone, process text",
            "change_detail: namespace text, name text, version bigint, key text, operation text, old_version bigint, "
                + "old_value json, new_value json, actor text, reason text, changed_at timestamp with time zone, "
                + "transaction_id uuid, state_id uuid, effect_id uuid",
            "change_summary: namespace text, name text, version bigint, key text, operation text, actor text, reason text, "
                + "changed_at timestamp with time zone, form text, payload json, transaction_id uuid, xid xid8, state_id uuid, "
                + "effect_id uuid",
            "effect_attempt_summary: effect_name text, id text, position ARRAY, name text, phase text, epoch bigint, "
                + "number integer, started_at timestamp with time zone, ended_at timestamp with time zone, error text, "
                + "effect_id uuid",
            "effect_change_summary: effect_name text, id text, position ARRAY, phase text, namespace text, name text, "
                + "version bigint, key text, operation text, actor text, reason text, changed_at timestamp with time zone, "
                + "form text, payload json, transaction_id uuid, state_id uuid, effect_id uuid",
            "effect_operation_summary: effect_name text, id text, position ARRAY, kind text, name text, status text, "
                + "started_at timestamp with time zone, changed_at timestamp with time zone, request json, response json, "
                + "error text, effect_id uuid, provider text, idempotency_key text",
            "effect_summary: name text, id text, status text, open_failures integer, process text, "
                + "leased_until timestamp with time zone, started_at timestamp with time zone, "
                + "changed_at timestamp with time zone, ended_at timestamp with time zone, error text, epoch bigint, "
                + "effect_id uuid, recoveries integer",
            "fork_summary: namespace text, name text, source_namespace text, source_name text, source_version bigint, actor text, "
                + "reason text, forked_at timestamp with time zone, transaction_id uuid, state_id uuid, source_state_id uuid",
            "history_cut_summary: namespace text, name text, version bigint, actor text, reason text, "
                + "cut_at timestamp with time zone, transaction_id uuid, state_id uuid",
            "history_removal_summary: namespace text, name text, version bigint, removed bigint, folded bigint, actor text, "
                + "reason text, began_at timestamp with time zone, ended_at timestamp with time zone, run_id uuid, state_id uuid",
            "rollback_failure_summary: effect_name text, id text, operation text, status text, code text, message text, "
                + "attempts integer, failed_at timestamp with time zone, changed_at timestamp with time zone, "
                + "settled_by text, note text, reported_at timestamp with time zone, report_error text, "
                + "exception_chain text, position ARRAY, failure_id uuid, effect_id uuid, idempotency_key text",
            "state_summary: namespace text, name text, version bigint, oldest_version bigint, "
                + "changed_at timestamp with time zone, created_at timestamp with time zone, state_id uuid",
            "tag_summary: namespace text, name text, tag text, version bigint, actor text, reason text, "
                + "tagged_at timestamp with time zone, removed_at timestamp with time zone, removed_by text, removal_reason text, "
                + "transaction_id uuid, state_id uuid",
            "value_summary: namespace text, name text, key text, value json, version bigint, operation text, actor text, "
                + "reason text, changed_at timestamp with time zone, transaction_id uuid, state_id uuid");
  }

  @Test
  void everyViewAndFunctionExplainsItself() {
    assertThat(database.queryStrings("""
        SELECT format('%s.%s', c.relname, a.attname)
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'holdfast'::regnamespace AND c.relkind = 'v'
          AND col_description(c.oid, a.attnum) IS NULL
        UNION ALL
        SELECT p.proname
        FROM pg_proc AS p
        WHERE p.pronamespace = 'holdfast'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL""")).isEmpty();
  }

  @Test
  void theyAgreeWithTheLibraryAboutARandomHistory() {
    writeAtRandom(new Random(Seed.next("audit-views")));
    long newest = state.version();
    assertThat(newest).as("versions written").isGreaterThan(CALLS / 2);

    for (long version = 0; version <= newest; version++) {
      assertThat(stateAt(version)).as("version %s", version).isEqualTo(contents(state.at(version)));
    }
    assertThat(
            rows(
                "SELECT key, value::text FROM holdfast.value_summary WHERE namespace = 'audit' AND name = 'random'"))
        .isEqualTo(contents(state.snapshot()));
    assertThat(changesOfTheView()).isEqualTo(changesOfTheLibrary());
  }

  private void writeAtRandom(Random random) {
    for (int i = 0; i < CALLS; i++) {
      State<JsonNode> author = state.by("actor-" + random.nextInt(3));
      String key = KEYS.get(random.nextInt(2));
      int n = random.nextInt(1000);
      switch (random.nextInt(10)) {
        case 0 -> author.delete(key);
        case 1 -> author.rollback(random.nextLong(state.version() + 1));
        case 2, 3, 4 ->
          author.apply(
              Changes.<JsonNode>append("list", "say \"" + n + "\"", n / 4.0).andSet(key, json(n)));
        case 5, 6, 7 ->
          author.patch(
              "object",
              MergePatch.parse(
                  "{\"long/~name-" + (n % 7) + "\": {\"n\": [" + n + ", 1.50]}, \"x\": \""
                      + "y".repeat(50) + "\", \"gone\": " + (n % 2 == 0 ? "null" : "[]") + "}"));
        case 8 -> author.set("list", json(List.of()));
        default -> author.update(Map.of("a", json(n), "b", Json.parse("null")));
      }
    }
  }

  private Map<String, JsonNode> stateAt(long version) {
    return rows(
        "SELECT key, value::text FROM holdfast.state_at('audit', 'random', " + version + ")");
  }

  private Map<String, JsonNode> rows(String sql) {
    Map<String, JsonNode> rows = new TreeMap<>();
    for (String row : database.queryStrings(
        "SELECT key || E'\\t' || value FROM (" + sql + ") AS r (key, value)")) {
      String[] columns = row.split("\t", 2);
      rows.put(columns[0], Json.parse(columns[1]));
    }
    return rows;
  }

  private static Map<String, JsonNode> contents(Snapshot<JsonNode> snapshot) {
    Map<String, JsonNode> contents = new TreeMap<>();
    snapshot.toJson().properties().forEach(entry -> contents.put(entry.getKey(), entry.getValue()));
    return contents;
  }

  private List<List<Object>> changesOfTheView() {
    List<List<Object>> changes = new ArrayList<>();
    for (String row : database.queryStrings("""
        SELECT json_build_array(version, key, operation, actor, old_value::text, new_value::text)::text
        FROM holdfast.change_detail
        WHERE state_id = holdfast.state_id('audit', 'random')
        ORDER BY version DESC, key DESC""")) {
      JsonNode columns = Json.parse(row);
      changes.add(List.of(
          columns.get(0).longValue(),
          columns.get(1).stringValue(),
          columns.get(2).stringValue(),
          columns.get(3).stringValue(),
          value(columns.get(4)),
          value(columns.get(5))));
    }
    return changes;
  }

  private static Optional<JsonNode> value(JsonNode text) {
    return text.isNull() ? Optional.empty() : Optional.of(Json.parse(text.stringValue()));
  }

  private List<List<Object>> changesOfTheLibrary() {
    List<List<Object>> changes = new ArrayList<>();
    Optional<History> query = Optional.of(History.all().limit(100));
    while (query.isPresent()) {
      HistoryPage<JsonNode> page = state.history(query.get());
      for (Change<JsonNode> change : page.changes()) {
        changes.add(List.of(
            change.version(),
            change.key(),
            change.operation().name().toLowerCase(Locale.ROOT),
            String.valueOf(change.origin().actor()),
            value(change.before()),
            value(change.after())));
      }
      query = page.next();
    }
    return changes;
  }

  private static Optional<JsonNode> value(@Nullable Versioned<JsonNode> versioned) {
    if (versioned == null) {
      return Optional.empty();
    }
    JsonNode value = versioned.value();
    return Optional.of(value == null ? Json.parse("null") : value);
  }

  @Test
  void aTimeFindsTheVersionThatTheLibraryFinds() {
    State<JsonNode> timed = holdfast.state("audit", "timed");
    for (int i = 1; i <= 20; i++) {
      timed.set("n", json(i));
    }
    for (Change<JsonNode> change : timed.history()) {
      String time = "'" + change.origin().changedAt() + "'::timestamptz";
      assertThat(
              database.queryLong("SELECT holdfast.version_as_of('audit', 'timed', " + time + ")"))
          .isEqualTo(change.version());
      assertThat(database.queryLong("SELECT holdfast.version_as_of('audit', 'timed', " + time
              + " - interval '1 microsecond')"))
          .isEqualTo(change.version() - 1);
      assertThat(database.queryStrings(
              "SELECT value::text FROM holdfast.state_as_of('audit', 'timed', " + time + ")"))
          .containsExactly(String.valueOf(change.version()));
    }
  }

  @Test
  void whatCannotBeReadIsAnErrorAndNotAnEmptyState() {
    State<JsonNode> cleared = holdfast.state("audit", "cleared");
    for (int i = 1; i <= 5; i++) {
      cleared.set("n", json(i));
    }
    cleared.clearHistoryBefore(3);

    refuses("state_at('audit', 'nobody', 0)", "There is no state audit/nobody");
    refuses("state_at('audit', 'cleared', 6)", "has the versions 0 to 5, not 6");
    refuses("state_at('audit', 'cleared', 2)", "cleared of what is older than version 3");
    refuses("state_as_of('audit', 'cleared', '2001-01-01')", "cleared of what is older");
    refuses("state_at('audit', 'cleared', NULL)", "version of state audit/cleared is null");
    refuses("state_as_of('audit', 'cleared', NULL)", "time of state audit/cleared is null");
    refuses("changed_together('audit', 'cleared', 3)", "has no version 3 in its history");
    assertThat(database.queryStrings(
            "SELECT value::text FROM holdfast.state_at('audit', 'cleared', 3)"))
        .containsExactly("3");
    assertThat(database.queryStrings(
            "SELECT version::text FROM holdfast.change_detail WHERE state_id = holdfast.state_id('audit', 'cleared')"
                + " ORDER BY version"))
        .containsExactly("4", "5");
  }

  /** What a tag has kept is not the value of the versions after it, and a key whose rows are gone was not absent. */
  @Test
  void aValueWhoseRowsWereRemovedIsAnErrorAndNotAnOlderOne() {
    State<JsonNode> retained = holdfast.state("audit", "retained");
    for (int i = 1; i <= 5; i++) {
      retained.update(Map.of("n", json(i), "key-" + i, json(i)));
    }
    retained.set("other", json("x"));
    retained.append("list", 1);
    retained.append("list", 2);
    retained.tag("kept", 2);
    retained.clearHistoryBefore(7);
    assertThat(valueAt(retained, "n", 3)).isEqualTo("3");
    assertThat(valueAt(retained, "key-5", 3)).isEqualTo("null");
    assertThat(keysAt(retained, 3)).containsExactly("key-1", "key-2", "key-3", "n");

    Retention retention =
        Retention.on(database.dataSource(), database.schema()).grace(Duration.ZERO);
    assertThat(retention
            .run(retention.plan(RetentionPolicy.removeCleared(), retained.id()))
            .removed())
        .isPositive();

    assertThat(valueAt(retained, "n", 2)).isEqualTo("2");
    assertThat(valueAt(retained, "key-5", 2)).isEqualTo("null");
    for (int removed : List.of(1, 3, 4)) {
      assertThatThrownBy(() -> valueAt(retained, "n", removed))
          .hasStackTraceContaining("Rows of version " + removed);
    }
    assertThat(valueAt(retained, "key-1", 1)).isEqualTo("1");
    assertThat(valueAt(retained, "n", 5)).isEqualTo("5");
    assertThatThrownBy(() -> valueAt(retained, "n", 6))
        .hasStackTraceContaining("Rows of version 6");
    assertThat(valueAt(retained, "n", 7)).isEqualTo("5");
    assertThat(valueAt(retained, "list", 8)).isEqualTo("[1,2]");
    for (int removed : List.of(1, 3, 4, 5, 6)) {
      assertThatThrownBy(() -> keysAt(retained, removed))
          .hasStackTraceContaining("Rows of version " + removed);
    }
    assertThat(keysAt(retained, 2)).containsExactly("key-1", "key-2", "n");
    assertThat(keysAt(retained, 7)).hasSize(8);
    assertThat(keysAt(retained, 8)).hasSize(8);
    assertThat(database.queryStrings(
            "SELECT old_value::text || ' ' || new_value::text FROM holdfast.change_detail"
                + " WHERE state_id = holdfast.state_id('audit', 'retained')"))
        .containsExactly("[1] [1,2]");
  }

  /** A null would look like a key that was absent, and no rows like an empty state. */
  @Test
  void aVersionThatIsNullIsAnErrorAndNotAnAbsentKey() {
    State<JsonNode> state = holdfast.state("audit", "of-null");
    state.set("n", json(1));

    assertThatThrownBy(() -> valueAt(state, "n", null)).hasStackTraceContaining("is null");
    assertThatThrownBy(() -> keysAt(state, null)).hasStackTraceContaining("is null");
    assertThat(valueAt(state, "absent", 1)).isEqualTo("null");
    assertThat(keysAt(state, 0)).isEmpty();
  }

  /** The newest values are not those of a version that is still to come, and a state that is not there is not empty. */
  @Test
  void aVersionThatDoesNotExistIsAnErrorAndNotTheNewestOne() {
    State<JsonNode> state = holdfast.state("audit", "of-future");
    state.set("n", json(1));
    State<JsonNode> nobody = holdfast.state("audit", "of-nobody");

    for (int version : List.of(2, Integer.MAX_VALUE, -1)) {
      assertThatThrownBy(() -> valueAt(state, "n", version))
          .hasStackTraceContaining("has no version " + version);
      assertThatThrownBy(() -> valueAt(state, "absent", version))
          .hasStackTraceContaining("has no version " + version);
      assertThatThrownBy(() -> keysAt(state, version))
          .hasStackTraceContaining("has no version " + version);
    }
    assertThatThrownBy(() -> valueAt(nobody, "n", 0)).hasStackTraceContaining("has no version 0");
    assertThatThrownBy(() -> keysAt(nobody, 0)).hasStackTraceContaining("has no version 0");
    assertThat(valueAt(state, "n", 0)).isEqualTo("null");
    assertThat(keysAt(state, 1)).containsExactly("n");
  }

  private String valueAt(State<JsonNode> of, String key, @Nullable Integer version) {
    return database
        .queryStrings("SELECT holdfast.value_at('%s', '%s', %d)::text"
            .formatted(of.id().uuid(), key, version))
        .get(0);
  }

  private List<String> keysAt(State<JsonNode> of, @Nullable Integer version) {
    return database.queryStrings(
        "SELECT key FROM holdfast.state_keys('%s', %d)".formatted(of.id().uuid(), version));
  }

  private void refuses(String call, String complaint) {
    assertThatThrownBy(() -> database.queryStrings("SELECT key FROM holdfast." + call))
        .hasStackTraceContaining(complaint);
  }
}
