package dev.holdfast.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.contract.Contract;
import dev.holdfast.contract.Drives;
import dev.holdfast.contract.HealthCheckContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.redaction.Redactor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that are told what to find. */
public class HealthTest {

  private static final String SECRET = "hunter2-canary";

  private final List<Health> opened = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong(1);
  private volatile HealthStatus next = HealthStatus.HEALTHY;
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() {
    opened.forEach(Health::close);
  }

  private Health open(Health.Builder builder) {
    Health health = builder.build();
    opened.add(health);
    return health;
  }

  /** One field set; the time of a check is that of a busy machine unless it is the field. */
  private static Health.Builder with(String field, Object value) {
    Map<String, Object> fields = new HashMap<>(Map.of("health_check_timeout_ms", 30_000));
    fields.put(field, value);
    return Health.builder(Contract.of(HealthCheckContract.class, fields));
  }

  private static Health.Builder defaults() {
    return with("health_check_timeout_ms", 30_000);
  }

  private HealthResult told() {
    calls.incrementAndGet();
    return new HealthResult(next, "told so", Map.of());
  }

  private static HealthStatus status(HealthReport report, String check) {
    return report.check(check).orElseThrow().status();
  }

  private List<HealthStatus> rounds(Health health, HealthStatus... results) {
    List<HealthStatus> statuses = new ArrayList<>();
    for (HealthStatus result : results) {
      next = result;
      statuses.add(status(health.check(), "told"));
    }
    return statuses;
  }

  @Test
  @Drives("health_check.failure_threshold")
  void failedChecksInARowMakeItUnhealthy() {
    HealthStatus[] twice = {HealthStatus.UNHEALTHY, HealthStatus.UNHEALTHY};
    assertThat(rounds(
            open(with("failure_threshold", 2).check("told", CheckScope.DEPENDENCY, this::told)),
            twice))
        .containsExactly(HealthStatus.DEGRADED, HealthStatus.UNHEALTHY);
    assertThat(rounds(open(defaults().check("told", CheckScope.DEPENDENCY, this::told)), twice))
        .containsExactly(HealthStatus.DEGRADED, HealthStatus.DEGRADED);
  }

  @Test
  @Drives("health_check.recovery_threshold")
  void goodChecksInARowMakeItHealthyAgain() {
    HealthStatus[] fall = {
      HealthStatus.UNHEALTHY, HealthStatus.UNHEALTHY, HealthStatus.UNHEALTHY, HealthStatus.HEALTHY
    };
    assertThat(rounds(
            open(with("recovery_threshold", 1).check("told", CheckScope.DEPENDENCY, this::told)),
            fall))
        .endsWith(HealthStatus.UNHEALTHY, HealthStatus.HEALTHY);
    assertThat(rounds(open(defaults().check("told", CheckScope.DEPENDENCY, this::told)), fall))
        .endsWith(HealthStatus.UNHEALTHY, HealthStatus.UNHEALTHY);
  }

  /** The change is told as an event, which is refused when its text cannot be written. */
  @Test
  void whatAChecksSaysCanAlwaysBeWritten() {
    List<HealthChange> changes = new CopyOnWriteArrayList<>();
    String rocket = "\uD83D\uDE80";
    for (String message : List.of("x".repeat(999) + rocket, "half \uD83D of one", "end\0")) {
      Health health = open(defaults()
          .check("told", CheckScope.COMPONENT, () -> HealthResult.unhealthy(message))
          .onChange(changes::add));
      health.check();
    }
    assertThat(changes).hasSize(3).allSatisfy(change -> {
      assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(change.message()))
          .isTrue();
      assertThat(change.message()).doesNotContain("\0");
    });
  }

  @Test
  @Drives({"health_check.include_dependency_checks", "health_check.include_component_checks"})
  void eitherScopeCanBeLeftOut() {
    for (CheckScope left : CheckScope.values()) {
      String field = "include_" + left.name().toLowerCase(Locale.ROOT) + "_checks";
      HealthReport report = open(with(field, false)
              .check("a", CheckScope.DEPENDENCY, this::told)
              .check("b", CheckScope.COMPONENT, this::told))
          .report();
      assertThat(report.checks())
          .as(field)
          .singleElement()
          .satisfies(check -> assertThat(check.scope()).isNotEqualTo(left));
    }
    assertThat(open(defaults()
                .check("a", CheckScope.DEPENDENCY, this::told)
                .check("b", CheckScope.COMPONENT, this::told))
            .report()
            .checks())
        .hasSize(2);
  }

  @Test
  @Drives("health_check.enable_async_checks")
  void checksRunTogetherOrOneAfterTheOther() {
    assertThat(metEachOther(with("enable_async_checks", true))).isTrue();
    assertThat(metEachOther(Health.builder(Contract.of(
            HealthCheckContract.class,
            Map.of("enable_async_checks", false, "health_check_timeout_ms", 200)))))
        .isFalse();
  }

  private boolean metEachOther(Health.Builder builder) {
    CyclicBarrier both = new CyclicBarrier(2);
    HealthCheck meeting = () -> {
      both.await(30, TimeUnit.SECONDS);
      return HealthResult.healthy();
    };
    HealthReport report = open(builder
            .check("a", CheckScope.DEPENDENCY, meeting)
            .check("b", CheckScope.DEPENDENCY, meeting))
        .check();
    return report.checks().stream().allMatch(check -> check.status() == HealthStatus.HEALTHY);
  }

  @Test
  @Drives("health_check.aggregate_check_results")
  void thereIsOneStatusAndScoreOfAllUnlessSwitchedOff() {
    HealthCheck degraded = () -> HealthResult.degraded("slow");
    HealthReport all = open(defaults()
            .check("a", CheckScope.DEPENDENCY, this::told)
            .check("b", CheckScope.COMPONENT, degraded))
        .report();
    assertThat(all.status()).contains(HealthStatus.DEGRADED);
    assertThat(all.score()).hasValue(0.75);
    HealthReport each = open(with("aggregate_check_results", false)
            .check("a", CheckScope.DEPENDENCY, this::told))
        .report();
    assertThat(each.status()).isEmpty();
    assertThat(each.score()).isEmpty();
    assertThat(each.ready()).isTrue();
  }

  @Test
  @Drives("health_check.emit_health_events")
  void changesAreToldUnlessSwitchedOff() {
    for (boolean emits : new boolean[] {true, false}) {
      List<HealthChange> changes = new CopyOnWriteArrayList<>();
      Health health = open(with("emit_health_events", emits)
          .check("told", CheckScope.DEPENDENCY, this::told)
          .onChange(change -> {
            throw new IllegalStateException("a listener that fails");
          })
          .onChange(changes::add));
      assertThat(rounds(health, HealthStatus.HEALTHY, HealthStatus.HEALTHY, HealthStatus.UNHEALTHY))
          .endsWith(HealthStatus.DEGRADED);
      List<HealthChange> expected = List.of(
          new HealthChange("told", HealthStatus.UNKNOWN, HealthStatus.HEALTHY, "told so"),
          new HealthChange("told", HealthStatus.HEALTHY, HealthStatus.DEGRADED, "told so"));
      assertThat(changes).isEqualTo(emits ? expected : List.of());
    }
  }

  /** The status of all is told once a round, after those of the checks, and only when it is another one. */
  @Test
  void theStatusOfAllIsToldWhenItChanges() {
    for (boolean aggregates : new boolean[] {true, false}) {
      List<Object> changes = new CopyOnWriteArrayList<>();
      Health health = open(with("aggregate_check_results", aggregates)
          .check("good", CheckScope.COMPONENT, HealthResult::healthy)
          .check("told", CheckScope.DEPENDENCY, this::told)
          .onChange(new HealthListener() {
            @Override
            public void onChange(HealthChange change) {
              changes.add(change.check());
            }

            @Override
            public void onStatusChange(HealthStatusChange change) {
              changes.add(change);
            }
          }));
      rounds(health, HealthStatus.HEALTHY, HealthStatus.HEALTHY, HealthStatus.UNHEALTHY);
      HealthStatusChange first = new HealthStatusChange(HealthStatus.UNKNOWN, HealthStatus.HEALTHY);
      HealthStatusChange second =
          new HealthStatusChange(HealthStatus.HEALTHY, HealthStatus.DEGRADED);
      assertThat(changes)
          .isEqualTo(
              aggregates
                  ? List.of("good", "told", first, "told", second)
                  : List.of("good", "told", "told"));
    }
  }

  @Test
  @Drives("health_check.health_status_ttl_seconds")
  void aResultIsUsedUntilItIsTooOld() {
    Health health = open(with("health_status_ttl_seconds", 5)
        .nanoTime(nanos::get)
        .check("told", CheckScope.DEPENDENCY, this::told));
    assertThat(status(health.latest(), "told")).isEqualTo(HealthStatus.UNKNOWN);
    health.report();
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(5));
    health.report();
    assertThat(calls).hasValue(1);
    nanos.addAndGet(1);
    assertThat(status(health.latest(), "told")).isEqualTo(HealthStatus.UNKNOWN);
    assertThat(health.latest().ready()).isFalse();
    assertThat(status(health.report(), "told")).isEqualTo(HealthStatus.HEALTHY);
    assertThat(calls).hasValue(2);
    Health longer =
        open(defaults().nanoTime(nanos::get).check("told", CheckScope.DEPENDENCY, this::told));
    longer.report();
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(30));
    assertThat(status(longer.latest(), "told")).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  @Drives("health_check.health_check_interval_ms")
  void checksAreRepeatedAtTheInterval() {
    Health often = open(
        with("health_check_interval_ms", 1_000).check("told", CheckScope.DEPENDENCY, this::told));
    AtomicInteger seldom = new AtomicInteger();
    Health defaults = open(defaults().check("told", CheckScope.DEPENDENCY, () -> {
      seldom.incrementAndGet();
      return HealthResult.healthy();
    }));
    assertThat(calls).hasValue(0);
    often.report();
    defaults.report();
    await().atMost(Duration.ofSeconds(20)).until(() -> calls.get() >= 3);
    assertThat(seldom.get()).isLessThan(calls.get());
  }

  @Test
  void anErrorOfAListenerDoesNotEndTheRounds() {
    Health health = open(with("health_check_interval_ms", 1_000)
        .check("told", CheckScope.DEPENDENCY, this::told)
        .onChange(change -> {
          throw new LinkageError("a listener that cannot be linked");
        }));
    health.start();
    await().atMost(Duration.ofSeconds(20)).until(() -> calls.get() >= 2);
  }

  @Test
  void anErrorOfAListenerReachesNeitherWhoAsksNorKeepsItFromOthers() {
    List<HealthChange> told = new ArrayList<>();
    Health health = open(defaults()
        .check("told", CheckScope.DEPENDENCY, this::told)
        .onChange(change -> {
          throw new LinkageError("a listener that cannot be linked");
        })
        .onChange(told::add));
    assertThat(health.report().ready()).isTrue();
    assertThat(told).extracting(HealthChange::check).containsExactly("told");
  }

  @Test
  void aResultWithoutAMessageKeepsItsStatusAndTheOtherChecks() {
    HealthReport report = open(defaults()
            .check("mute", CheckScope.DEPENDENCY, TestingNulls::withoutMessage)
            .check("nameless", CheckScope.COMPONENT, TestingNulls::withNamelessDetail)
            .check("told", CheckScope.DEPENDENCY, this::told))
        .report();
    assertThat(report.check("mute").orElseThrow().result()).isEqualTo(HealthResult.unhealthy(""));
    assertThat(report.check("nameless").orElseThrow().result().message())
        .contains("NullPointerException");
    assertThat(status(report, "told")).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  @Drives("health_check.health_check_timeout_ms")
  void aCheckThatHangsIsAFailedOneAndHoldsNobodyUp() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    HealthCheck hanging = () -> {
      begun.incrementAndGet();
      boolean interrupted = true;
      while (interrupted) { // As a driver does, it does not mind interrupts.
        try {
          end.await();
          interrupted = false;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return HealthResult.healthy();
    };
    Health health = open(with("health_check_timeout_ms", 5_000)
        .check("hangs", CheckScope.COMPONENT, hanging)
        .check("told", CheckScope.DEPENDENCY, this::told));
    long start = System.nanoTime();
    HealthReport report = health.check();
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(took).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(60));
    assertThat(status(report, "told")).isEqualTo(HealthStatus.HEALTHY);
    assertThat(report.check("hangs").orElseThrow().result().message()).contains("5000 ms");
    assertThat(report.ready()).isTrue();
    for (int i = 0; i < 3; i++) {
      report = health.check();
    }
    assertThat(report.check("hangs").orElseThrow().result().message()).contains("still running");
    assertThat(status(report, "hangs")).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(begun).as("a check that hangs takes one thread").hasValue(1);
    end.countDown();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> status(health.check(), "hangs") == HealthStatus.HEALTHY);
  }

  @Test
  void whateverACheckThrowsIsAResultWithoutItsMessage() {
    HealthReport report = open(defaults()
            .check("exception", CheckScope.COMPONENT, () -> {
              throw new IllegalStateException(SECRET, new java.io.IOException(SECRET));
            })
            .check("error", CheckScope.COMPONENT, () -> {
              throw new StackOverflowError(SECRET);
            })
            .check("nothing", CheckScope.COMPONENT, TestingNulls::nothing)
            .check("told", CheckScope.DEPENDENCY, this::told))
        .report();
    assertThat(report.check("exception").orElseThrow().result().message())
        .isEqualTo("failed with java.lang.IllegalStateException, caused by java.io.IOException");
    assertThat(report.check("error").orElseThrow().result().message())
        .contains("StackOverflowError");
    assertThat(report.check("nothing").orElseThrow().result().message()).contains("nothing");
    assertThat(report.toString()).doesNotContain(SECRET);
    assertThat(report.ready()).isTrue();
  }

  @Test
  void secretsInWhatACheckFindsAreHidden() {
    HealthResult found = HealthResult.degraded("connecting with password=" + SECRET)
        .with("api_key", SECRET)
        .with("url", "https://x/?token=" + SECRET)
        .with("latency_ms", 12L)
        .with("nested", Map.of("secret", SECRET));
    Redactor redactor = Redactor.of(List.of("password", "api_key", "token", "secret"), "<gone>");
    HealthReport report = open(defaults()
            .redactor(redactor)
            .check("told", CheckScope.DEPENDENCY, () -> found))
        .report();
    assertThat(report.toString()).doesNotContain(SECRET).contains("<gone>");
    assertThat(report.check("told").orElseThrow().result().details())
        .containsEntry("latency_ms", 12L)
        .containsEntry("api_key", "<gone>");
    // A control: without a redactor it is there.
    assertThat(open(defaults().check("told", CheckScope.DEPENDENCY, () -> found))
            .report()
            .toString())
        .contains(SECRET);
  }

  @Test
  void reportsDoNotChange() {
    Map<String, Object> details = new HashMap<>(Map.of("a", 1));
    HealthResult result = new HealthResult(HealthStatus.HEALTHY, "", details);
    details.put("b", 2);
    assertThat(result.details()).containsOnlyKeys("a");
    Health health = open(defaults().check("told", CheckScope.DEPENDENCY, () -> result));
    HealthReport report = health.report();
    assertThatThrownBy(() -> report.checks().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> report.checks().get(0).result().details().put("x", 1))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void namesAreDifferent() {
    Health.Builder builder = defaults().check("told", CheckScope.DEPENDENCY, this::told);
    assertThatThrownBy(() -> builder.check("told", CheckScope.COMPONENT, this::told))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("told");
    assertThatThrownBy(() -> builder.check(" ", CheckScope.COMPONENT, this::told))
        .isInstanceOf(HoldfastException.class);
  }

  /** The event that tells of a change could not be published, and a line of the log would be two. */
  @ParameterizedTest
  @ValueSource(
      strings = {"nul\0", "two\nlines", "\u001b[31m", "half \uD83D", "\uDE80 half", "\u0085"})
  void aNameThatCannotBeWrittenIsRefused(String name) {
    assertThatThrownBy(() -> defaults().check(name, CheckScope.DEPENDENCY, this::told))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageStartingWith("The name of a health check must not hold ")
        .message()
        .doesNotContain(name)
        .contains("\\u");
  }

  @Test
  void isNotLiveWhenRoundsDoNotEndOrItIsClosed() {
    Health health =
        open(defaults().nanoTime(nanos::get).check("told", CheckScope.DEPENDENCY, this::told));
    assertThat(health.latest().live()).isTrue();
    assertThat(health.report().live()).isTrue();
    nanos.addAndGet(TimeUnit.MINUTES.toNanos(2));
    assertThat(health.latest().live()).isFalse();
    assertThat(health.report().live()).isTrue();
    health.close();
    assertThat(health.report().live()).isFalse();
    assertThat(health.report().ready()).isFalse();
    health.close();
  }

  @Test
  void manyWhoAskAtOnceShareARound() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    Health health = open(defaults().check("told", CheckScope.DEPENDENCY, () -> {
      asked.await(10, TimeUnit.SECONDS);
      return told();
    }));
    List<Thread> threads = new ArrayList<>();
    List<HealthReport> reports = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 16; i++) {
      Thread thread = new Thread(() -> reports.add(health.report()));
      thread.start();
      threads.add(thread);
    }
    asked.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(reports).hasSize(16).allMatch(HealthReport::ready);
    assertThat(calls).hasValue(1);
  }
}
