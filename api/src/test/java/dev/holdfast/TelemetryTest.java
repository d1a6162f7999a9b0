package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.contract.Contract;
import dev.holdfast.contract.Drives;
import dev.holdfast.contract.MetricsContract;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.activity.Activities;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.activity.ActivityListener;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which activities become which timers and observations. */
public class TelemetryTest {

  private static final String SECRET = "hunter2-canary";

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ObservationRegistry observations = ObservationRegistry.create();
  private final List<Observation.Context> stopped = new CopyOnWriteArrayList<>();

  private static MetricsContract with(String field, Object value) {
    return Contract.of(MetricsContract.class, Map.of(field, value));
  }

  private static MetricsContract defaults() {
    return Contract.defaults(MetricsContract.class);
  }

  private void read(Telemetry telemetry, MetricsContract contract) {
    ActivityListener listener =
        telemetry.open(contract, Logs.standard()).listener().orElse(activity -> failure -> {});
    listener.begun(Activity.ofState("get", "trips")).ended(null);
  }

  @Test
  @Drives("metrics.enable_timers")
  void timersCanBeLeftOut() {
    read(Telemetry.to(meters), with("enable_timers", false));
    assertThat(meters.find("onex.state.operation").timer()).isNull();
    read(Telemetry.to(meters), defaults());
    assertThat(meters.get("onex.state.operation").timer().count()).isEqualTo(1);
  }

  @Test
  @Drives("metrics.enable_detailed_metrics")
  void timersTellNamespacesApartWhenAskedTo() {
    read(Telemetry.to(meters), defaults());
    assertThat(meters.get("onex.state.operation").timer().getId().getTag("namespace"))
        .isNull();
    meters.clear();
    read(Telemetry.to(meters), with("enable_detailed_metrics", true));
    assertThat(
            meters.get("onex.state.operation").tag("namespace", "trips").timer().count())
        .isEqualTo(1);
  }

  @Test
  void nobodyListensWhenNothingIsToBeToldOfActivities() {
    MetricsContract nothing = Contract.of(
        MetricsContract.class, Map.of("enable_timers", false, "enable_histograms", false));
    assertThat(Telemetry.to(meters).open(nothing, Logs.standard()).listener()).isEmpty();
  }

  @Test
  void everythingHasTheTagsThatTheApplicationGives() {
    read(Telemetry.to(meters).tag("instance", "orders"), defaults());
    assertThat(
            meters.get("onex.state.operation").tag("instance", "orders").timer().count())
        .isEqualTo(1);
    assertThatThrownBy(() -> Telemetry.to(meters).tag("instance", " "))
        .isInstanceOf(HoldfastException.class);
  }

  private Activities observing() {
    observations.observationConfig().observationHandler(new Recorder());
    return new Activities(
        Telemetry.observationsOnly(observations)
            .open(defaults(), Logs.standard())
            .listener()
            .orElseThrow(),
        Logs.standard());
  }

  /** Keeps what ended. */
  private final class Recorder implements ObservationHandler<Observation.Context> {

    @Override
    public void onStop(Observation.Context context) {
      stopped.add(context);
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return true;
    }
  }

  private Observation.Context ended(String name) {
    return stopped.stream()
        .filter(context -> name.equals(context.getName()))
        .findFirst()
        .orElseThrow();
  }

  private static @Nullable Object parent(Observation.Context context) {
    return context.getParentObservation() == null
        ? null
        : context.getParentObservation().getContextView();
  }

  @Test
  void activitiesAreNestedInTheirThread() {
    Activities activities = observing();
    int value = activities.<Integer, RuntimeException>run(
        Activity.of(ActivityKind.TRANSACTION, "SERIALIZABLE"),
        () -> activities.<Integer, RuntimeException>run(Activity.ofState("get", "trips"), () -> 4));
    assertThat(value).isEqualTo(4);
    assertThat(parent(ended("onex.state.operation"))).isSameAs(ended("onex.transaction.run"));
    assertThat(parent(ended("onex.transaction.run"))).isNull();
    assertThat(observations.getCurrentObservation()).isNull();
  }

  @Test
  void whatAnEffectTransactionDoesInOtherThreadsBelongsToIt() throws InterruptedException {
    Activities activities = observing();
    activities.<Boolean, InterruptedException>run(
        Activity.of(ActivityKind.EFFECT, "book-trip", "book-trip/trip-42"), () -> {
          Thread branch = new Thread(() -> activities.<Boolean, RuntimeException>run(
              Activity.of(ActivityKind.PERFORM, "flight.book", "book-trip/trip-42"), () -> true));
          branch.start();
          branch.join();
          return true;
        });
    Observation.Context perform = ended("onex.effect.operation");
    assertThat(parent(perform)).isSameAs(ended("onex.effect.run"));
    assertThat(perform.getLowCardinalityKeyValues().stream().map(Object::toString))
        .noneMatch(pair -> pair.contains("trip-42"));
    assertThat(value(perform.getHighCardinalityKeyValue("holdfast.effect.id")))
        .isEqualTo("book-trip/trip-42");
    // Once it has ended, nothing belongs to it any more.
    activities.<Boolean, RuntimeException>run(
        Activity.of(ActivityKind.PERFORM, "later", "book-trip/trip-42"), () -> true);
    assertThat(parent(stopped.get(stopped.size() - 1))).isNull();
  }

  /** Handlers belong to the application, and so does the thread, whose next observations must not be taken for parts of this one. */
  @ParameterizedTest
  @ValueSource(strings = {"onStart", "onScopeOpened", "onScopeClosed", "onError", "onStop"})
  void aHandlerThatFailsLeavesNothingBehind(String failing) {
    Activities activities = observing();
    observations.observationConfig().observationHandler(new Failing(failing));
    observations.observationConfig().observationHandler(new Recorder());
    Observation own = Observation.start("own", observations);
    try (Observation.Scope scope = own.openScope()) {
      assertThatThrownBy(() -> activities.run(Activity.ofState("get", "trips"), () -> {
            throw new IllegalStateException("the work's own");
          }))
          .hasMessage("the work's own");
      assertThat(observations.getCurrentObservationScope()).isSameAs(scope);
    }
    assertThat(ended("onex.state.operation")).isNotNull();
    assertThat(observations.getCurrentObservation()).isNull();
  }

  /** A handler that fails in one of its methods, for what Holdfast observes. */
  private record Failing(String method) implements ObservationHandler<Observation.Context> {

    private void fail(String in, Observation.Context context) {
      if (in.equals(method) && !"own".equals(context.getName())) {
        throw new AssertionError(in);
      }
    }

    @Override
    public void onStart(Observation.Context context) {
      fail("onStart", context);
    }

    @Override
    public void onScopeOpened(Observation.Context context) {
      fail("onScopeOpened", context);
    }

    @Override
    public void onScopeClosed(Observation.Context context) {
      fail("onScopeClosed", context);
    }

    @Override
    public void onError(Observation.Context context) {
      fail("onError", context);
    }

    @Override
    public void onStop(Observation.Context context) {
      fail("onStop", context);
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return true;
    }
  }

  @Test
  void aFailureIsShownWithoutWhatItSays() {
    Activities activities = observing();
    assertThatThrownBy(() -> activities.run(Activity.ofState("get", "trips"), () -> {
          throw new IllegalStateException(SECRET, new java.io.IOException(SECRET));
        }))
        .hasMessage(SECRET);
    Observation.Context context = ended("onex.state.operation");
    assertThat(Optional.ofNullable(context.getError())).get().satisfies(error -> {
      assertThat(error).hasMessageContaining("IOException").hasNoCause();
      assertThat(error.toString()).doesNotContain(SECRET);
      assertThat(error.getStackTrace()).isNotEmpty();
    });
    assertThat(value(context.getLowCardinalityKeyValue("outcome"))).isEqualTo("failure");
  }

  @Test
  void withObservationsTheirHandlersMakeTheTimersAndNothingIsTimedTwice() {
    observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
    read(Telemetry.to(meters).observing(observations), defaults());
    assertThat(meters.get("onex.state.operation").timers())
        .singleElement()
        .satisfies(timer -> assertThat(timer.count()).isEqualTo(1));
  }

  private static String value(@Nullable KeyValue found) {
    assertThat(found).isNotNull();
    return found == null ? "" : found.getValue();
  }
}
