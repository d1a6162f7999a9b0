package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.activity.Activities;
import dev.holdfast.store.activity.ActivityListener;
import dev.holdfast.store.cache.Announcements;
import dev.holdfast.store.cache.NamespaceReads;
import dev.holdfast.store.cache.ReadCacheMetrics;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.cache.internal.ReadCache;
import dev.holdfast.store.cache.internal.WatchLink;
import dev.holdfast.store.feed.ChangeFeed;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.Closing;
import dev.holdfast.store.internal.Durations;
import dev.holdfast.store.internal.Engine;
import dev.holdfast.store.internal.FeedConsumers;
import dev.holdfast.store.internal.FeedStore;
import dev.holdfast.store.internal.ForkStore;
import dev.holdfast.store.internal.GroupCommit;
import dev.holdfast.store.internal.HistoryReader;
import dev.holdfast.store.internal.PooledSession;
import dev.holdfast.store.internal.Reader;
import dev.holdfast.store.internal.ServerCheck;
import dev.holdfast.store.internal.TagStore;
import dev.holdfast.store.internal.TransactionWriter;
import dev.holdfast.store.internal.Writer;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.json.internal.TextRules;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionMetrics;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.store.transaction.TransactionWork;
import dev.holdfast.store.validation.ValueRules;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Hands out the states of one schema. The tables must be there, see {@link dev.holdfast.migrations.Migrations}. Safe for use by multiple
 * threads; one store serves a whole application.
 *
 * <p>Making a {@link State} object does no I/O. Objects of the same state are interchangeable; keeping one saves the repeated work of
 * finding out that the state exists, and lets {@link State#snapshot()} read only what has changed since the last one.
 */
public final class StateStore implements AutoCloseable {

  private static final int MAX_STATES_A_PAGE = 10_000;

  private final PooledSession session;
  private final GroupCommit groupCommit;
  private final Core core;
  private final ChangeFeed changes;
  private final Duration closePatience;
  private final Log log;

  private StateStore(Builder builder) {
    this.session = new PooledSession(builder.dataSource);
    this.closePatience = builder.closePatience;
    this.log = builder.logs.of(StateStore.class);
    this.changes = new ChangeFeed(
        session,
        new FeedStore(builder.schema),
        new FeedConsumers(builder.schema),
        builder.logs,
        builder.redactor,
        builder.closePatience);
    Writer writer = new Writer(builder.schema, builder.deltasPerSnapshot);
    this.groupCommit =
        new GroupCommit(session, writer, builder.schema, builder.writeQueueTimeout, builder.logs);
    this.core = new Core(
        new Engine(session, writer, builder.logs),
        builder.groupsCommits ? groupCommit::write : groupCommit::writeAlone,
        new Reader(builder.schema),
        new HistoryReader(builder.schema),
        writer,
        new TransactionWriter(builder.schema, writer),
        new TagStore(builder.schema),
        new ForkStore(builder.schema),
        new Transactions(session, new Engine(session.looks(), writer, builder.logs)),
        builder.limits,
        builder.rules,
        new Retries(builder.contentionTimeout),
        new Counters(null),
        cache(builder),
        builder.ids,
        builder.keepsSnapshots,
        builder.redactor,
        builder.listener == null ? null : new Activities(builder.listener, builder.logs));
  }

  private static ReadCache cache(Builder builder) {
    DataSource direct =
        builder.watchDataSource == null ? builder.dataSource : builder.watchDataSource;
    boolean listens = builder.readCache.announcements() != Announcements.NEVER;
    return new ReadCache(
        builder.readCache,
        () -> WatchLink.open(direct, builder.schema, listens),
        builder.logs.of(ReadCache.class));
  }

  /** A builder with working defaults. */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource);
  }

  /** A state whose values are JSON trees. */
  public State<JsonNode> state(String namespace, String name) {
    return state(namespace, name, JacksonCodec.tree());
  }

  /** A state whose values are of one Java type. */
  public <V> State<V> state(String namespace, String name, Class<V> type) {
    return state(namespace, name, JacksonCodec.of(type));
  }

  /** A state whose values are turned into JSON and back by a codec. */
  public <V> State<V> state(String namespace, String name, Codec<V> codec) {
    return new StoredState<>(
        Shared.pooled(new StateId(namespace, name), core, codec), new Author(null, null));
  }

  /** A state seen as one record; each component is a key. */
  public <R extends Record> RecordState<R> record(Class<R> type, String namespace, String name) {
    return RecordState.of(type, state(namespace, name));
  }

  /**
   * Runs work on several states in one database transaction: all of it is committed, or nothing is. When the database could not serialize
   * it (SQLSTATE 40001, also at the commit) or broke a deadlock (40P01), all of the work is run again, after a random pause, up to the
   * number of attempts; the failures of earlier attempts are suppressed exceptions of the one that is thrown in the end. Nothing else is
   * repeated.
   *
   * <p>Blocks while the database answers, and holds one connection all the time. If the connection is lost at the commit, the database is
   * asked what became of it, and the call returns or throws accordingly.
   *
   * @return what the work returns
   * @throws E what the work throws, after everything was rolled back
   * @throws dev.holdfast.error.TransientException when the attempts or the timeout are used up, or a connection was lost; nothing was
   *     committed
   * @throws AmbiguousCommitException when the connection was lost at the commit and it could not be found out whether it was done
   */
  public <T extends @Nullable Object, E extends Exception> T transaction(
      TransactionOptions options, TransactionWork<T, E> work) throws E {
    return core.transactions().run(core, options, work);
  }

  /** Runs work in a transaction at a level, see {@link #transaction(TransactionOptions, TransactionWork)}. */
  public <T extends @Nullable Object, E extends Exception> T transaction(
      Isolation isolation, TransactionWork<T, E> work) throws E {
    return transaction(TransactionOptions.of(isolation), work);
  }

  /**
   * Runs work in the transaction that the caller has begun on a connection of its own, auto-commit off. When the work returns, its changes
   * have been sent, and are committed or rolled back together with whatever else the caller does on the connection; when it throws, they
   * are undone by a savepoint and the caller's transaction can go on. Nothing is repeated: only who began a transaction can do that. The
   * states that were written stay locked until the caller ends the transaction.
   *
   * @param connection a connection to the database of this store
   * @throws E what the work throws
   */
  public <T extends @Nullable Object, E extends Exception> T joinTransaction(
      Connection connection, TransactionWork<T, E> work) throws E {
    return core.transactions().join(core, connection, work);
  }

  /** The changes of all states, to be followed. */
  public ChangeFeed changes() {
    return changes;
  }

  /** How the transactions of this store went. */
  public TransactionMetrics transactionMetrics() {
    return core.transactions().counters().copy();
  }

  /**
   * The states of a namespace that were written, with their newest versions, in order of name.
   *
   * @param after only names behind this one; the empty text begins at the first
   * @param limit at most so many, 1 to 10,000
   */
  public Map<String, Long> states(String namespace, String after, int limit) {
    StateId any = new StateId(namespace, "-");
    if (!after.isEmpty()) {
      TextRules.requireText("after", after, StateId.MAX_BYTES);
    }
    if (limit < 1 || limit > MAX_STATES_A_PAGE) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "A page has 1 to " + MAX_STATES_A_PAGE + " states, not " + limit);
    }
    return core.engine()
        .read(any, connection -> core.reader().states(connection, namespace, after, limit));
  }

  /** How often the operations of all states were called. */
  public StateMetrics metrics() {
    return core.counters().copy();
  }

  /** Tells of what is done with this store; empty when nobody listens. */
  public Optional<Activities> activities() {
    return Optional.ofNullable(core.activities());
  }

  /** How the cache of states did; see {@link State#reading}. */
  public ReadCacheMetrics readCacheMetrics() {
    return core.cache().metrics(core.counters().fromMemory());
  }

  /**
   * How cached reads went by namespace, of the first 100 namespaces, and of all others under {@code other}; empty unless the options have
   * {@linkplain ReadCacheOptions#withCountsOfNamespaces counts of namespaces}.
   */
  public Map<String, NamespaceReads> readCacheNamespaces() {
    return core.cache().namespaces();
  }

  /** How many messages carried how many change sets. */
  public GroupCommitMetrics groupCommitMetrics() {
    GroupCommit.Counts counts = groupCommit.counts();
    return new GroupCommitMetrics(
        counts.messages(), counts.sets(), counts.held(), counts.withdrawn());
  }

  /**
   * Ends the subscriptions, see {@link ChangeFeed#close()}, then refuses new calls and waits for those under way, up to the close patience;
   * then what still runs ends with its connection. The data source stays open. A part that cannot be closed keeps no other one open: the
   * first failure is thrown at the end, with the others suppressed. Closing again does nothing.
   */
  @Override
  public void close() {
    Closing.all(List.of(changes::close, core.cache()::close, this::closeSession));
  }

  private void closeSession() {
    if (!session.close(closePatience)) {
      log.warn("The store was closed while calls were still under way after {}", closePatience);
    }
  }

  /** What a store is made of. Confined to one thread. */
  public static final class Builder {

    private final DataSource dataSource;
    private SchemaName schema = SchemaName.DEFAULT;
    private JsonLimits limits = JsonLimits.DEFAULT;
    private ValueRules rules = ValueRules.NONE;
    private int deltasPerSnapshot = 256;
    private Duration contentionTimeout = Duration.ofSeconds(30);
    private Duration closePatience = Duration.ofSeconds(30);
    private Duration writeQueueTimeout = Duration.ofSeconds(30);
    private boolean groupsCommits = true;
    private boolean keepsSnapshots = true;
    private @Nullable ActivityListener listener;
    private ReadCacheOptions readCache = ReadCacheOptions.defaults();
    private @Nullable DataSource watchDataSource;
    private Supplier<UUID> ids = new RandomIds();
    private Logs logs = Logs.standard();
    private Redactor redactor = Redactor.standard();

    private Builder(DataSource dataSource) {
      this.dataSource = dataSource;
    }

    /** The schema that holds the tables; {@code holdfast} by default. */
    public Builder schema(SchemaName name) {
      this.schema = name;
      return this;
    }

    /** What values may look like. */
    public Builder limits(JsonLimits values) {
      this.limits = values;
      return this;
    }

    /** What the values of some keys have to be; nothing by default. */
    public Builder rules(ValueRules given) {
      this.rules = given;
      return this;
    }

    /**
     * How many deltas (appends, patches) of a key may follow a whole value before one is written again: a cold read folds at most so many
     * rows. 1 to 10,000, 256 by default. See docs/operations.md for how it was measured.
     */
    public Builder deltasPerSnapshot(int deltas) {
      if (deltas < 1 || deltas > 10_000) {
        throw invalid("deltasPerSnapshot is 1 to 10000, not " + deltas);
      }
      this.deltasPerSnapshot = deltas;
      return this;
    }

    /** How long a read-modify-write is repeated while others keep changing the same key; positive, 30 seconds by default. */
    public Builder contentionTimeout(Duration timeout) {
      this.contentionTimeout = positive("contentionTimeout", timeout);
      return this;
    }

    /** How long closing waits for calls under way; positive, 30 seconds by default. */
    public Builder closePatience(Duration patience) {
      this.closePatience = positive("closePatience", patience);
      return this;
    }

    /**
     * How long a write may wait to be sent, behind others of this process; positive, 30 seconds by default. A write that waits longer is taken
     * back and fails with {@link dev.holdfast.error.TransientException}.
     */
    public Builder writeQueueTimeout(Duration timeout) {
      this.writeQueueTimeout = positive("writeQueueTimeout", timeout);
      return this;
    }

    /**
     * Every write outside a transaction is a message and a database transaction of its own, on a connection of its own, however many threads
     * write at the same time. Mostly to see what writing together is worth.
     */
    public Builder withoutGroupCommit() {
      this.groupsCommits = false;
      return this;
    }

    /** Every {@link State#snapshot()} reads all values, whatever has changed; saves the memory of the last snapshot per state object. */
    public Builder withoutSnapshotCache() {
      this.keepsSnapshots = false;
      return this;
    }

    /** Where log lines go; {@link Logs#standard()} by default. They stay open when the store is closed. */
    public Builder logs(Logs to) {
      this.logs = to;
      return this;
    }

    /** Hides sensitive fields in the errors of dead letters, and sensitive values in what transactions and handlers of the feed throw; {@link Redactor#standard()} by default. */
    public Builder redactor(Redactor hides) {
      this.redactor = hides;
      return this;
    }

    /** Who is told of operations of states and transactions, and of effect transactions on this store; nobody by default. */
    public Builder listener(ActivityListener listener) {
      this.listener = listener;
      return this;
    }

    /** What reads that may be answered from memory use, see {@link State#reading}; nothing until the first of them. */
    public Builder readCache(ReadCacheOptions options) {
      this.readCache = options;
      return this;
    }

    /**
     * Where the read cache takes the one connection from that it watches changes with while there are cached reads; the store's own data
     * source by default. When that goes through a pooler in transaction mode, this has to lead to the server directly, or
     * {@link ReadCacheOptions#announcements announcements} have to be {@link Announcements#NEVER}.
     */
    public Builder watchDataSource(DataSource direct) {
      this.watchDataSource = direct;
      return this;
    }

    /** Where transaction ids come from; they must never repeat. Random UUIDs by default. */
    public Builder transactionIds(Supplier<UUID> source) {
      this.ids = source;
      return this;
    }

    private static Duration positive(String name, Duration duration) {
      if (duration.isZero() || !Durations.isCountable(duration)) {
        throw invalid(name + " must be positive and at most 292 years, not " + duration);
      }
      return duration;
    }

    private static HoldfastException invalid(String message) {
      return new HoldfastException(ErrorCode.CONFIGURATION, message);
    }

    /**
     * The store. Connects once, to refuse a driver setting that is not safe and to warn of server settings that can lose committed writes.
     *
     * @throws HoldfastException when the database cannot be reached
     */
    public StateStore build() {
      StateStore store = new StateStore(this);
      try {
        store.session.run(connection -> {
          ServerCheck.run(connection, store.log);
          return true;
        });
      } catch (SQLException e) {
        HoldfastException failure = SqlFailure.translate(e, "opening the store");
        Closing.after(failure, List.of(store::close));
        throw failure;
      } catch (RuntimeException | Error e) {
        Closing.after(e, List.of(store::close));
        throw e;
      }
      return store;
    }
  }
}
