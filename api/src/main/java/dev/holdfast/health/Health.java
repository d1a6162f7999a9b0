package dev.holdfast.health;

import dev.holdfast.contract.HealthCheckContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.json.internal.TextRules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process works and what it needs does. The checks are made in rounds: one at the first question, one each interval from then
 * on, and one whenever a question comes and the last results are older than their time to live. Nothing is checked before the first
 * question, unless the rounds were {@linkplain #start started}, as they are when telemetry is given.
 *
 * <pre>{@code
 * HealthReport report = holdfast.health().report();
 * report.live();   // for a liveness probe: only a restart helps when it is false
 * report.ready();  // for a readiness probe: whether requests should come here
 * }</pre>
 *
 * <p>A check that throws or takes too long is a failed check and nothing else: it keeps neither the others nor the caller longer than the
 * timeout. So many failed checks in a row as the contract says make a status UNHEALTHY, fewer DEGRADED; from UNHEALTHY it takes so many good
 * ones as the contract says. No exception of a check is shown, only the names of its classes.
 *
 * <p>Safe for use by multiple threads. A round that is under way is waited for by whoever asks at the same time.
 */
public final class Health implements AutoCloseable {

  private final HealthCheckContract contract;
  private final List<NamedCheck> checks;
  private final Cleaning cleaning;
  private final Log log;
  private final LongSupplier nanoTime;
  private final List<HealthListener> listeners = new CopyOnWriteArrayList<>();
  private final ReentrantLock round = new ReentrantLock();
  private final ExecutorService threads = Executors.newCachedThreadPool(daemons("holdfast-health"));
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(daemons("holdfast-health-rounds"));
  private volatile HealthStatus status = HealthStatus.UNKNOWN;
  private volatile long lastRound;
  private volatile boolean started;
  private volatile boolean closed;

  private Health(Builder builder) {
    this.contract = builder.contract;
    this.nanoTime = builder.nanoTime;
    this.cleaning = new Cleaning(builder.redactor);
    this.log = builder.logs.of(Health.class);
    this.listeners.addAll(builder.listeners);
    this.checks = builder.checks.stream()
        .map(spec -> new NamedCheck(spec.name(), spec.scope(), spec.check(), nanoTime))
        .toList();
  }

  /** Health as a contract has it, with no checks yet. {@link dev.holdfast.Holdfast#health()} has those of Holdfast. */
  public static Builder builder(HealthCheckContract contract) {
    return new Builder(contract);
  }

  private static ThreadFactory daemons(String name) {
    return work -> {
      Thread thread = new Thread(work, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * How everything stands, by results that are not older than their time to live. Blocks for a round of checks when they are, which takes
   * no longer than the timeout; with checks one after the other, no longer than the timeout for each.
   */
  public HealthReport report() {
    Duration life = Duration.ofSeconds(contract.healthStatusTtlSeconds());
    if (!closed && !checks.stream().allMatch(check -> check.isFresh(life))) {
      check(life);
    }
    return latest();
  }

  /** Makes a round of checks now, and counts it like any other; blocks as {@link #report()} does. */
  public HealthReport check() {
    check(null);
    return latest();
  }

  /** How everything stood at the last round, never blocking; UNKNOWN is what is older than its time to live while no round is under way. */
  public HealthReport latest() {
    Duration life = Duration.ofSeconds(contract.healthStatusTtlSeconds());
    boolean underWay = round.isLocked();
    return new HealthReport(
        Instant.now(),
        isLive(),
        checks.stream()
            .map(check -> check.report(underWay || check.isFresh(life)))
            .toList(),
        contract.aggregateCheckResults());
  }

  /** Calls a listener when the status of a check, or of all together, changes, if the contract has such events. */
  public void onChange(HealthListener listener) {
    listeners.add(listener);
  }

  /** Starts the regular rounds, the first of them at once and in the background. */
  public void start() {
    start(0);
  }

  private synchronized void start(long delay) {
    if (started || closed) {
      return;
    }
    // In this order: who sees that it has started, sees since when.
    lastRound = nanoTime.getAsLong();
    started = true;
    ScheduledFuture<?> unused = timer.scheduleAtFixedRate(
        this::checkQuietly, delay, contract.healthCheckIntervalMs(), TimeUnit.MILLISECONDS);
  }

  /** Rounds end by their timeouts, so when none came to its end for long, threads do not run any more. */
  private boolean isLive() {
    long longest = contract.healthCheckTimeoutMs() * (long) Math.max(1, checks.size());
    Duration patience = Duration.ofMillis(2L * contract.healthCheckIntervalMs() + longest);
    return !closed && (!started || nanoTime.getAsLong() - lastRound <= patience.toNanos());
  }

  private void checkQuietly() {
    try {
      check(null);
    } catch (RuntimeException | Error e) {
      // Whatever is thrown here would end the rounds for good.
      if (!closed) {
        log.warn("A round of health checks failed; the next one follows", e);
      }
    }
  }

  /**
   * A round.
   *
   * @param life makes none when another thread has just brought results that are not older than this; null for making one anyway
   */
  private void check(@Nullable Duration life) {
    start(contract.healthCheckIntervalMs());
    List<HealthChange> changes = new ArrayList<>();
    HealthStatus before = status;
    HealthStatus after = status;
    round.lock();
    try {
      if (closed || (life != null && checks.stream().allMatch(check -> check.isFresh(life)))) {
        return;
      }
      if (contract.enableAsyncChecks()) {
        together(changes);
      } else {
        oneByOne(changes);
      }
      lastRound = nanoTime.getAsLong();
      before = status;
      after = ofAll();
      status = after;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      // The threads end with the health only; what is known by now is not live.
      log.debug("Health was closed during a round", e);
    } finally {
      round.unlock();
    }
    changes.forEach(this::tell);
    if (before != after && contract.aggregateCheckResults()) {
      HealthStatusChange change = new HealthStatusChange(before, after);
      tell("the status of all", listener -> listener.onStatusChange(change));
    }
  }

  private HealthStatus ofAll() {
    return checks.stream()
        .map(check -> check.report(true).status())
        .reduce(HealthStatus.HEALTHY, HealthStatus::worse);
  }

  private void together(List<HealthChange> changes) throws InterruptedException {
    List<NamedCheck.Started> all =
        checks.stream().map(check -> check.start(threads)).toList();
    for (int i = 0; i < all.size(); i++) {
      take(checks.get(i), all.get(i), changes);
    }
  }

  private void oneByOne(List<HealthChange> changes) throws InterruptedException {
    for (NamedCheck check : checks) {
      take(check, check.start(threads), changes);
    }
  }

  private void take(NamedCheck check, NamedCheck.Started started, List<HealthChange> changes)
      throws InterruptedException {
    HealthResult result =
        cleaning.clean(started.await(Duration.ofMillis(contract.healthCheckTimeoutMs())));
    HealthChange change = check.take(
        result, started.took(), contract.failureThreshold(), contract.recoveryThreshold());
    if (change != null) {
      changes.add(change);
    }
  }

  private void tell(HealthChange change) {
    if (change.after() == HealthStatus.HEALTHY) {
      log.info("Health check {} is {}", change.check(), change.after());
    } else {
      log.warn("Health check {} is {}: {}", change.check(), change.after(), change.message());
    }
    tell("health check " + change.check(), listener -> listener.onChange(change));
  }

  private void tell(String what, Consumer<HealthListener> telling) {
    if (contract.emitHealthEvents() && !closed) {
      for (HealthListener listener : listeners) {
        try {
          telling.accept(listener);
        } catch (RuntimeException | Error e) {
          // An error is the listener's own as well: neither who asks nor the next listener has one.
          log.warn("A listener failed when told that {} changed", what, e);
        }
      }
    }
  }

  /** Ends the rounds and interrupts checks under way; from then on it is not live. Closing again does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    timer.shutdownNow();
    threads.shutdownNow();
  }

  /** What is checked. Confined to one thread. */
  public static final class Builder {

    private static final int MAX_SHOWN = 60;

    private final HealthCheckContract contract;
    private final List<Spec> checks = new ArrayList<>();
    private final List<HealthListener> listeners = new ArrayList<>();
    private Redactor redactor = Redactor.none();
    private Logs logs = Logs.standard();
    private LongSupplier nanoTime = System::nanoTime;

    private record Spec(String name, CheckScope scope, HealthCheck check) {}

    private Builder(HealthCheckContract contract) {
      this.contract = contract;
    }

    /**
     * Adds a check, unless the contract leaves out those of its scope.
     *
     * @param name unlike all others, for reports and events; without control characters and halves of surrogate pairs
     */
    public Builder check(String name, CheckScope scope, HealthCheck check) {
      requireWritable(Objects.requireNonNull(name, "name"));
      Objects.requireNonNull(scope, "scope");
      Objects.requireNonNull(check, "check");
      if (name.isBlank() || checks.stream().anyMatch(other -> other.name().equals(name))) {
        throw new HoldfastException(
            ErrorCode.CONFIGURATION,
            name.isBlank()
                ? "A health check needs a name"
                : "There are two health checks \"" + name + "\"; give one another name");
      }
      boolean included = scope == CheckScope.DEPENDENCY
          ? contract.includeDependencyChecks()
          : contract.includeComponentChecks();
      if (included) {
        checks.add(new Spec(name, scope, check));
      }
      return this;
    }

    /** No event could carry it, or a line of the log would become two. */
    private static void requireWritable(String name) {
      if (name.codePoints()
          .anyMatch(
              c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)) {
        throw new HoldfastException(
            ErrorCode.CONFIGURATION,
            "The name of a health check must not hold a control character or half of a surrogate pair: \""
                + TextRules.shown(name, MAX_SHOWN) + "\"");
      }
    }

    /** Adds a listener, see {@link Health#onChange}. */
    public Builder onChange(HealthListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /** Hides sensitive fields in what checks find; nothing is hidden by default. */
    public Builder redactor(Redactor hiding) {
      this.redactor = Objects.requireNonNull(hiding, "hiding");
      return this;
    }

    /** Where log lines go; {@link Logs#standard()} by default. */
    public Builder logs(Logs to) {
      this.logs = Objects.requireNonNull(to, "to");
      return this;
    }

    /** What tells how much time has passed, in nanoseconds. */
    public Builder nanoTime(LongSupplier source) {
      this.nanoTime = Objects.requireNonNull(source, "source");
      return this;
    }

    /** The health; nothing is checked yet. */
    public Health build() {
      return new Health(this);
    }
  }
}
