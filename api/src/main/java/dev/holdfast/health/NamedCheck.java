package dev.holdfast.health;

import dev.holdfast.redaction.FailureTypes;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A check with how it stands. A check that hangs keeps its one thread: it is not started again before it ends. Used by one thread at a
 * time, read by any.
 */
final class NamedCheck {

  private final String name;
  private final CheckScope scope;
  private final HealthCheck check;
  private final LongSupplier nanoTime;
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile Standing standing = Standing.UNKNOWN;
  private volatile @Nullable Last last;

  NamedCheck(String name, CheckScope scope, HealthCheck check, LongSupplier nanoTime) {
    this.name = name;
    this.scope = scope;
    this.check = check;
    this.nanoTime = nanoTime;
  }

  /**
   * What the last check found.
   *
   * @param nanos when it ended, by the monotonic clock
   */
  private record Last(HealthResult result, Instant at, long nanos, Duration took) {}

  /** A check that was started. Confined to one thread. */
  final class Started {

    private final long start = nanoTime.getAsLong();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicLong took = new AtomicLong(-1);
    private @Nullable Future<HealthResult> future;

    /** Waits for it until its time is over. */
    HealthResult await(Duration timeout) throws InterruptedException {
      Future<HealthResult> started = future;
      if (started == null) {
        return HealthResult.unhealthy("the check before is still running");
      }
      long left = timeout.toNanos() - (nanoTime.getAsLong() - start);
      try {
        return started.get(Math.max(0, left), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        // First: a thread that comes to it while it is being cancelled must not begin it any more.
        if (begun.compareAndSet(false, true)) {
          running.set(false);
        }
        started.cancel(true);
        return HealthResult.unhealthy("not done within " + timeout.toMillis() + " ms");
      } catch (ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return HealthResult.unhealthy("failed with " + FailureTypes.of(cause));
      }
    }

    @SuppressWarnings("NullAway") // A check of code that is not checked for nulls may return one.
    private HealthResult run() throws Exception {
      if (!begun.compareAndSet(false, true)) {
        // It was given up at this very moment, and the next one may be under way.
        throw new CancellationException();
      }
      try {
        HealthResult result = check.check();
        return result == null ? HealthResult.unhealthy("the check returned nothing") : result;
      } finally {
        took.set(nanoTime.getAsLong() - start);
        running.set(false);
      }
    }

    Duration took() {
      long done = took.get();
      return Duration.ofNanos(done >= 0 ? done : nanoTime.getAsLong() - start);
    }
  }

  Started start(ExecutorService threads) {
    Started started = new Started();
    if (running.compareAndSet(false, true)) {
      try {
        started.future = threads.submit(started::run);
      } finally {
        if (started.future == null) {
          running.set(false);
        }
      }
    }
    return started;
  }

  /** Counts a result and returns the change, if it is one. */
  @Nullable
  HealthChange take(
      HealthResult result, Duration took, int failureThreshold, int recoveryThreshold) {
    HealthStatus before = standing.status();
    standing = standing.after(result.status(), failureThreshold, recoveryThreshold);
    last = new Last(result, Instant.now(), nanoTime.getAsLong(), took);
    HealthStatus after = standing.status();
    return before == after ? null : new HealthChange(name, before, after, result.message());
  }

  String name() {
    return name;
  }

  CheckScope scope() {
    return scope;
  }

  /** Whether there is a result that is not older than this. */
  boolean isFresh(Duration age) {
    Last known = last;
    return known != null && nanoTime.getAsLong() - known.nanos() <= age.toNanos();
  }

  /** How it stands. */
  CheckReport report(boolean valid) {
    Last known = last;
    if (known == null) {
      return new CheckReport(
          name,
          scope,
          HealthStatus.UNKNOWN,
          new HealthResult(HealthStatus.UNKNOWN, "not checked yet", Map.of()),
          null,
          Duration.ZERO,
          0);
    }
    HealthStatus status = valid ? standing.status() : HealthStatus.UNKNOWN;
    return new CheckReport(
        name, scope, status, known.result(), known.at(), known.took(), standing.streak());
  }
}
