package dev.holdfast.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.contract.Contract;
import dev.holdfast.contract.Drives;
import dev.holdfast.contract.MetricsContract;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.activity.Activities;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.activity.ActivityListener;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is registered and recorded, without a database. */
public class MetersTest {

  private final MockClock clock = new MockClock();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);

  private Meters meters(String field, Object value) {
    return new Meters(
        registry,
        Contract.of(MetricsContract.class, Map.of(field, value)),
        List.of(),
        Logs.standard());
  }

  private Meters meters() {
    return new Meters(
        registry, Contract.defaults(MetricsContract.class), List.of(), Logs.standard());
  }

  private List<String> names() {
    return registry.getMeters().stream()
        .map(meter -> meter.getId().getName())
        .filter(name -> !name.endsWith(".histogram")) // This registry shows buckets as gauges.
        .toList();
  }

  /** One meter of each type. */
  private void use(Meters meters) {
    meters.count(MeterName.STATE_GETS, () -> 7);
    meters.gauge(MeterName.BREAKERS_OPEN, () -> 2);
    done(new TimedActivities(meters, false), Activity.ofState("get", "trips"));
    new FailedOperations(meters);
  }

  private static void done(ActivityListener listener, Activity activity) {
    listener.begun(activity).ended(null);
  }

  /** The close patience may end before what is under way does. */
  @Test
  void whatEndsAfterTheClosingRegistersNothing() {
    Meters meters = meters();
    TimedActivities timed = new TimedActivities(meters, false);
    ActivityListener.Ending late = timed.begun(Activity.ofState("get", "trips"));
    meters.close();
    late.ended(null);
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  @Drives({"metrics.enable_counters", "metrics.enable_gauges"})
  void countersAndGaugesCanBeLeftOut() {
    use(meters("enable_counters", false));
    assertThat(names()).doesNotContain("onex.state.gets").contains("onex.breaker.open");
    registry.clear();
    use(meters("enable_gauges", false));
    assertThat(names()).contains("onex.state.gets").doesNotContain("onex.breaker.open");
    registry.clear();
    use(meters());
    assertThat(registry.get("onex.state.gets").functionCounter().count()).isEqualTo(7);
    assertThat(registry.get("onex.breaker.open").gauge().value()).isEqualTo(2);
  }

  @Test
  @Drives("metrics.enable_histograms")
  void bucketsAndDistributionsCanBeLeftOut() {
    use(meters("enable_histograms", false));
    assertThat(names()).doesNotContain("onex.transaction.failed_operation_count");
    assertThat(timer().takeSnapshot().histogramCounts()).isEmpty();
    registry.clear();
    use(meters());
    assertThat(names()).contains("onex.transaction.failed_operation_count");
    assertThat(timer().takeSnapshot().histogramCounts()).hasSizeGreaterThanOrEqualTo(10);
  }

  private Timer timer() {
    return registry.get("onex.state.operation").timer();
  }

  @Test
  @Drives("metrics.metrics_prefix")
  void namesBeginWithThePrefix() {
    use(meters("metrics_prefix", "acme.holdfast"));
    assertThat(names()).hasSize(4).allMatch(name -> name.startsWith("acme.holdfast."));
  }

  @Test
  @Drives("metrics.aggregation_interval_ms")
  void theLargestIsForgottenAfterTheInterval() {
    assertThat(maximumAfter(Duration.ofSeconds(30), meters("aggregation_interval_ms", 10_000)))
        .isZero();
    registry.clear();
    assertThat(maximumAfter(Duration.ofSeconds(30), meters())).isEqualTo(5);
  }

  private double maximumAfter(Duration time, Meters meters) {
    Timer timer = Objects.requireNonNull(
        meters.timer(MeterName.STATE_OPERATION, List.of("operation", "get")));
    timer.record(5, TimeUnit.SECONDS);
    assertThat(timer.max(TimeUnit.SECONDS)).isEqualTo(5);
    clock.add(time);
    return timer.max(TimeUnit.SECONDS);
  }

  @Test
  void whatEndedIsTimedByHowItEnded() {
    ActivityListener timed = new TimedActivities(meters(), false);
    Activities activities = new Activities(timed, Logs.standard());
    Activity run = Activity.of(ActivityKind.TRANSACTION, "SERIALIZABLE");
    assertThat(activities.<Integer, RuntimeException>run(run, () -> 3)).isEqualTo(3);
    assertThatThrownBy(() -> activities.run(run, () -> {
          throw new HoldfastException(ErrorCode.CONFLICT, "changed");
        }))
        .hasMessage("changed");
    assertThatThrownBy(() -> activities.run(run, () -> {
          throw new IllegalStateException("mine");
        }))
        .hasMessage("mine");
    assertThat(registry.get("onex.transaction.run").timers().stream()
            .collect(Collectors.toMap(
                timer -> timer.getId().getTag("isolation") + " " + timer.getId().getTag("outcome"),
                Timer::count)))
        .isEqualTo(Map.of(
            "serializable success", 1L, "serializable conflict", 1L, "serializable failure", 1L));
  }

  @Test
  void aFailingListenerChangesNothing() {
    Activity run = Activity.of(ActivityKind.TRANSACTION, "SERIALIZABLE");
    Activities beginning = new Activities(
        activity -> {
          throw new IllegalStateException("at the beginning");
        },
        Logs.standard());
    Activities end = new Activities(
        activity -> failure -> {
          throw new IllegalStateException("at the end");
        },
        Logs.standard());
    assertThat(beginning.<Integer, RuntimeException>run(run, () -> 1)).isEqualTo(1);
    assertThat(end.<Integer, RuntimeException>run(run, () -> 2)).isEqualTo(2);
    assertThatThrownBy(() -> end.run(run, () -> {
          throw new IllegalArgumentException("the work's own");
        }))
        .hasMessage("the work's own");
  }

  /** Case 17 of the original: one, two and three failing compensations. */
  @Test
  void failedOperationsAreCountedForEachEffectTransaction() {
    FailedOperations failed = new FailedOperations(meters());
    Activity rollback = Activity.of(ActivityKind.ROLLBACK, "book-trip", "book-trip/1");
    for (int failures = 1; failures <= 3; failures++) {
      failed.begun(rollback).ended(TestingFailures.rollback(failures));
    }
    failed.begun(rollback).ended(null);
    failed
        .begun(Activity.of(ActivityKind.EFFECT, "book-trip", "book-trip/1"))
        .ended(new EffectRollbackException(new EffectId("book-trip", "1"), "why", List.of(), null));
    DistributionSummary summary =
        registry.get("onex.transaction.failed_operation_count").summary();
    assertThat(summary.count()).isEqualTo(3);
    assertThat(summary.max()).isEqualTo(3);
    assertThat(summary.mean()).isEqualTo(2);
  }

  @Test
  void namespacesAreToldApartWhenAskedForAndOnlyAHundred() {
    ActivityListener plain = new TimedActivities(meters(), false);
    done(plain, Activity.ofState("get", "trips"));
    assertThat(timer().getId().getTag("namespace")).isNull();
    registry.clear();
    ActivityListener detailed = new TimedActivities(meters(), true);
    for (int i = 0; i < 1_000; i++) {
      done(detailed, Activity.ofState("get", "tenant-" + i));
    }
    assertThat(registry.get("onex.state.operation").timers()).hasSize(101);
    assertThat(registry
            .get("onex.state.operation")
            .tag("namespace", "other")
            .timer()
            .count())
        .isEqualTo(900);
  }

  @Test
  void idsInNamesDoNotFloodTheRegistry() {
    ActivityListener timed = new TimedActivities(meters(), false);
    for (int i = 0; i < 1_000; i++) {
      done(timed, Activity.of(ActivityKind.EFFECT, "book-trip-" + i, "id-" + i));
      done(timed, Activity.of(ActivityKind.PERFORM, "flight.book", "id-" + i));
    }
    assertThat(names()).hasSizeBetween(100, 102);
    assertThat(registry.getMeters().stream()
            .map(Meter::getId)
            .map(Object::toString)
            .filter(id -> id.contains("id-")))
        .isEmpty();
  }

  @Test
  void closingRemovesWhatWasRegisteredAndNothingElse() {
    registry.counter("somebody.elses");
    Meters meters = meters();
    use(meters);
    assertThat(registry.getMeters()).hasSizeGreaterThan(4);
    meters.close();
    assertThat(names()).containsExactly("somebody.elses");
  }

  /** Two of the same name and tags are one in Micrometer, and belong to who registered it. */
  @Test
  void whoSharesTheMetersOfAnotherSaysSoAndLeavesThem() {
    Logger logger = (Logger) LoggerFactory.getLogger(Meters.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    use(meters());
    List<String> before = names();
    assertThat(lines.list).isEmpty();

    Meters second = meters();
    use(second);
    second.gauge(MeterName.POOL_ACTIVE, () -> 1);
    second.close();
    logger.detachAppender(lines);

    assertThat(names()).isEqualTo(before);
    assertThat(registry.get("onex.state.gets").functionCounter().count()).isEqualTo(7);
    assertThat(lines.list)
        .singleElement()
        .satisfies(line ->
            assertThat(line.getFormattedMessage()).contains("onex.state.gets", "a tag of its own"));
  }
}
