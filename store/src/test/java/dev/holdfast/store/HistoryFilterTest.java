package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Every combination of filters, with pages and without, against the same filters applied by hand to the whole history. */
@HoldfastTest
@Tag("G6")
final class HistoryFilterTest {

  private static final List<String> KEYS = List.of("a", "b", "c");
  private static final List<String> ACTORS = List.of("ann", "bob");
  private static final UUID EFFECT = new UUID(7, 7);
  private static final int VERSIONS = 60;

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> state;
  private final Random random = new Random(Seed.next("history-filters"));
  private List<Change<JsonNode>> all = List.of();

  HistoryFilterTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @BeforeEach
  void writeHistory() {
    for (int i = 0; i < VERSIONS; i++) {
      Map<String, JsonNode> values = new TreeMap<>();
      KEYS.stream()
          .filter(key -> random.nextBoolean())
          .forEach(key -> values.put(key, json(random.nextInt())));
      values.put(KEYS.get(random.nextInt(KEYS.size())), json(i));
      state.by(ACTORS.get(random.nextInt(ACTORS.size()))).update(values);
    }
    // Only steps of effect transactions write it, and those are made elsewhere.
    database.execute("UPDATE holdfast.change SET effect_id = '" + EFFECT
        + "' WHERE version % 2 = 0 AND state_id = '" + state.id().uuid() + "'");
    all = state.history(History.all().limit(1_000)).changes();
    assertThat(all).hasSizeGreaterThan(VERSIONS);
    assertThat(all).extracting(Change::version).contains(1L, (long) VERSIONS);
  }

  @Test
  void combineInEveryWay() {
    List<Filtering> filters = filters();
    int found = 0;
    for (int chosen = 0; chosen < 1 << filters.size(); chosen++) {
      int combination = chosen;
      List<Filtering> used = IntStream.range(0, filters.size())
          .filter(i -> (combination & 1 << i) != 0)
          .mapToObj(filters::get)
          .toList();
      found += check(History.all(), change -> true, used);
      found += check(History.of("a"), change -> change.key().equals("a"), used);
    }
    assertThat(found).as("combinations that find something, of 64").isGreaterThan(40);
  }

  /** Returns 1 when there is anything to find. */
  private int check(History start, Predicate<Change<JsonNode>> first, List<Filtering> used) {
    History query = start;
    Predicate<Change<JsonNode>> condition = first;
    for (Filtering filter : used) {
      query = filter.narrow().apply(query);
      condition = condition.and(filter.matches());
    }
    List<Change<JsonNode>> wanted = all.stream().filter(condition).toList();

    assertThat(state.history(query.limit(1_000)).changes())
        .as("%s", query.filter())
        .isEqualTo(wanted);
    assertThat(inPages(query.limit(15))).as("in pages, %s", query.filter()).isEqualTo(wanted);
    return wanted.isEmpty() ? 0 : 1;
  }

  /** Each leaves out some changes, and keeps most of what the others keep. */
  private List<Filtering> filters() {
    Change<JsonNode> early = all.get(all.size() - all.size() / 6);
    Change<JsonNode> late = all.get(all.size() / 6);
    return List.of(
        new Filtering(
            query -> query.by("ann"), change -> change.actor().equals(Optional.of("ann"))),
        new Filtering(query -> query.effect(EFFECT), change -> change.version() % 2 == 0),
        new Filtering(
            query -> query.from(early.changedAt()),
            change -> !change.changedAt().isBefore(early.changedAt())),
        new Filtering(
            query -> query.until(late.changedAt()),
            change -> change.changedAt().isBefore(late.changedAt())),
        new Filtering(
            query -> query.versions(5, VERSIONS - 5L),
            change -> change.version() >= 5 && change.version() <= VERSIONS - 5L));
  }

  private List<Change<JsonNode>> inPages(History first) {
    List<Change<JsonNode>> read = new ArrayList<>();
    for (Optional<History> query = Optional.of(first); query.isPresent(); ) {
      HistoryPage<JsonNode> page = state.history(query.get());
      page.forEach(read::add);
      query = page.next();
    }
    return read;
  }

  private record Filtering(UnaryOperator<History> narrow, Predicate<Change<JsonNode>> matches) {}
}
