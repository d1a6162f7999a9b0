package dev.holdfast;

import dev.holdfast.contract.MetricsContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.activity.ActivityListener;
import dev.holdfast.telemetry.internal.FailedOperations;
import dev.holdfast.telemetry.internal.Meters;
import dev.holdfast.telemetry.internal.ObservedActivities;
import dev.holdfast.telemetry.internal.TimedActivities;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where measurements and traces go: registries of Micrometer, which is needed among the dependencies only by those who use this class. Metrics
 * and traces reach OpenTelemetry through Micrometer's bridges. What is measured stands in docs/metrics.md. Immutable.
 *
 * <pre>{@code
 * Holdfast.builder().dataSource(pool).telemetry(Telemetry.to(meterRegistry).observing(observationRegistry)).build();
 * }</pre>
 */
public final class Telemetry {

  private final @Nullable MeterRegistry meters;
  private final @Nullable ObservationRegistry observations;
  private final List<String> tags;

  private Telemetry(
      @Nullable MeterRegistry meters,
      @Nullable ObservationRegistry observations,
      List<String> tags) {
    this.meters = meters;
    this.observations = observations;
    this.tags = List.copyOf(tags);
  }

  /** Meters. They are removed from the registry when the Holdfast is closed. */
  public static Telemetry to(MeterRegistry registry) {
    return new Telemetry(Objects.requireNonNull(registry, "registry"), null, List.of());
  }

  /** Observations only. */
  public static Telemetry observationsOnly(ObservationRegistry registry) {
    return new Telemetry(null, Objects.requireNonNull(registry, "registry"), List.of());
  }

  /**
   * The same with observations. Then the handlers of their registry make the timers, of the same names, so that nothing is timed twice: with
   * Spring Boot they do; otherwise give it Micrometer's {@code DefaultMeterObservationHandler}.
   */
  public Telemetry observing(ObservationRegistry registry) {
    return new Telemetry(meters, Objects.requireNonNull(registry, "registry"), tags);
  }

  /** The same with one more tag on everything, by which several Holdfasts of one process can be told apart. */
  public Telemetry tag(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    if (key.isBlank() || value.isBlank()) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "A tag needs a key and a value, not \"" + key + "\" and \"" + value + "\"");
    }
    List<String> more = new ArrayList<>(tags);
    more.add(key);
    more.add(value);
    return new Telemetry(meters, observations, more);
  }

  /** Makes what listens and registers; nothing is registered yet. */
  Instruments open(MetricsContract contract, Logs logs) {
    Meters registered = meters == null ? null : new Meters(meters, contract, tags, logs);
    List<ActivityListener> listeners = new ArrayList<>();
    boolean namespaces = contract.enableDetailedMetrics();
    if (observations != null) {
      listeners.add(
          new ObservedActivities(observations, contract.metricsPrefix(), tags, namespaces));
    } else if (registered != null && contract.enableTimers()) {
      listeners.add(new TimedActivities(registered, namespaces));
    }
    if (registered != null && contract.enableHistograms()) {
      listeners.add(new FailedOperations(registered));
    }
    return new Instruments(registered, listeners, logs);
  }
}
