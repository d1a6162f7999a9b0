package dev.holdfast.telemetry.internal;

import dev.holdfast.contract.MetricsContract;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Registers meters as the metrics contract has it, and removes them in the end. Counters and gauges read numbers that are counted anyway, when
 * somebody looks at them. Safe for use by multiple threads.
 */
public final class Meters implements AutoCloseable {

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(3),
    Duration.ofMillis(10),
    Duration.ofMillis(30),
    Duration.ofMillis(100),
    Duration.ofMillis(300),
    Duration.ofSeconds(1),
    Duration.ofSeconds(3),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60)
  };
  private static final double[] COUNTS = {1, 2, 3, 5, 10, 30, 100};

  private final MeterRegistry registry;
  private final MetricsContract contract;
  private final Tags common;
  private final List<Meter> registered = new CopyOnWriteArrayList<>();
  private final ConcurrentHashMap<Meter.Id, Boolean> known = new ConcurrentHashMap<>();

  /** What others had registered before. Of two meters of the same name and tags Micrometer keeps the first: it is not ours to remove. */
  private final Set<Meter.Id> others;

  private final AtomicBoolean warned = new AtomicBoolean();
  private final Log log;

  /** A meter keeps its source only weakly. */
  private final List<DoubleSupplier> sources = new CopyOnWriteArrayList<>();

  private boolean closed;

  /**
   * No meter yet.
   *
   * @param common tags of all meters, keys and values in turn
   */
  public Meters(MeterRegistry registry, MetricsContract contract, List<String> common, Logs logs) {
    this.registry = registry;
    this.contract = contract;
    this.common = Tags.of(common.toArray(String[]::new));
    this.others =
        registry.getMeters().stream().map(Meter::getId).collect(Collectors.toUnmodifiableSet());
    this.log = logs.of(Meters.class);
  }

  private Tags tags(String... more) {
    return common.and(more);
  }

  private <M extends Meter> M keep(M meter) {
    if (known.putIfAbsent(meter.getId(), true) == null) {
      if (!others.contains(meter.getId())) {
        registered.add(meter);
      } else if (warned.compareAndSet(false, true)) {
        log.warn(
            "Meters such as {} are registered already and go on showing what they did: each"
                + " Holdfast on a registry needs a tag of its own",
            meter.getId());
      }
    }
    return meter;
  }

  /** A counter, if the contract has counters. */
  public void count(MeterName name, DoubleSupplier source, String... tags) {
    if (contract.enableCounters()) {
      sources.add(source);
      keep(FunctionCounter.builder(
              name.name(contract.metricsPrefix()), source, DoubleSupplier::getAsDouble)
          .description(name.says())
          .tags(tags(tags))
          .register(registry));
    }
  }

  /** A gauge, if the contract has gauges. */
  public void gauge(MeterName name, DoubleSupplier source, String... tags) {
    if (contract.enableGauges()) {
      sources.add(source);
      keep(Gauge.builder(name.name(contract.metricsPrefix()), source, DoubleSupplier::getAsDouble)
          .description(name.says())
          .baseUnit(name.unit())
          .tags(tags(tags))
          .register(registry));
    }
  }

  /** A timer with tags; registered once. Null at the end: what is registered then stays, since nobody removes it. */
  synchronized @Nullable Timer timer(MeterName name, List<String> tags) {
    if (closed) {
      return null;
    }
    Timer.Builder timer = Timer.builder(name.name(contract.metricsPrefix()))
        .description(name.says())
        .tags(tags(tags.toArray(String[]::new)))
        .distributionStatisticExpiry(Duration.ofMillis(contract.aggregationIntervalMs()));
    if (contract.enableHistograms()) {
      timer.serviceLevelObjectives(BUCKETS);
    }
    return keep(timer.register(registry));
  }

  /** A distribution of numbers, if the contract has histograms. */
  Optional<DistributionSummary> summary(MeterName name) {
    if (!contract.enableHistograms()) {
      return Optional.empty();
    }
    return Optional.of(keep(DistributionSummary.builder(name.name(contract.metricsPrefix()))
        .description(name.says())
        .tags(common)
        .serviceLevelObjectives(COUNTS)
        .distributionStatisticExpiry(Duration.ofMillis(contract.aggregationIntervalMs()))
        .register(registry)));
  }

  /** Removes what was registered; a listener of the registry that fails keeps no other meter in it. */
  @Override
  public void close() {
    removeAll(ended().iterator());
  }

  private synchronized List<Meter> ended() {
    closed = true;
    List<Meter> left = List.copyOf(registered);
    registered.clear();
    sources.clear();
    return left;
  }

  private void removeAll(Iterator<Meter> left) {
    while (left.hasNext()) {
      try {
        registry.remove(left.next());
      } catch (RuntimeException | Error e) {
        removeRest(left, e);
        throw e;
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // An exception cannot suppress itself.
  private void removeRest(Iterator<Meter> left, Throwable failure) {
    try {
      removeAll(left);
    } catch (RuntimeException | Error e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
  }
}
