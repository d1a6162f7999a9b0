package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.cache.Announcements;
import dev.holdfast.store.cache.Eviction;
import dev.holdfast.store.cache.NamespaceReads;
import dev.holdfast.store.cache.ReadCacheMetrics;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.cache.ReadMode;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Reads from memory: what they show, when they ask the database, and what they cost. */
@HoldfastTest
@Tag("G5")
final class CachedReadTest {

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TestDatabase database;
  private final TestingStore store;
  private final TestingStore other;
  private final State<Integer> state;
  private final State<Integer> cached;
  private final State<Integer> elsewhere;

  CachedReadTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database, cache(options -> options));
    this.other = store.another();
    this.state = store.state(Integer.class);
    this.cached = state.reading(ReadMode.CACHED);
    this.elsewhere = other.store().state(state.id().namespace(), state.id().name(), Integer.class);
  }

  @AfterEach
  void close() {
    other.close();
    store.close();
  }

  private static UnaryOperator<StateStore.Builder> cache(UnaryOperator<ReadCacheOptions> settings) {
    return builder -> builder.readCache(settings.apply(ReadCacheOptions.defaults()));
  }

  private ReadCacheMetrics metrics() {
    return store.store().readCacheMetrics();
  }

  /** Until the watch has begun, what is loaded is as current as its load only; then it is kept under the watch. */
  private void awaitWatch() {
    cached.version();
    await().atMost(PATIENCE).until(() -> metrics().polls() > 1);
    cached.version();
  }

  @Test
  void areTheSameAsFromTheDatabase() {
    state.update(Map.of("b", 2, "a", 1, "ä", 3));
    state.set("null", null);
    for (int i = 0; i < 3; i++) {
      assertThat(cached.get("a")).isEqualTo(state.get("a"));
      assertThat(cached.get("absent")).isEmpty();
      assertThat(cached.get("null")).isEmpty();
      assertThat(cached.getRequired("null")).isNull();
      assertThat(cached.has("null")).isTrue();
      assertThat(cached.has("absent")).isFalse();
      assertThat(cached.find("a")).isEqualTo(state.find("a"));
      assertThat(cached.find("null")).contains(new Versioned<>(null, 2));
      assertThat(cached.find("absent")).isEmpty();
      assertThat(cached.keys()).isEqualTo(state.keys()).containsExactly("a", "b", "null", "ä");
      assertThat(cached.size()).isEqualTo(4);
      assertThat(cached.version()).isEqualTo(2);
      assertThat(cached.snapshot()).isEqualTo(state.snapshot());
      assertThat(cached.snapshot().keys()).containsExactly("a", "b", "null", "ä");
      assertThat(cached.snapshot().asMap()).isEqualTo(state.snapshot().asMap());
      assertThat(cached.snapshot().changedAt()).isEqualTo(state.snapshot().changedAt());
      assertThatThrownBy(() -> cached.getRequired("absent"))
          .isInstanceOf(StateKeyException.class)
          .hasMessage(message(() -> state.getRequired("absent")));
      assertThatThrownBy(() -> cached.get("")).isInstanceOf(HoldfastException.class);
    }
  }

  private static String message(Runnable call) {
    try {
      call.run();
      return "nothing was thrown";
    } catch (HoldfastException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void ofAStateThatWasNeverWrittenAreFromMemoryToo() {
    assertThat(cached.version()).isZero();
    awaitWatch();
    long misses = metrics().misses();
    assertThat(cached.keys()).isEmpty();
    assertThat(cached.snapshot().version()).isZero();
    assertThat(metrics().misses()).isEqualTo(misses);
    assertThat(elsewhere.set("a", 1)).isEqualTo(1);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(cached.get("a")).contains(1));
  }

  @Test
  void askTheDatabaseOnce() {
    state.set("a", 1);
    awaitWatch();
    ReadCacheMetrics before = metrics();
    long gets = store.store().metrics().gets();
    for (int i = 0; i < 1_000; i++) {
      assertThat(cached.get("a")).contains(1);
    }
    assertThat(metrics().misses() - before.misses()).isLessThan(20);
    assertThat(metrics().hits() - before.hits()).isGreaterThan(980);
    assertThat(store.store().metrics().gets() - gets).isEqualTo(1_000);
    assertThat(metrics().weight()).isPositive();
    assertThat(metrics().states()).isEqualTo(1);
  }

  @Test
  void seeTheWritesOfTheirOwnProcessAtOnce() throws Exception {
    awaitWatch();
    Map<String, Integer> model = new HashMap<>();
    State<Integer> another =
        store.store().state(state.id().namespace(), state.id().name(), Integer.class);
    for (int i = 0; i < 50; i++) {
      model.put("a", i);
      another.set("a", i);
      assertThat(cached.snapshot().asMap()).isEqualTo(model);
      model.put("n", model.getOrDefault("n", 0) + 1);
      state.increment("n", 1);
      assertThat(cached.get("n")).contains(model.get("n"));
      assertThat(state.delete("a")).isTrue();
      assertThat(cached.has("a")).isFalse();
      state.compute("b", n -> n == null ? 1 : n + 1);
      assertThat(cached.getRequired("b")).isEqualTo(i + 1);
      model.put("b", i + 1);
    }
    long version = state.clear();
    assertThat(cached.size()).isZero();
    assertThat(state.rollback(version - 1)).isEqualTo(cached.version());
    assertThat(cached.get("b")).contains(50);
    int size = store.store().transaction(Isolation.READ_COMMITTED, tx -> {
      State<Integer> inside = tx.state(state.id().namespace(), state.id().name(), Integer.class)
          .reading(ReadMode.CACHED);
      inside.set("x", 1);
      assertThat(inside.get("x")).contains(1);
      return inside.size();
    });
    assertThat(cached.get("x")).contains(1);
    assertThat(cached.size()).isEqualTo(size);
    try (Connection connection = store.connection()) {
      connection.setAutoCommit(false);
      store
          .store()
          .joinTransaction(
              connection,
              tx -> tx.state(state.id().namespace(), state.id().name(), Integer.class)
                  .set("y", 1));
      assertThat(cached.has("y")).isFalse();
      connection.commit();
    }
    assertThat(cached.get("y")).contains(1);
    State<JsonNode> tree =
        store.store().state(state.id().namespace(), "list " + state.id().name());
    State<JsonNode> cachedTree = tree.reading(ReadMode.CACHED);
    for (int i = 0; i < 10; i++) {
      tree.append("list", i);
      assertThat(cachedTree.getRequired("list")).hasSize(i + 1);
    }
    State<JsonNode> fork = tree.fork("fork " + state.id().name(), 3).reading(ReadMode.CACHED);
    assertThat(fork.getRequired("list")).hasSize(3);
  }

  @Test
  void seeTheWritesOfOthersSoon() {
    state.set("a", 0);
    awaitWatch();
    for (int i = 1; i <= 10; i++) {
      int value = i;
      elsewhere.set("a", value);
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(cached.get("a")).contains(value));
    }
    assertThat(metrics().refreshes()).isPositive();
    assertThat(elsewhere.delete("a")).isTrue();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(cached.has("a")).isFalse());
  }

  /** A server that had not received what was loaded takes over, and gives the same versions to something else. */
  @Test
  void areLoadedAnewWhenTheVersionInMemoryWasLost() {
    elsewhere.set("kept", 1);
    elsewhere.set("lost", 2);
    awaitWatch();
    assertThat(cached.has("lost")).isTrue();

    String id = "'" + state.id().uuid() + "'";
    store.execute("DELETE FROM holdfast.change WHERE version > 1 AND state_id = " + id);
    store.execute("UPDATE holdfast.state SET version = 1 WHERE state_id = " + id);
    try (TestingStore successor = other.another()) {
      State<Integer> there =
          successor.store().state(state.id().namespace(), state.id().name(), Integer.class);
      there.set("other", 3);
      there.set("other", 4);
    }

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(cached.get("other")).contains(4));
    assertThat(cached.has("lost")).isFalse();
    assertThat(cached.keys()).containsExactly("kept", "other");
  }

  /** The bound is so long that only the watch can tell; while a transaction is open all the time, which holds the change feed up. */
  @Test
  void areNotHeldUpByATransactionThatStaysOpen() throws Exception {
    try (TestingStore patient =
            TestingStore.on(database, cache(options -> options.maximumStaleness(LONG)));
        Connection open = database.dataSource().getConnection()) {
      open.setAutoCommit(false);
      try (var statement = open.createStatement()) {
        statement.execute("SELECT pg_current_xact_id()");
      }
      State<Integer> watching = patient
          .store()
          .state(state.id().namespace(), state.id().name(), Integer.class)
          .reading(ReadMode.CACHED);
      for (int i = 0; i < 5; i++) {
        int value = i;
        elsewhere.set("a", value);
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(watching.get("a")).contains(value));
      }
      open.rollback();
    }
  }

  /** Its transaction number is lower than that of changes which were seen long before. */
  @Test
  void seeWhatCommitsLate() throws Exception {
    try (TestingStore patient =
            TestingStore.on(database, cache(options -> options.maximumStaleness(LONG)));
        Connection late = other.connection()) {
      State<Integer> watching = patient
          .store()
          .state(state.id().namespace(), state.id().name(), Integer.class)
          .reading(ReadMode.CACHED);
      late.setAutoCommit(false);
      other
          .store()
          .joinTransaction(
              late,
              tx -> tx.state(state.id().namespace(), state.id().name(), Integer.class)
                  .set("a", 1));
      assertThat(watching.version()).isZero();
      long polls = patient.store().readCacheMetrics().polls();
      other.state(Integer.class).set("another", 1);
      await().atMost(PATIENCE).until(() -> patient.store().readCacheMetrics().polls() > polls + 5);
      assertThat(watching.version()).isZero();
      late.commit();
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(watching.get("a")).contains(1));
    }
  }

  /** So many are not looked up one by one; history tells what has changed. */
  @Test
  void ofMoreStatesThanAreLookedUpSeeTheWritesOfOthersSoon() {
    List<State<Integer>> many = IntStream.range(0, 1_001)
        .mapToObj(number -> store
            .store()
            .state(state.id().namespace(), "many-" + number, Integer.class)
            .reading(ReadMode.CACHED))
        .toList();
    awaitWatch();
    State<Integer> last = many.get(1_000);
    assertThat(last.get("a")).isEmpty();
    other.store().state(last.id().namespace(), last.id().name(), Integer.class).set("a", 1);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(last.get("a")).contains(1));
    elsewhere.set("a", 2);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(cached.get("a")).contains(2));
  }

  /** What is read for a while is kept decoded; whoever decodes it otherwise gets his own. */
  @Test
  void ofSettledStatesAreWhatEachReaderDecodes() {
    state.update(Map.of("a", 1, "b", 2));
    awaitWatch();
    State<JsonNode> tree =
        store.store().state(state.id().namespace(), state.id().name()).reading(ReadMode.CACHED);
    long until = System.nanoTime() + Duration.ofMillis(300).toNanos();
    while (System.nanoTime() < until) {
      assertThat(cached.get("a")).contains(1);
      assertThat(cached.get("b")).contains(2);
      assertThat(cached.get("absent")).isEmpty();
      assertThat(tree.get("a")).contains(Json.json(1));
    }
    state.set("a", 3);
    assertThat(cached.get("a")).contains(3);
    state.delete("b");
    assertThat(cached.get("b")).isEmpty();
  }

  @Test
  void withoutAnnouncementsSeeTheWritesOfOthersByPolling() {
    try (TestingStore deaf = TestingStore.on(
        database,
        cache(options -> options.announcements(Announcements.NEVER).maximumStaleness(LONG)))) {
      State<Integer> watching = deaf.store()
          .state(state.id().namespace(), state.id().name(), Integer.class)
          .reading(ReadMode.CACHED);
      for (int i = 0; i < 5; i++) {
        int value = i;
        elsewhere.set("a", value);
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(watching.get("a")).contains(value));
      }
    }
  }

  @Test
  void announcedWritesAreSeenBeforeTheNextPoll() {
    try (TestingStore listening = TestingStore.on(
            database,
            cache(options -> options.pollInterval(Duration.ofMinutes(1)).maximumStaleness(LONG)));
        TestingStore telling = TestingStore.on(
            database, cache(options -> options.announcements(Announcements.ALWAYS)))) {
      State<Integer> watching = listening
          .store()
          .state(state.id().namespace(), state.id().name(), Integer.class)
          .reading(ReadMode.CACHED);
      State<Integer> writing =
          telling.store().state(state.id().namespace(), state.id().name(), Integer.class);
      watching.version();
      await().atMost(PATIENCE).until(() -> listening.store().readCacheMetrics().polls() > 0);
      for (int i = 0; i < 5; i++) {
        int value = i;
        writing.set("a", value);
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(watching.get("a")).contains(value));
      }
    }
  }

  @Test
  void ofAnotherSchemaAreNotDisturbed() {
    try (TestingStore patient = TestingStore.on(
        database,
        cache(options -> options.pollInterval(Duration.ofMinutes(1)).maximumStaleness(LONG)))) {
      State<Integer> watching = patient.state(Integer.class).reading(ReadMode.CACHED);
      watching.version();
      await().atMost(PATIENCE).until(() -> patient.store().readCacheMetrics().polls() == 1);
      store.execute("NOTIFY another_change");
      watching.version();
      store.execute("NOTIFY holdfast_change");
      await().atMost(PATIENCE).until(() -> patient.store().readCacheMetrics().polls() == 2);
    }
  }

  @Test
  void atLeastAVersionShowThatVersion() {
    awaitWatch();
    for (int i = 0; i < 20; i++) {
      long version = elsewhere.set("a", i);
      assertThat(state.reading(ReadMode.atLeast(version)).get("a")).contains(i);
      assertThat(cached.get("a")).as("nor back again").contains(i);
    }
    assertThatThrownBy(() -> state.reading(ReadMode.atLeast(21)).get("a"))
        .isInstanceOf(StateVersionException.class);
    assertThatThrownBy(() -> ReadMode.atLeast(-1)).isInstanceOf(HoldfastException.class);
  }

  /** What a strict read has shown, a cached one shows as well. */
  @Test
  void neverGoBehindStrictOnes() {
    awaitWatch();
    for (int i = 0; i < 20; i++) {
      elsewhere.set("a", i);
      Optional<Integer> strict = i % 2 == 0 ? state.get("a") : state.snapshot().get("a");
      assertThat(cached.get("a")).isEqualTo(strict);
    }
  }

  /** A key that is there, one that was removed, and all keys: each shows that a version was reached. */
  @Test
  void neverGoBehindStrictLooksAtKeys() {
    awaitWatch();
    for (int i = 0; i < 20; i++) {
      String key = "key-" + i;
      elsewhere.set(key, i);
      assertThat(i % 2 == 0 ? state.has(key) : state.keys().contains(key)).isTrue();
      assertThat(cached.has(key)).as(key).isTrue();
    }
    for (int i = 0; i < 20; i++) {
      String key = "key-" + i;
      elsewhere.delete(key);
      assertThat(i % 2 == 0 ? state.has(key) : state.keys().contains(key)).isFalse();
      assertThat(cached.has(key)).as(key).isFalse();
    }
    assertThat(cached.size()).isZero();
    elsewhere.set("a", 1);
    assertThat(state.size()).isOne();
    assertThat(cached.size()).isOne();
    elsewhere.clear();
    assertThat(state.size()).isZero();
    assertThat(cached.size()).as("behind the empty state").isZero();
  }

  /** Of a key whose rows retention removed nothing is left that tells a version. */
  @Test
  void neverShowAKeyAgainThatAStrictReadHasMissed() {
    for (Predicate<State<Integer>> isThere : List.<Predicate<State<Integer>>>of(
        state -> state.has("a"), state -> state.get("a").isPresent())) {
      try (TestingStore slow = TestingStore.on(
          database,
          cache(options -> options.pollInterval(Duration.ofMinutes(1)).maximumStaleness(LONG)))) {
        State<Integer> strict = slow.state(Integer.class);
        State<Integer> memory = strict.reading(ReadMode.CACHED);
        State<Integer> writing =
            other.store().state(strict.id().namespace(), strict.id().name(), Integer.class);
        writing.set("a", 1);
        assertThat(memory.has("a")).isTrue();
        await().atMost(PATIENCE).until(() -> slow.store().readCacheMetrics().polls() > 0);
        assertThat(memory.has("a")).isTrue();

        writing.delete("a");
        writing.set("b", 1);
        writing.clearHistory();
        Retention retention =
            Retention.on(database.dataSource(), database.schema()).grace(Duration.ZERO);
        RetentionPlan all = retention.plan(RetentionPolicy.removeCleared(), strict.id());
        assertThat(retention.run(all).removed()).isEqualTo(2);

        assertThat(memory.has("a")).as("control: nobody has told").isTrue();
        assertThat(isThere.test(strict)).isFalse();
        assertThat(memory.has("a")).isFalse();
      }
    }
  }

  @Test
  void ofMutableValuesAreCopies() {
    State<JsonNode> trees = store.state();
    trees.set("a", Json.parse("[1]"));
    State<JsonNode> memory = trees.reading(ReadMode.CACHED);
    ((ArrayNode) memory.get("a").orElseThrow()).add(2);
    assertThat(memory.getRequired("a")).isEqualTo(Json.parse("[1]"));
  }

  @Test
  void unchangedAreTheSameObjects() {
    state.set("a", 1_000_000);
    awaitWatch();
    assertThat(cached.snapshot()).isSameAs(cached.snapshot());
    assertThat(cached.get("a")).isSameAs(cached.get("a"));
  }

  @Test
  void ofALargeStateAskTheDatabase() {
    try (TestingStore small =
        TestingStore.on(database, cache(options -> options.maximumStateWeight(10_000)))) {
      State<String> large = small.state(String.class);
      State<String> reading = large.reading(ReadMode.CACHED);
      large.set("a", "x".repeat(10_000));
      large.set("b", "y");
      assertThat(reading.get("b")).contains("y");
      assertThat(reading.keys()).containsExactly("a", "b");
      assertThat(reading.snapshot()).isEqualTo(large.snapshot());
      assertThat(small.store().readCacheMetrics().states()).isZero();
      large.set("b", "z");
      assertThat(reading.get("b")).contains("z");
      assertThatThrownBy(() -> large.reading(ReadMode.atLeast(9)).has("a"))
          .isInstanceOf(StateVersionException.class);
    }
  }

  @Test
  void takeNoMoreMemoryThanTheyMay() {
    try (TestingStore small =
        TestingStore.on(database, cache(options -> options.maximumWeight(50_000)))) {
      List<State<Integer>> many = Stream.generate(() -> small.state(Integer.class))
          .limit(200)
          .map(one -> one.reading(ReadMode.CACHED))
          .toList();
      many.forEach(one -> one.set("a", 1));
      for (int i = 0; i < 3; i++) {
        many.forEach(one -> assertThat(one.get("a")).contains(1));
      }
      assertThat(small.store().readCacheMetrics().weight()).isLessThanOrEqualTo(50_000);
      assertThat(small.store().readCacheMetrics().evictions()).isGreaterThan(100);
    }
  }

  @Test
  void keepNoMoreStatesThanTheyMay() {
    for (Eviction eviction : Eviction.values()) {
      try (TestingStore small = TestingStore.on(
          database, cache(options -> options.eviction(eviction).maximumStates(3)))) {
        List<State<Integer>> many = Stream.generate(() -> small.state(Integer.class))
            .limit(10)
            .map(one -> one.reading(ReadMode.CACHED))
            .toList();
        many.forEach(one -> one.set("a", 1));
        for (int i = 0; i < 3; i++) {
          many.forEach(one -> assertThat(one.get("a")).contains(1));
        }
        assertThat(small.store().readCacheMetrics().states()).isEqualTo(3);
        assertThat(small.store().readCacheMetrics().evictions()).isGreaterThanOrEqualTo(7);
      }
    }
  }

  /** Nothing is reported, and the watch vouches for it; still the database is asked after a while. */
  @Test
  void askTheDatabaseAgainWhenTheirLifeIsOver() {
    try (TestingStore mortal =
        TestingStore.on(database, cache(options -> options.timeToLive(Duration.ofSeconds(1))))) {
      State<Integer> one = mortal.state(Integer.class);
      one.set("a", 1);
      State<Integer> reading = one.reading(ReadMode.CACHED);
      await().atMost(PATIENCE).until(() -> {
        assertThat(reading.get("a")).contains(1);
        return mortal.store().readCacheMetrics().expirations() >= 3;
      });
      ReadCacheMetrics metrics = mortal.store().readCacheMetrics();
      assertThat(metrics.hits()).isPositive();
      assertThat(metrics.refreshes()).isPositive();
      assertThat(metrics.evictions()).isZero();
    }
    awaitWatch();
    assertThat(metrics().expirations()).isZero();
  }

  @Test
  void areCountedForEachNamespaceWhenAskedTo() {
    try (TestingStore detailed =
        TestingStore.on(database, cache(ReadCacheOptions::withCountsOfNamespaces))) {
      StateStore counting = detailed.store();
      counting.state("counts-a", "x").reading(ReadMode.CACHED).version();
      State<JsonNode> b = counting.state("counts-b", "x").reading(ReadMode.CACHED);
      b.get("a");
      b.get("a");
      b.snapshot();
      b.keys();
      assertThat(counting.readCacheNamespaces().keySet()).containsExactly("counts-a", "counts-b");
      assertThat(counting.readCacheNamespaces().get("counts-a"))
          .isEqualTo(new NamespaceReads(0, 1));
      NamespaceReads reads =
          Objects.requireNonNull(counting.readCacheNamespaces().get("counts-b"));
      assertThat(reads.hits() + reads.misses()).isEqualTo(4);
      assertThat(reads.hits()).isEqualTo(counting.readCacheMetrics().hits()).isPositive();
      assertThat(reads.misses() + 1).isEqualTo(counting.readCacheMetrics().misses());
      for (int i = 0; i < 200; i++) {
        counting.state("counts-" + i, "x").reading(ReadMode.CACHED).version();
      }
      assertThat(counting.readCacheNamespaces()).hasSize(101).containsKey("other");
    }
    awaitWatch();
    assertThat(store.store().readCacheNamespaces()).isEmpty();
  }

  @Test
  void areNotCountedWhenNobodyWantsToKnow() {
    try (TestingStore quiet = TestingStore.on(
        database, cache(options -> options.withCountsOfNamespaces().withoutCounts()))) {
      State<Integer> reading = quiet.state(Integer.class).reading(ReadMode.CACHED);
      AtomicInteger reads = new AtomicInteger();
      await().atMost(PATIENCE).until(() -> {
        reading.get("a");
        reads.incrementAndGet();
        return quiet.store().readCacheMetrics().polls() > 2;
      });
      assertThat(quiet.store().readCacheMetrics().hits()).isZero();
      assertThat(quiet.store().readCacheMetrics().misses()).isZero();
      assertThat(quiet.store().readCacheMetrics().states()).isEqualTo(1);
      assertThat(quiet.store().readCacheNamespaces()).isEmpty();
      assertThat(quiet.store().metrics().gets()).isEqualTo(reads.get());
    }
  }

  @Test
  void withoutACacheAreStrict() {
    try (TestingStore without = TestingStore.on(database, cache(ReadCacheOptions::disabled))) {
      State<Integer> plain = without.state(Integer.class);
      State<Integer> reading = plain.reading(ReadMode.CACHED);
      plain.set("a", 1);
      assertThat(reading.get("a")).contains(1);
      assertThat(without.store().readCacheMetrics().misses()).isZero();
      assertThat(without.store().readCacheMetrics().polls()).isZero();
    }
  }

  @Test
  void withinATransactionOfTheSameStateAreRefused() {
    awaitWatch();
    store.store().transaction(Isolation.READ_COMMITTED, tx -> {
      tx.state(state.id().namespace(), state.id().name(), Integer.class).set("a", 1);
      assertThatThrownBy(() -> cached.get("a")).isInstanceOf(HoldfastException.class);
      return 0;
    });
    assertThat(cached.get("a")).contains(1);
  }

  @Test
  void afterClosingAreRefused() {
    state.set("a", 1);
    awaitWatch();
    store.store().close();
    assertThatThrownBy(() -> cached.get("a")).isInstanceOf(HoldfastException.class);
  }

  @Test
  void whileNobodyReadsNothingIsConnected() {
    state.set("a", 1);
    assertThat(metrics().polls()).isZero();
    assertThat(watchers()).isEmpty();
    awaitWatch();
    assertThat(watchers()).hasSize(1);
  }

  private List<String> watchers() {
    return store.query(
        "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_current_snapshot%'"
            + " AND pid <> pg_backend_pid()");
  }
}
