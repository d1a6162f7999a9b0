package dev.holdfast;

import dev.holdfast.cache.CacheTotals;
import dev.holdfast.compute.Computations;
import dev.holdfast.contract.Contracts;
import dev.holdfast.effect.Effects;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.event.EventBus;
import dev.holdfast.health.Health;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.LogSettings;
import dev.holdfast.logging.Logs;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.internal.Closing;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.validation.Validation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What a builder was told, and how a Holdfast is made of it: part by part, each of which is closed again when a later one fails. Confined to
 * one thread.
 */
final class Opening {

  private static final int DEFAULT_POOL = 10;

  @Nullable
  DataSource dataSource;

  @Nullable
  JdbcAddress address;

  @Nullable
  Path folder;

  int poolSize = DEFAULT_POOL;
  SchemaName schema = SchemaName.DEFAULT;
  MigrationMode mode = MigrationMode.MIGRATE;

  @Nullable
  JsonLimits limits;

  @Nullable
  Contracts contracts;

  Validation validation = Validation.none();

  @Nullable
  Integer deltasPerSnapshot;

  @Nullable
  Duration contentionTimeout;

  @Nullable
  Duration closePatience;

  @Nullable
  ReadCacheOptions readCache;

  UnaryOperator<Effects.Builder> effects = UnaryOperator.identity();
  UnaryOperator<Health.Builder> health = UnaryOperator.identity();

  @Nullable
  Telemetry telemetry;

  /**
   * What was opened.
   *
   * @param caches what the compute caches count together
   */
  record Parts(
      Logs logs,
      Source source,
      StateStore store,
      Effects effects,
      EventBus events,
      Computations computations,
      CacheTotals caches,
      TransactionRules rules) {}

  /** Opens everything, or nothing. */
  Holdfast open() {
    Undo undo = new Undo();
    try {
      return open(undo);
    } catch (RuntimeException | Error e) {
      undo.run(e);
      throw e;
    }
  }

  private Holdfast open(Undo undo) {
    Source source = source();
    undo.later(source::close);
    Logs logs = new Logs(logSettings());
    undo.later(logs::close);
    migrate(source.migrationDataSource(), logs);
    Instruments instruments =
        telemetry == null ? null : telemetry.open(contractsOrDefaults().metrics(), logs);
    if (instruments != null) {
      undo.later(instruments::close);
    }
    StateStore store = openStore(source, logs, instruments);
    undo.later(store::close);
    Effects opened = openEffects(store, source.dataSource(), logs);
    undo.later(opened::close);
    EventBus events = openEvents(store, logs);
    undo.later(events::close);
    CacheTotals caches = new CacheTotals();
    Computations computations = Computations.builder()
        .cache(contractsOrDefaults().caching().computeCache().newCache(caches))
        .logs(logs)
        .build();
    undo.later(computations::close);
    TransactionRules rules =
        new TransactionRules(contracts == null ? null : contracts.transaction(), logs);
    Parts parts = new Parts(logs, source, store, opened, events, computations, caches, rules);
    Watching watching = Watching.open(parts, watchingSettings(source), instruments);
    return new Holdfast(parts, watching, schema, contractsOrDefaults());
  }

  private Source source() {
    int given = (dataSource == null ? 0 : 1) + (address == null ? 0 : 1) + (folder == null ? 0 : 1);
    if (given != 1) {
      throw invalid(
          "give exactly one of dataSource, jdbcUrl and embedded; " + given + " were given");
    }
    if (dataSource != null) {
      return Source.of(dataSource);
    }
    return address != null
        ? PooledSource.open(address, poolSize)
        : Source.embedded(requireFolder(), poolSize);
  }

  private Path requireFolder() {
    if (folder == null) {
      throw invalid("the folder of the embedded server is missing");
    }
    return folder;
  }

  /** Without contracts, lines are text and written by the caller, as those of other libraries are. */
  private LogSettings logSettings() {
    return contracts == null
        ? LogSettings.STANDARD
        : contracts.logging().settings(contracts.security().redactionPlaceholder());
  }

  private void migrate(DataSource opened, Logs logs) {
    Migrations migrations = Migrations.of(opened, schema);
    Log log = logs.of(Holdfast.class);
    switch (mode) {
      case MIGRATE -> {
        migrations.migrate();
        if (contracts != null) {
          new AuditRedaction(migrations, contracts.security(), log).set();
        }
      }
      case VALIDATE -> {
        migrations.validate();
        new AuditRedaction(migrations, contractsOrDefaults().security(), log).check();
      }
      case OFF -> {}
    }
  }

  private StateStore openStore(Source source, Logs logs, @Nullable Instruments instruments) {
    StateStore.Builder builder = StateStore.builder(source.dataSource())
        .schema(schema)
        .limits(limits())
        .rules(validation.rules(contractsOrDefaults().validation()))
        .logs(logs)
        .redactor(redactor())
        .readCache(readCache())
        .watchDataSource(source.watchDataSource());
    if (instruments != null) {
      instruments.listener().ifPresent(builder::listener);
    }
    if (deltasPerSnapshot != null) {
      builder.deltasPerSnapshot(deltasPerSnapshot);
    }
    if (contentionTimeout != null) {
      builder.contentionTimeout(contentionTimeout);
    }
    if (closePatience != null) {
      builder.closePatience(closePatience);
    }
    return builder.build();
  }

  private Effects openEffects(StateStore store, DataSource opened, Logs logs) {
    Effects.Builder builder = Effects.builder(store, opened)
        .schema(schema)
        .limits(limits())
        .logs(logs)
        .redactor(redactor());
    if (closePatience != null) {
      builder.closePatience(closePatience);
    }
    if (contracts != null) {
      EffectRules.apply(contracts, builder);
    }
    return effects.apply(builder).build();
  }

  private EventBus openEvents(StateStore store, Logs logs) {
    return new EventBus(
        contractsOrDefaults().eventBus(), store.changes(), logs, redactor(), limits());
  }

  private Watching.Settings watchingSettings(Source source) {
    SchemaCheck tables =
        mode == MigrationMode.OFF ? null : new SchemaCheck(source.migrationDataSource(), schema);
    return new Watching.Settings(contractsOrDefaults(), readCache(), tables, health);
  }

  private Contracts contractsOrDefaults() {
    return contracts == null ? Contracts.defaults() : contracts;
  }

  private Redactor redactor() {
    return contractsOrDefaults().security().redactor();
  }

  private ReadCacheOptions readCache() {
    if (readCache != null) {
      return readCache;
    }
    return contracts == null ? ReadCacheOptions.defaults() : contracts.caching().readCache();
  }

  private JsonLimits limits() {
    if (limits != null) {
      return limits;
    }
    return contracts == null ? JsonLimits.DEFAULT : contracts.security().limits();
  }

  static HoldfastException invalid(String message) {
    return new HoldfastException(ErrorCode.CONFIGURATION, "Holdfast: " + message);
  }

  /** What has to be closed when the rest cannot be opened. */
  private static final class Undo {

    private final Deque<Runnable> closings = new ArrayDeque<>();

    void later(Runnable closing) {
      closings.push(closing);
    }

    /** Closes what was opened last first; what fails then is kept with the failure. */
    void run(Throwable failure) {
      Closing.after(failure, List.copyOf(closings));
    }
  }
}
