package dev.holdfast.integration.telemetry;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.Telemetry;
import dev.holdfast.cache.ComputeCache;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.store.State;
import dev.holdfast.store.cache.ReadCacheMetrics;
import dev.holdfast.store.cache.ReadMode;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.store.history.History;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
class TelemetryUseTest {

  private static final String SECRET = "hunter2-canary";
  private static final Path TABLE = Path.of("../docs/metrics.md");

  private final TestDatabase database;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  TelemetryUseTest(TestDatabase database) {
    this.database = database;
  }

  private Holdfast open(Telemetry telemetry) {
    return Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .maximumPoolSize(4)
        .effects(Effects.Builder::withoutRecovery)
        .telemetry(telemetry)
        .build();
  }

  private double counter(String name) {
    return meters.get("onex." + name).functionCounter().count();
  }

  private long timed(String name, String... tags) {
    return meters.get("onex." + name).tags(tags).timer().count();
  }

  /** Every kind of thing once, so that every meter is registered. */
  private static void useEverything(Holdfast holdfast) {
    State<JsonNode> state = holdfast.state("telemetry", "everything-" + System.nanoTime());
    state.set("a", json(1));
    state.get("a");
    state.has("a");
    state.keys();
    state.version();
    state.compute("a", before -> json(2));
    state.snapshot();
    state.asOf(Instant.now());
    state.history(History.all().limit(5));
    state.tag("first");
    state.tags();
    state.at("first");
    state.untag("first");
    state.fork("fork-" + System.nanoTime(), 1);
    state.rollback(1);
    state.clear();
    state.clearHistory();
    holdfast.transaction(
        Isolation.SERIALIZABLE, tx -> tx.state("telemetry", "tx").get("a"));
    rollBack(holdfast, 2);
    ComputeCache<String, Integer> cache = holdfast.newComputeCache();
    cache.get("a", key -> 1);
    cache.get("a", key -> 1);
  }

  /** An effect transaction of which so many compensations fail. */
  private static void rollBack(Holdfast holdfast, int failures) {
    holdfast
        .effects()
        .register(EffectHandler.of("telemetry.stuck", String.class, String.class)
            .perform((context, request) -> request)
            .compensate((context, request, response) -> {
              throw new IllegalStateException(SECRET);
            }));
    assertThatThrownBy(() -> holdfast
            .effects()
            .run("telemetry", "stuck-" + System.nanoTime(), effect -> {
              for (int i = 0; i < failures; i++) {
                effect.<String>perform("telemetry.stuck", SECRET);
              }
              effect.step("note", tx -> tx.state("telemetry", "note").set("a", json(1)));
              throw new IllegalStateException(SECRET);
            }))
        .isInstanceOf(EffectRollbackException.class);
  }

  @Test
  void theTableInTheDocumentsIsWhatIsRegistered() throws IOException {
    try (Holdfast holdfast = open(Telemetry.to(meters))) {
      useEverything(holdfast);
      Set<String> registered = meters.getMeters().stream()
          .filter(meter -> !meter.getId().getName().endsWith(".histogram")) // buckets
          .map(meter -> row(meter.getId()))
          .collect(Collectors.toCollection(TreeSet::new));
      Set<String> documented = Files.readAllLines(TABLE).stream()
          .filter(line -> line.startsWith("| `"))
          .map(line -> line.split(" *\\| *", -1))
          .map(cells -> cells[1].replace("`", "") + " " + cells[2] + " "
              + new TreeSet<>(List.of(cells[3].split(", "))))
          .collect(Collectors.toCollection(TreeSet::new));
      assertThat(registered).isEqualTo(documented);
      assertThat(registered).hasSizeGreaterThan(40);
    }
    assertThat(meters.getMeters()).as("meters of what is closed").isEmpty();
  }

  private static String row(Meter.Id id) {
    String type = switch (id.getType()) {
      case COUNTER -> "counter";
      case GAUGE -> "gauge";
      case TIMER -> "timer";
      case DISTRIBUTION_SUMMARY -> "summary";
      default -> id.getType().name();
    };
    TreeSet<String> tags =
        id.getTags().stream().map(Tag::getKey).collect(Collectors.toCollection(TreeSet::new));
    if (tags.isEmpty()) {
      tags.add("");
    }
    return id.getName().substring("onex.".length()) + " " + type + " " + tags;
  }

  @Test
  void operationsOfStatesAndTransactionsAreCountedAndTimed() throws InterruptedException {
    try (Holdfast holdfast = open(Telemetry.to(meters))) {
      State<JsonNode> state = holdfast.state("telemetry", "counted-" + System.nanoTime());
      for (int i = 0; i < 5; i++) {
        state.set("a", json(i));
      }
      state.get("a");
      assertThat(counter("state.sets")).isEqualTo(5);
      assertThat(counter("state.gets")).isEqualTo(1);
      assertThat(counter("group_commit.change_sets")).isEqualTo(5);
      assertThat(timed("state.operation", "operation", "write", "outcome", "success"))
          .isEqualTo(5);
      assertThat(timed("state.operation", "operation", "get", "outcome", "success"))
          .isEqualTo(1);
      assertThatThrownBy(() -> state.rollback(77)).isInstanceOf(RuntimeException.class);
      assertThat(timed("state.operation", "operation", "rollback", "outcome", "version"))
          .isEqualTo(1);
      retriedOnce(holdfast, state);
      assertThat(counter("transaction.retried")).isEqualTo(1);
      assertThat(counter("transaction.committed")).isEqualTo(1);
      assertThat(timed("transaction.run", "isolation", "serializable", "outcome", "success"))
          .isEqualTo(1);
    }
  }

  /** Somebody else changes what was read before it is written. */
  private static void retriedOnce(Holdfast holdfast, State<JsonNode> state)
      throws InterruptedException {
    AtomicInteger attempts = new AtomicInteger();
    String name = state.id().name();
    holdfast.<Boolean, InterruptedException>transaction(Isolation.SERIALIZABLE, tx -> {
      tx.state("telemetry", name).get("a");
      if (attempts.incrementAndGet() == 1) {
        Thread other = new Thread(() -> state.set("a", json(99)));
        other.start();
        other.join();
      }
      tx.state("telemetry", name).set("a", json(100));
      return true;
    });
    assertThat(attempts).hasValue(2);
  }

  @Test
  void effectsTheirRetriesAndTheirFailedRollbacksAreCounted() {
    try (Holdfast holdfast = open(Telemetry.to(meters))) {
      for (int failures = 1; failures <= 3; failures++) {
        rollBack(holdfast, failures);
        holdfast.effects().handlers().unregister("telemetry.stuck");
      }
      assertThat(counter("transaction.rollback_failures_total")).isEqualTo(3);
      DistributionSummary failed =
          meters.get("onex.transaction.failed_operation_count").summary();
      assertThat(failed.count()).isEqualTo(3);
      assertThat(failed.mean()).isEqualTo(2);
      assertThat(failed.max()).isEqualTo(3);
      assertThat(
              timed("effect.rollback", "effect", "telemetry", "outcome", "effect_rollback_failure"))
          .isEqualTo(3);
      assertThat(timed(
              "effect.operation",
              "name",
              "telemetry.stuck",
              "phase",
              "compensate",
              "outcome",
              "failure"))
          .isEqualTo(6);
      AtomicInteger calls = new AtomicInteger();
      holdfast
          .effects()
          .register(EffectHandler.of("telemetry.twice", String.class, String.class)
              .perform((context, request) -> {
                if (calls.incrementAndGet() == 1) {
                  throw new IOException(SECRET);
                }
                return request;
              })
              .compensate((context, request, response) -> {})
              .breaker(BreakerPolicy.defaults())
              .retry(RetryPolicy.defaults()));
      double before = counter("effect.attempts");
      holdfast
          .effects()
          .run(
              "telemetry",
              "twice-" + System.nanoTime(),
              effect -> effect.<String>perform("telemetry.twice", "a"));
      assertThat(counter("effect.attempts") - before).isEqualTo(2);
      assertThat(counter("effect.retries")).isEqualTo(1);
      assertThat(holdfast.effects().forceBreakerOpen("telemetry.twice")).isTrue();
      assertThat(counter("breaker.transitions")).isEqualTo(1);
      assertThat(meters.get("onex.breaker.open").gauge().value()).isEqualTo(1);
      assertThatThrownBy(() -> holdfast
              .effects()
              .run(
                  "telemetry",
                  "rejected-" + System.nanoTime(),
                  effect -> effect.<String>perform("telemetry.twice", "a")))
          .isInstanceOf(RuntimeException.class);
      assertThat(counter("breaker.rejections")).isEqualTo(1);
      assertThat(holdfast.effects().forceBreakerClosed("telemetry.twice")).isTrue();
      holdfast.health().check();
      assertThat(meters.get("onex.effect.open_rollback_failures").gauge().value())
          .isGreaterThanOrEqualTo(6);
    }
  }

  @Test
  void deliveriesOfTheFeedAndUsesOfCachesAreCounted() {
    try (Holdfast holdfast = open(Telemetry.to(meters))) {
      String consumer = "telemetry-" + System.nanoTime();
      try (Subscription subscription =
          holdfast.changes().subscribe(consumer, ChangeFilter.all(), event -> {})) {
        holdfast.state("telemetry", "feed").set("a", json(1));
        await().atMost(Duration.ofSeconds(30)).until(() -> subscription.delivered() >= 1);
        assertThat(counter("feed.delivered")).isGreaterThanOrEqualTo(1);
      }
      assertThat(counter("feed.delivered")).as("also when it is closed").isPositive();
      ComputeCache<String, Integer> one = holdfast.newComputeCache();
      ComputeCache<String, Integer> two = holdfast.newComputeCache();
      one.get("a", key -> 1);
      one.get("a", key -> 1);
      two.get("a", key -> 1);
      one.clear();
      FunctionCounter hits =
          meters.get("onex.cache.hits").tag("cache", "compute").functionCounter();
      assertThat(hits.count()).isEqualTo(1);
      assertThat(meters
              .get("onex.cache.misses")
              .tag("cache", "compute")
              .functionCounter()
              .count())
          .isGreaterThanOrEqualTo(2);

      State<JsonNode> cached = holdfast.state("telemetry", "cached").reading(ReadMode.CACHED);
      cached.set("a", json(1));
      cached.get("a");
      cached.get("a");
      ReadCacheMetrics reads = holdfast.readCacheMetrics();
      assertThat(reads.misses()).isPositive();
      assertThat(meters
              .get("onex.cache.misses")
              .tag("cache", "read")
              .functionCounter()
              .count())
          .isEqualTo((double) reads.misses());
    }
  }

  /** No meter and no span has a secret, a key, the name of a state or an id among its low-cardinality tags. */
  @Test
  void nothingButNamesOfKindsIsATag() {
    ObservationRegistry observations = ObservationRegistry.create();
    List<Observation.Context> stopped = new CopyOnWriteArrayList<>();
    observations.observationConfig().observationHandler(new ObservationHandler<>() {
      @Override
      public void onStop(Observation.Context context) {
        stopped.add(context);
      }

      @Override
      public boolean supportsContext(Observation.Context context) {
        return true;
      }
    });
    String name = "state-" + SECRET;
    try (Holdfast holdfast = open(Telemetry.to(meters).observing(observations))) {
      useEverything(holdfast);
      State<JsonNode> state = holdfast.state("telemetry", name);
      state.set(SECRET, json(Map.of("password", SECRET)));
      assertThatThrownBy(() -> state.getRequired(SECRET + "-absent"))
          .isInstanceOf(RuntimeException.class);
      String all = meters.getMeters().stream()
              .map(meter -> meter.getId().toString())
              .collect(Collectors.joining("\n"))
          + stopped.stream().map(TelemetryUseTest::shown).collect(Collectors.joining("\n"));
      assertThat(all).contains("telemetry.stuck").doesNotContain(SECRET);
      assertThat(stopped).hasSizeGreaterThan(20);
    }
    Observation.Context effect = ended(stopped, "onex.effect.run");
    assertThat(value(effect.getHighCardinalityKeyValue("holdfast.effect.id")))
        .startsWith("telemetry/stuck-");
    assertThat(stopped.stream()
            .filter(context -> "onex.effect.operation".equals(context.getName()))
            .toList())
        .hasSizeGreaterThanOrEqualTo(5)
        .allMatch(context -> context.getParentObservation() != null);
  }

  private static String shown(Observation.Context context) {
    return context.getName()
        + context.getContextualName()
        + context.getAllKeyValues()
        + context.getError();
  }

  private static Observation.Context ended(List<Observation.Context> stopped, String name) {
    return stopped.stream()
        .filter(context -> name.equals(context.getName()))
        .findFirst()
        .orElseThrow();
  }

  private static String value(@Nullable KeyValue found) {
    assertThat(found).isNotNull();
    return found == null ? "" : found.getValue();
  }
}
