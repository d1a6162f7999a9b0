package dev.holdfast.benchmarks.features;

import dev.holdfast.Holdfast;
import dev.holdfast.Telemetry;
import dev.holdfast.contract.Contracts;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.State;
import dev.holdfast.store.StateStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * One way to have states. Immutable.
 *
 * @param name for the tables
 * @param open opens it on a schema that is there
 */
record Variant(String name, BiFunction<DataSource, SchemaName, Opened> open) {

  private static final Map<String, Map<String, ?>> EVERYTHING_OFF = Map.of(
      "caching", Map.of("caching_enabled", false, "metrics_enabled", false),
      "circuit_breaker", Map.of("enabled", false),
      "event_bus", Map.of("event_bus_enabled", false),
      "health_check", Map.of("emit_health_events", false),
      "logging",
          Map.of(
              "enable_context_logging", false,
              "enable_correlation_tracking", false,
              "enable_log_redaction", false,
              "enable_async_logging", false),
      "metrics",
          Map.of(
              "enable_counters", false,
              "enable_gauges", false,
              "enable_histograms", false,
              "enable_timers", false),
      "security", Map.of("enable_redaction", false),
      "transaction", Map.of("enable_transaction_logging", false),
      "validation",
          Map.of("enable_schema_validation", false, "enable_constraint_validation", false));

  private static final Map<String, Map<String, ?>> MORE_ON = Map.of(
      "caching", Map.of("detailed_metrics", true),
      "metrics", Map.of("enable_detailed_metrics", true));

  /** The store without the facade around it: what was there before there were features. */
  static final Variant ALONE = new Variant("the store alone", (pool, schema) -> {
    StateStore store = StateStore.builder(pool).schema(schema).build();
    return new Opened(name -> store.state("features", name, Integer.class), store::close);
  });

  /** Every feature switched off by contract, with registries given all the same. */
  static final Variant OFF =
      new Variant("features off", (pool, schema) -> holdfast(pool, schema, EVERYTHING_OFF));

  /** Metrics and timers for each namespace, asynchronous logs, redaction. */
  static final Variant ON =
      new Variant("features on", (pool, schema) -> holdfast(pool, schema, MORE_ON));

  /** The library with nothing but its defaults, by classes of another build. */
  static final Variant BEFORE = new Variant("the build before", (pool, schema) -> {
    Holdfast holdfast =
        Holdfast.builder().dataSource(pool).schema(schema.value()).build();
    return new Opened(name -> holdfast.state("features", name, Integer.class), holdfast::close);
  });

  /** What this build can be. */
  static final List<Variant> OF_THIS_BUILD = List.of(ALONE, OFF, ON);

  static Variant named(String name) {
    return Stream.concat(OF_THIS_BUILD.stream(), Stream.of(BEFORE))
        .filter(variant -> variant.name.equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Opened holdfast(
      DataSource pool, SchemaName schema, Map<String, Map<String, ?>> contracts) {
    Holdfast holdfast = Holdfast.builder()
        .dataSource(pool)
        .schema(schema.value())
        .contracts(Contracts.of(contracts))
        .telemetry(Telemetry.to(new SimpleMeterRegistry()))
        .build();
    return new Opened(name -> holdfast.state("features", name, Integer.class), holdfast::close);
  }

  /** What hands out states. */
  @FunctionalInterface
  interface States {
    State<Integer> state(String name);
  }

  /**
   * States that are open.
   *
   * @param end closes them
   */
  record Opened(States states, Runnable end) implements AutoCloseable {

    @Override
    public void close() {
      end.run();
    }
  }
}
