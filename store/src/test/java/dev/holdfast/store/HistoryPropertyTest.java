package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.store.retention.RetentionReport;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Random histories: a version reads as its changes replayed, a difference leads from one version to the other, forks and their origins go
 * their own ways, and transactions read what they have written on top of all that; and all of it again after retention, for every version that
 * is kept, while all others are refused.
 */
@HoldfastTest
@Tag("G6")
final class HistoryPropertyTest {

  private static final int ROUNDS = Integer.getInteger("holdfast.properties.rounds", 4);
  private static final int CALLS = Integer.getInteger("holdfast.properties.calls", 40);
  private static final List<String> KEYS = List.of("a", "b", "list", "object", "other");
  private static final List<Isolation> ISOLATIONS = List.of(Isolation.values());

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final Retention retention;
  private final List<Recorded> all = new ArrayList<>();
  private final Random random = new Random(Seed.next("history-properties"));

  HistoryPropertyTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database, settings -> settings.deltasPerSnapshot(5));
    this.retention = Retention.on(database.dataSource(), database.schema()).grace(Duration.ZERO);
  }

  @RepeatedTest(4)
  void everyKeptVersionStaysWhatItWas() {
    all.add(new Recorded(store.state()));
    for (int round = 0; round < ROUNDS; round++) {
      for (Recorded recorded : List.copyOf(all)) {
        recorded.write();
      }
      forkOne();
      all.forEach(Recorded::check);
      retain();
      all.forEach(Recorded::check);
    }
    assertThat(all).hasSize(ROUNDS + 1);
    assertThat(all.stream().mapToLong(recorded -> recorded.removed).sum())
        .as("the least that has to be removed to mean anything")
        .isGreaterThan(CALLS / 2);
  }

  private void forkOne() {
    Recorded origin = all.get(random.nextInt(all.size()));
    List<Long> kept = List.copyOf(origin.kept());
    long version = kept.get(random.nextInt(kept.size()));
    State<JsonNode> fork = origin.state.fork(TestingStore.newName(), version);
    Recorded recorded = new Recorded(fork);
    if (fork.version() == 1) {
      recorded.contents.add(origin.contents.get((int) version));
    }
    all.add(recorded);
  }

  /** With a rule, and then until nothing is left that only a fork had needed. */
  private void retain() {
    retain(RetentionPolicy.keepVersions(random.nextInt(CALLS)));
    int runs = 0;
    while (retain(RetentionPolicy.removeCleared()) > 0) {
      assertThat(++runs).isLessThanOrEqualTo(all.size());
    }
  }

  /** A dry run and the run; returns how much was removed. */
  private long retain(RetentionPolicy policy) {
    List<Content> before =
        all.stream().map(recorded -> Content.of(recorded.state)).toList();
    RetentionPlan plan = retention.plan(policy, "test");
    assertThat(all.stream().map(recorded -> Content.of(recorded.state))).isEqualTo(before);

    RetentionReport report = retention.batchSize(1 + random.nextInt(20)).run(plan);

    assertThat(report.states()).as("as planned").isEqualTo(plan.states());
    report
        .states()
        .forEach(removal -> all.stream()
            .filter(recorded -> recorded.state.id().equals(removal.state()))
            .forEach(recorded -> {
              recorded.oldest = removal.oldest();
              recorded.removed += removal.removed();
            }));
    return report.removed() + report.folded();
  }

  /** A state with what all of its versions contained. */
  private final class Recorded {

    private final State<JsonNode> state;
    private final List<Map<String, JsonNode>> contents = new ArrayList<>(List.of(Map.of()));
    private final Map<String, Long> tags = new TreeMap<>();
    private long oldest;
    private long removed;

    Recorded(State<JsonNode> state) {
      this.state = state;
    }

    private long newest() {
      return contents.size() - 1L;
    }

    /** The versions that can be read. */
    private Set<Long> kept() {
      Set<Long> kept = new LinkedHashSet<>(tags.values());
      for (long version = oldest; version <= newest(); version++) {
        kept.add(version);
      }
      return kept;
    }

    private void write() {
      for (int i = 0; i < CALLS; i++) {
        Map<String, JsonNode> next = new TreeMap<>(contents.get((int) newest()));
        if ((random.nextInt(8) == 0 ? writeTogether(next) : writeOne(state, next)) > newest()) {
          contents.add(next);
        }
        if (random.nextInt(4) == 0) {
          assertThat(content(state.snapshot().toJson())).isEqualTo(contents.get((int) newest()));
        }
      }
    }

    /** Does several calls in a transaction, which reads what it has written; some of them are undone at once. */
    private long writeTogether(Map<String, JsonNode> content) {
      Isolation isolation = ISOLATIONS.get(random.nextInt(ISOLATIONS.size()));
      store.store().transaction(isolation, tx -> {
        State<JsonNode> within = tx.state(state.id().namespace(), state.id().name());
        for (int i = random.nextInt(5); i >= 0; i--) {
          if (random.nextInt(3) == 0) {
            assertThatThrownBy(() -> tx.savepoint(inner -> {
                  writeOne(within, new TreeMap<>(content));
                  throw new Undone();
                }))
                .isInstanceOf(Undone.class);
          } else {
            writeOne(within, content);
          }
          assertThat(content(within.snapshot().toJson())).isEqualTo(content);
        }
        return true;
      });
      return state.version();
    }

    /** Does one call, and the same to the content; the newest version afterwards. */
    private long writeOne(State<JsonNode> on, Map<String, JsonNode> content) {
      String key = KEYS.get(random.nextInt(KEYS.size()));
      JsonNode value = json(random.nextInt(1000));
      switch (random.nextInt(12)) {
        case 0, 1 -> {
          content.remove(key);
          on.delete(key);
        }
        case 2 -> {
          content.clear();
          on.clear();
        }
        case 3, 4, 5, 6 -> append(on, content, value);
        case 7, 8 -> patch(on, content, value);
        case 9 -> rollback(on, content);
        case 10 -> {
          if (on.equals(state)) {
            tag();
          }
        }
        default -> {
          Map<String, JsonNode> values = new TreeMap<>(Map.of(key, value));
          values.put("a", json("with " + key));
          content.putAll(values);
          on.update(values);
        }
      }
      return on.version();
    }

    private void append(State<JsonNode> on, Map<String, JsonNode> content, JsonNode value) {
      List<JsonNode> elements = new ArrayList<>();
      JsonNode before = content.get("list");
      if (before != null && !before.isArray()) {
        content.remove("list");
        on.delete("list");
        return;
      }
      if (before != null) {
        before.forEach(elements::add);
      }
      elements.add(value);
      content.put("list", json(elements));
      on.append("list", value);
    }

    private void patch(State<JsonNode> on, Map<String, JsonNode> content, JsonNode value) {
      MergePatch patch = MergePatch.parse("{\"n-" + random.nextInt(4) + "\": " + value
          + ", \"fixed\": \"" + "x".repeat(60) + "\"}");
      on.patch("object", patch);
      content.put("object", patch.apply(content.get("object")));
    }

    private void rollback(State<JsonNode> on, Map<String, JsonNode> content) {
      List<Long> kept = List.copyOf(kept());
      long target = kept.get(random.nextInt(kept.size()));
      if (target < on.version()) {
        content.clear();
        content.putAll(contents.get((int) target));
      }
      on.rollback(target);
    }

    private void tag() {
      String name = "tag-" + random.nextInt(4);
      if (state.untag(name)) {
        tags.remove(name);
      } else {
        List<Long> kept = List.copyOf(kept());
        long version = kept.get(random.nextInt(kept.size()));
        tags.put(name, state.tag(name, version));
      }
    }

    private void check() {
      Set<Long> kept = kept();
      for (long version = 0; version <= newest(); version++) {
        if (kept.contains(version)) {
          assertThat(contentAt(version))
              .as("%s at %s", state.id(), version)
              .isEqualTo(contents.get((int) version));
        } else {
          long gone = version;
          assertThatThrownBy(() -> state.at(gone)).isInstanceOf(StateRollbackException.class);
        }
      }
      tags.forEach((name, version) -> assertThat(state.at(name).version()).isEqualTo(version));
      checkReplay();
      checkDiffs(List.copyOf(kept));
      checkFunctions();
    }

    private Map<String, JsonNode> contentAt(long version) {
      return content(state.at(version).toJson());
    }

    /** The records of history, oldest first, lead from the oldest version to every other one. */
    private void checkReplay() {
      List<Change<JsonNode>> changes = new ArrayList<>();
      Optional<History> query = Optional.of(History.all().limit(30));
      while (query.isPresent()) {
        HistoryPage<JsonNode> page = state.history(query.get());
        page.forEach(change -> changes.add(0, change));
        query = page.next();
      }
      Map<String, JsonNode> replayed = new TreeMap<>(contents.get((int) oldest));
      for (int i = 0; i < changes.size(); i++) {
        Change<JsonNode> change = changes.get(i);
        assertThat(change.oldValue().orElse(null)).isEqualTo(replayed.get(change.key()));
        change
            .newValue()
            .ifPresentOrElse(
                value -> replayed.put(change.key(), value), () -> replayed.remove(change.key()));
        boolean whole = i + 1 == changes.size() || changes.get(i + 1).version() > change.version();
        if (whole) {
          assertThat(replayed).isEqualTo(contents.get((int) change.version()));
        }
      }
      assertThat(replayed).isEqualTo(contents.get((int) newest()));
    }

    private void checkDiffs(List<Long> kept) {
      for (int i = 0; i < 5; i++) {
        long from = kept.get(random.nextInt(kept.size()));
        long to = kept.get(random.nextInt(kept.size()));
        JsonNode patched = state.at(from).toJson();
        for (JsonPatch patch : state.diff(from, to).byKey().values()) {
          patched = patch.apply(patched);
        }
        assertThat(content(patched)).isEqualTo(contents.get((int) to));
      }
    }

    private void checkFunctions() {
      for (long version : kept()) {
        ObjectNode rows = JsonNodeFactory.instance.objectNode();
        for (String row :
            database.queryStrings("SELECT key || '=' || value FROM holdfast.state_at('"
                + state.id().namespace() + "', '" + state.id().name() + "', " + version + ")")) {
          String[] columns = row.split("=", 2);
          rows.set(columns[0], Json.parse(columns[1]));
        }
        assertThat(content(rows)).isEqualTo(contents.get((int) version));
        if (random.nextInt(10) > 0) {
          return;
        }
      }
    }
  }

  private static final class Undone extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static Map<String, JsonNode> content(JsonNode object) {
    Map<String, JsonNode> content = new TreeMap<>();
    object.properties().forEach(entry -> content.put(entry.getKey(), entry.getValue()));
    return content;
  }
}
