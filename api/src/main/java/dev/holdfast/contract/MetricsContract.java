package dev.holdfast.contract;

import dev.holdfast.contract.internal.Checks;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.Section;
import java.util.Locale;

/**
 * What is measured. Immutable.
 *
 * @param metricsBackend where metrics go, {@code prometheus} by default
 * @param enableHistograms whether timers have buckets, and there are distributions, {@code true} by default
 * @param enableCounters whether there are counters, {@code true} by default
 * @param enableGauges whether there are gauges, {@code true} by default
 * @param enableTimers whether there are timers, {@code true} by default
 * @param metricsPrefix what names of metrics begin with, {@code onex} by default
 * @param metricsPort where metrics are fetched; 1024 to 65535, {@code 9090} by default
 * @param enableDetailedMetrics whether timers tell the first 100 namespaces apart, {@code false} by default
 * @param aggregationIntervalMs over how long maxima and percentiles are aggregated, in milliseconds; 1000 to 300000, {@code 60000} by default
 */
@Section("metrics")
public record MetricsContract(
    @Field(
        value = "prometheus",
        only = "prometheus",
        because = "the MeterRegistry that the application gives decides where metrics go",
        says = "where metrics go")
    Backend metricsBackend,

    @Field(value = "true", says = "whether timers have buckets, and there are distributions")
    boolean enableHistograms,

    @Field(value = "true", says = "whether there are counters")
    boolean enableCounters,

    @Field(value = "true", says = "whether there are gauges")
    boolean enableGauges,

    @Field(value = "true", says = "whether there are timers")
    boolean enableTimers,

    @Field(value = "onex", min = 1, says = "what names of metrics begin with")
    String metricsPrefix,

    @Field(
        value = "9090",
        min = 1024,
        max = 65535,
        only = "9090",
        because = "the application serves what its MeterRegistry holds; no port is opened",
        says = "where metrics are fetched")
    int metricsPort,

    @Field(value = "false", says = "whether timers tell the first 100 namespaces apart")
    boolean enableDetailedMetrics,

    @Field(
        value = "60000",
        min = 1000,
        max = 300000,
        says = "over how long maxima and percentiles are aggregated, in milliseconds")
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
