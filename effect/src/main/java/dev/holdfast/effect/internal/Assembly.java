package dev.holdfast.effect.internal;

import dev.holdfast.effect.CallMetrics;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectMetrics;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.handler.HandlerSettings;
import dev.holdfast.effect.registry.HandlerRegistry;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.effect.rollback.RollbackFailureListener;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.internal.PooledSession;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.transaction.TransactionOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Puts the parts of effect transactions together and takes them down again. Safe for use by multiple threads. */
public final class Assembly implements AutoCloseable {

  private final Settings settings;
  private final PooledSession session;
  private final JournalStore journals;
  private final Heartbeat heartbeat;
  private final Active active = new Active();
  private final Counters counters = new Counters();
  private final Log log;
  private final ExecutorService workers;
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, Threads.daemons("holdfast-timeout"));
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(Threads.daemons("holdfast-breaker"));
  private final Runner runner;
  private final Recoverer recovery;
  private final Breakers breakers;
  private final CallCounters calls = new CallCounters();
  private final BacklogReader backlog;
  private final StepHold hold;
  private final FailureDesk desk;
  private final Lifecycles lifecycles;
  private final Definitions definitions = new Definitions();
  private boolean closed;

  /** Puts the parts together; nothing runs yet. */
  public Assembly(
      StateStore states, DataSource dataSource, HandlerRegistry handlers, Settings settings) {
    this.settings = settings;
    this.log = settings.logs().of(Assembly.class);
    this.workers = Threads.workers("holdfast-effect", settings.logs());
    this.session = new PooledSession(dataSource);
    this.journals = new JournalStore(session, settings.schema());
    this.hold = new StepHold(journals, settings.schema());
    FailureReader failures = new FailureReader(settings.schema());
    FailureSql failureSql = new FailureSql(settings.schema());
    this.heartbeat = new Heartbeat(journals, failureSql, settings.lease(), settings.logs());
    String process = processName();
    this.breakers = new Breakers(
        new BreakerStore(journals, settings.schema(), process), settings.logs(), calls::transition);
    this.backlog = new BacklogReader(journals, settings.schema());
    this.lifecycles = new Lifecycles(
        handlers, settings.handlers().isStarted(), settings.closePatience(), settings.logs());
    timer.setRemoveOnCancelPolicy(true);
    Engine engine = new Engine(
        states,
        journals,
        handlers,
        settings.handlers(),
        settings.steps(),
        new HandlerCalls(timer, breakers, calls, settings.handlers(), lifecycles),
        new Reporter(
            journals,
            failures,
            failureSql,
            settings.listener(),
            settings.logs(),
            settings.redactor()),
        new FailureRetries(settings.failureRetry()),
        settings.limits(),
        workers,
        timer,
        settings.logs(),
        settings.redactor());
    this.runner =
        new Runner(engine, heartbeat, active, counters, process, settings.lease(), definitions);
    this.desk = new FailureDesk(engine, failures, failureSql, heartbeat, runner::newOwner);
    this.recovery = new Recoverer(engine, runner, counters, desk, definitions, settings.lease());
  }

  private static String processName() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      host = "unknown host";
    }
    return ProcessHandle.current().pid() + "@" + host;
  }

  /** Starts the heartbeat, and recovery unless it is switched off. */
  public void start() {
    keepTimerBusy();
    heartbeat.start();
    breakers.start(looks);
    if (settings.recoveryInterval() != null) {
      recovery.start(settings.recoveryInterval());
    }
  }

  /** A timer wakes up for a task that is now its next one. With one that comes sooner than any usual timeout, no call wakes it. */
  private void keepTimerBusy() {
    ScheduledFuture<?> unused = timer.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.SECONDS);
  }

  /** Makes a definition known. */
  public void define(EffectDefinition<?, ?> definition) {
    definitions.add(definition);
  }

  /** Runs bodies. */
  public Runner runner() {
    return runner;
  }

  /** Keeps the history that steps need. */
  public StepHold hold() {
    return hold;
  }

  /** Recovers. */
  public Recoverer recovery() {
    return recovery;
  }

  /** Settles rollback failures. */
  public FailureDesk desk() {
    return desk;
  }

  /** The state of a breaker that was used in this process. */
  public Optional<BreakerState> breaker(String name) {
    return breakers.find(name).map(SharedBreaker::state);
  }

  /** Opens, or closes, a breaker that was used in this process; false when there is none such. */
  public boolean forceBreaker(String name, BreakerPhase phase) {
    Optional<SharedBreaker> breaker = breakers.find(name);
    breaker.ifPresent(
        phase == BreakerPhase.OPEN ? SharedBreaker::forceOpen : SharedBreaker::forceClose);
    return breaker.isPresent();
  }

  /** The states of the breakers that were used in this process, by name. */
  public Map<String, BreakerState> breakers() {
    return breakers.states();
  }

  /** How handlers were called in this process. */
  public CallMetrics callMetrics() {
    return calls.copy();
  }

  /** Counts what is left to do for all processes. */
  public BacklogReader backlog() {
    return backlog;
  }

  /** How an effect transaction stands; empty when there is none such. */
  public Optional<EffectStatus> status(EffectId effect) {
    return journals.status(effect);
  }

  /** What happened in this process. */
  public EffectMetrics metrics() {
    return counters.copy();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    recovery.close();
    int left = active.close(settings.closePatience());
    if (left > 0) {
      log.warn(
          "{} effect transactions are still under way; other processes will recover them", left);
    }
    if (!recovery.isIdleWithin(settings.closePatience())) {
      log.warn("Recovery is still under way; other processes will go on with it");
    }
    lifecycles.close();
    heartbeat.close();
    looks.shutdownNow();
    workers.shutdown();
    if (!session.close(settings.closePatience())) {
      log.warn("The effect transactions were closed while statements were still under way");
    }
    // Behind the statements: a rollback under way would find that it cannot call a handler, and
    // could still write that down as a failure of it.
    timer.shutdownNow();
  }

  /**
   * How effect transactions are kept.
   *
   * @param schema that holds the tables
   * @param limits what requests, responses and results may look like
   * @param lease for how long a process may give no sign of life
   * @param recoveryInterval how often to look for what is abandoned; null for never
   * @param closePatience how long closing waits before it stops bodies, and then again
   * @param listener is told of rollback failures
   * @param logs where log lines go
   * @param redactor hides sensitive fields in the texts of failures
   * @param failureRetry when they are retried by themselves; null for never
   * @param handlers what holds for all handlers
   * @param steps how the transactions of steps run; null when there may be none
   */
  public record Settings(
      SchemaName schema,
      JsonLimits limits,
      Duration lease,
      @Nullable Duration recoveryInterval,
      Duration closePatience,
      @Nullable RollbackFailureListener listener,
      Logs logs,
      Redactor redactor,
      @Nullable RetryPolicy failureRetry,
      HandlerSettings handlers,
      @Nullable TransactionOptions steps) {}
}
