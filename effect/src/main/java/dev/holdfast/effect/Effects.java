package dev.holdfast.effect;

import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.HandlerSettings;
import dev.holdfast.effect.internal.Assembly;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.registry.HandlerRegistry;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.effect.rollback.RollbackFailureListener;
import dev.holdfast.effect.rollback.RollbackFailures;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Logs;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.retention.VersionHold;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Work in the outside world as a whole: every operation is journaled before it is attempted, and when the work ends badly, in whatever way,
 * what was completed is compensated, last-in first-out, by this or another process.
 *
 * <pre>{@code
 * effects.register(EffectHandler.of("flight.book", BookFlight.class, Booking.class)
 *     .perform((context, request) -> airline.book(request, context.idempotencyKey()))
 *     .compensate((context, request, booking) -> airline.cancel(booking.id(), context.idempotencyKey())));
 *
 * Trip booked = effects.run("book-trip", "trip-42", effect -> {
 *   Booking flight = effect.perform("flight.book", new BookFlight("JFK", "SEA"));
 *   effect.step("remember", tx -> tx.state("trips", "trip-42").set("flight", json(flight.id())));
 *   return new Trip(flight);
 * });
 * }</pre>
 *
 * <p>Every process should register the handlers of the work it may have to recover: what it has no handlers for it leaves to others. Safe
 * for use by multiple threads; one object serves a whole application.
 */
public final class Effects implements AutoCloseable {

  private final Assembly assembly;
  private final HandlerRegistry handlers;
  private final RollbackFailures rollbackFailures;

  private Effects(Assembly assembly, HandlerRegistry handlers) {
    this.assembly = assembly;
    this.handlers = handlers;
    this.rollbackFailures = new RollbackFailures(assembly.desk());
  }

  /**
   * A builder with working defaults.
   *
   * @param states where steps write
   * @param dataSource to the same database, for the journal
   */
  public static Builder builder(StateStore states, DataSource dataSource) {
    return new Builder(states, dataSource);
  }

  /** Adds a handler, see {@link HandlerRegistry#register(EffectHandler)}. */
  public Effects register(EffectHandler<?, ?> handler) {
    return register(Candidate.of(handler));
  }

  /** Adds one of several candidates for a name, see {@link HandlerRegistry#register(Candidate)}. */
  public Effects register(Candidate candidate) {
    handlers.register(candidate);
    return this;
  }

  /** The handlers of this process. */
  public HandlerRegistry handlers() {
    return handlers;
  }

  /** Runs without a timeout, see {@link #run(String, String, EffectOptions, EffectBody)}. */
  public <T extends @Nullable Object> T run(String name, String id, EffectBody<T> body) {
    return run(name, id, EffectOptions.defaults(), body);
  }

  /**
   * Runs work as an effect transaction, in the calling thread. The same name and id never run twice: when it was committed, the body runs
   * against the journal, performs nothing, and must come to the recorded result; when it was interrupted, the body resumes, and what was
   * completed is answered from the journal; when it was rolled back, that is thrown again.
   *
   * <p>Nothing is written before the first operation: a body that throws before it leaves no trace. Compensations run in another thread and
   * are not cancelled by an interrupt of the calling one, which is handed back when they are done.
   *
   * @param name what kind of work it is, 1 to 512 bytes
   * @param id which one of its kind, 1 to 512 bytes
   * @return what the body returned; it is recorded as JSON
   * @throws EffectFailedException when the body threw, its time was over, or its thread was interrupted; everything that was done has been
   *     compensated
   * @throws EffectRollbackException when that was not possible for all of it
   * @throws EffectRunningException when it runs elsewhere, in this or another process
   * @throws EffectMismatchException when the body does not do what the journal says it did before
   * @throws StaleLeaseException when another process has taken over
   * @throws HoldfastException when the journal could not be written for the time of the lease; what was done will be compensated by
   *     recovery
   */
  public <T extends @Nullable Object> T run(
      String name, String id, EffectOptions options, EffectBody<T> body) {
    return assembly.runner().run(new EffectId(name, id), options, body);
  }

  /**
   * Makes a kind of effect transaction known here, so that recovery in this process can go on with it, and {@link #run(EffectDefinition, String,
   * Object)} can begin it. A name is defined once.
   */
  public Effects define(EffectDefinition<?, ?> definition) {
    assembly.define(definition);
    return this;
  }

  /**
   * Runs a definition as an effect transaction, in the calling thread, as {@link #run(String, String, EffectOptions, EffectBody)} does, whose
   * name is that of the definition. When its process dies and the definition says {@link dev.holdfast.effect.definition.Recovery#FORWARD}, any
   * process that has the definition goes on with it; the input is recorded with the first operation for that. What goes on may fail and be
   * rolled back like anything else. Closing leaves it to another process instead of rolling it back.
   *
   * @param definition one that is {@linkplain #define defined} here
   * @param id which one of its kind, 1 to 512 bytes
   * @param input what the body is given, as it is read back from its JSON
   * @return what the body returned; it is recorded as JSON
   * @throws EffectMismatchException also when the id was begun with another input
   */
  public <I, T extends @Nullable Object> T run(
      EffectDefinition<I, T> definition, String id, I input) {
    return assembly.runner().run(definition, id, input);
  }

  /** How an effect transaction stands; empty when there is none of this name and id. Blocks for one statement. */
  public Optional<EffectStatus> status(String name, String id) {
    return assembly.status(new EffectId(name, id));
  }

  /** The compensations that failed. */
  public RollbackFailures rollbackFailures() {
    return rollbackFailures;
  }

  /**
   * Goes once through all effect transactions whose process gives no sign of life, as is done regularly in the background, and retries the
   * rollback failures that are due. Blocks until those that go on have ended.
   *
   * @return how many were taken over
   * @throws HoldfastException with {@link ErrorCode#CLOSED} once the effect transactions are closed
   */
  public int recover() {
    return assembly.recovery().sweep();
  }

  /**
   * The breaker of a handler, as far as this process knows; empty until the handler was first called here. That of a candidate of another
   * provider than the default one has its {@link Candidate#id()}. It is shared: a transition in
   * one process is known to the others within a second, and to those that start later.
   */
  public Optional<BreakerState> breaker(String handler) {
    return assembly.breaker(handler);
  }

  /** Opens the breaker of a handler for one open duration, in all processes; false when the handler was not called here yet. */
  public boolean forceBreakerOpen(String handler) {
    return assembly.forceBreaker(handler, BreakerPhase.OPEN);
  }

  /** Closes the breaker of a handler, in all processes; false when the handler was not called here yet. */
  public boolean forceBreakerClosed(String handler) {
    return assembly.forceBreaker(handler, BreakerPhase.CLOSED);
  }

  /** Tells retention which old versions the steps of unfinished effect transactions and open rollback failures need to be restored. */
  public VersionHold versionHold() {
    return assembly.hold();
  }

  /** The states of the breakers of all handlers that were called in this process, by name, see {@link #breaker}. */
  public Map<String, BreakerState> breakers() {
    return assembly.breakers();
  }

  /** How handlers were called in this process. */
  public CallMetrics callMetrics() {
    return assembly.callMetrics();
  }

  /** What is left to do for all processes together: one statement that reads two small indexes. Blocks while the database answers. */
  public EffectBacklog backlog() {
    return assembly.backlog().read();
  }

  /** How effect transactions went in this process. */
  public EffectMetrics metrics() {
    return assembly.metrics();
  }

  /**
   * Refuses new work, waits for bodies under way up to the close patience, then interrupts them so that they roll back, or are left
   * to another process that can go on with them, and waits once more; what recovery is at is waited for as long. What still runs then is
   * recovered by other processes. Closing again does nothing.
   */
  @Override
  public void close() {
    assembly.close();
  }

  /** How effect transactions are kept. Confined to one thread. */
  public static final class Builder {

    private static final Duration SHORTEST_LEASE = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofDays(1);

    private final StateStore states;
    private final DataSource dataSource;
    private SchemaName schema = SchemaName.DEFAULT;
    private JsonLimits limits = JsonLimits.DEFAULT;
    private Duration lease = Duration.ofSeconds(30);
    private @Nullable Duration recoveryInterval = Duration.ofSeconds(10);
    private Duration closePatience = Duration.ofSeconds(30);
    private @Nullable RollbackFailureListener listener;
    private @Nullable RetryPolicy failureRetry;
    private Logs logs = Logs.standard();
    private Redactor redactor = Redactor.standard();
    private HandlerSettings handlers = HandlerSettings.defaults();
    private @Nullable TransactionOptions steps = TransactionOptions.of(Isolation.READ_COMMITTED);

    private Builder(StateStore states, DataSource dataSource) {
      this.states = states;
      this.dataSource = dataSource;
    }

    /** The schema that holds the tables; {@code holdfast} by default. */
    public Builder schema(SchemaName name) {
      this.schema = name;
      return this;
    }

    /** What requests, responses and results may look like. */
    public Builder limits(JsonLimits values) {
      this.limits = values;
      return this;
    }

    /**
     * For how long a process may give no sign of life before others take over what it runs; 100 ms to 1 day, 30 seconds by default. It
     * gives one three times as often. A process that is paused for longer cannot write any more, but a call that it is about to make is
     * made all the same: see {@link dev.holdfast.effect.handler.EffectContext#epoch()}.
     */
    public Builder lease(Duration time) {
      this.lease = between("lease", time, SHORTEST_LEASE);
      return this;
    }

    /** How often to look for what other processes abandoned; 10 ms to 1 day, 10 seconds by default. */
    public Builder recoveryInterval(Duration time) {
      this.recoveryInterval = between("recoveryInterval", time, Duration.ofMillis(10));
      return this;
    }

    /** Never looks for what is abandoned, except when told to by {@link Effects#recover()}. */
    public Builder withoutRecovery() {
      this.recoveryInterval = null;
      return this;
    }

    /** How long closing waits for bodies under way; zero to 1 day, 30 seconds by default. */
    public Builder closePatience(Duration patience) {
      this.closePatience = between("closePatience", patience, Duration.ZERO);
      return this;
    }

    /** Who is told of rollback failures; nobody by default. */
    public Builder onRollbackFailure(RollbackFailureListener callback) {
      this.listener = callback;
      return this;
    }

    /**
     * After which pauses rollback failures are retried by themselves, by any process that recovers and has the handler; by default only
     * when somebody retries them. The policy counts all attempts, the first included; what failed in all of them waits for a person.
     */
    public Builder retryRollbackFailures(RetryPolicy policy) {
      this.failureRetry = policy;
      return this;
    }

    /** Where log lines go; {@link Logs#standard()} by default. They stay open when the effect transactions are closed. */
    public Builder logs(Logs to) {
      this.logs = to;
      return this;
    }

    /**
     * Hides sensitive fields in the texts of failures, before they are stored, logged or thrown; {@link Redactor#standard()} by default.
     * Requests, responses and results are stored as they are: compensations need them.
     */
    public Builder redactor(Redactor hides) {
      this.redactor = hides;
      return this;
    }

    /** What holds for all handlers; {@link HandlerSettings#defaults()} by default. */
    public Builder handlers(HandlerSettings settings) {
      this.handlers = settings;
      return this;
    }

    /**
     * How the database transactions of steps run; READ COMMITTED without timeouts by default. The journal is part of them: above that level a
     * step is run again when a parallel branch of the same effect transaction has written to it meanwhile.
     */
    public Builder steps(TransactionOptions options) {
      this.steps = options;
      return this;
    }

    /** Refuses steps, before anything is written. */
    public Builder withoutSteps() {
      this.steps = null;
      return this;
    }

    private static Duration between(String name, Duration value, Duration least) {
      if (value.compareTo(least) < 0 || value.compareTo(LONGEST) > 0) {
        throw new HoldfastException(
            ErrorCode.CONFIGURATION,
            "Effects: " + name + " is " + least + " to " + LONGEST + ", not " + value);
      }
      return value;
    }

    /** The effect transactions; recovery starts. */
    public Effects build() {
      HandlerRegistry registry = new HandlerRegistry(logs);
      Assembly assembly = new Assembly(
          states,
          dataSource,
          registry,
          new Assembly.Settings(
              schema,
              limits,
              lease,
              recoveryInterval,
              closePatience,
              listener,
              logs,
              redactor,
              failureRetry,
              handlers,
              steps));
      assembly.start();
      return new Effects(assembly, registry);
    }
  }
}
