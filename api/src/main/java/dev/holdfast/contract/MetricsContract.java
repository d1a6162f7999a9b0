package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import java.util.Locale;

/**
 * What is measured. Immutable.
 *
 * @param metricsBackend where metrics go, {@code prometheus} by default; not used yet
 * @param enableHistograms whether there are histograms, {@code true} by default; not used yet
 * @param enableCounters whether there are counters, {@code true} by default; not used yet
 * @param enableGauges whether there are gauges, {@code true} by default; not used yet
 * @param enableTimers whether there are timers, {@code true} by default; not used yet
 * @param metricsPrefix what names of metrics begin with, {@code onex} by default; not used yet
 * @param metricsPort where metrics are fetched; 1024 to 65535, {@code 9090} by default; not used yet
 * @param enableDetailedMetrics whether there are metrics for each state, {@code false} by default; not used yet
 * @param aggregationIntervalMs over how long metrics are aggregated, in milliseconds; 1000 to 300000, {@code 60000} by default; not used
 *     yet
 */
@Section("metrics")
public record MetricsContract(
    @Field(value = "prometheus", planned = true, says = "where metrics go")
    Backend metricsBackend,

    @Field(value = "true", planned = true, says = "whether there are histograms")
    boolean enableHistograms,

    @Field(value = "true", planned = true, says = "whether there are counters")
    boolean enableCounters,

    @Field(value = "true", planned = true, says = "whether there are gauges")
    boolean enableGauges,

    @Field(value = "true", planned = true, says = "whether there are timers")
    boolean enableTimers,

    @Field(value = "onex", min = 1, planned = true, says = "what names of metrics begin with")
    String metricsPrefix,

    @Field(
        value = "9090",
        min = 1024,
        max = 65535,
        planned = true,
        says = "where metrics are fetched")
    int metricsPort,

    @Field(value = "false", planned = true, says = "whether there are metrics for each state")
    boolean enableDetailedMetrics,

    @Field(
        value = "60000",
        min = 1000,
        max = 300000,
        planned = true,
        says = "over how long metrics are aggregated, in milliseconds")
    int aggregationIntervalMs)
    implements Contract {

  /** The version of these fields and rules. */
  public static final SemanticVersion INTERFACE_VERSION = SemanticVersion.of(1, 0, 0);

  /** Checks every field, then the rules between them. */
  public MetricsContract {
    Checks.of(
            MetricsContract.class,
            metricsBackend,
            enableHistograms,
            enableCounters,
            enableGauges,
            enableTimers,
            metricsPrefix,
            metricsPort,
            enableDetailedMetrics,
            aggregationIntervalMs)
        .verify();
  }

  /** Where metrics go. */
  public enum Backend {
    /** Prometheus. */
    PROMETHEUS,
    /** OpenTelemetry. */
    OPENTELEMETRY,
    /** StatsD. */
    STATSD;

    /** The name in YAML. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
