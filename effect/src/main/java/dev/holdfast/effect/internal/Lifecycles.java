package dev.holdfast.effect.internal;

import dev.holdfast.effect.handler.HandlerLifecycle;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.registry.HandlerRegistry;
import dev.holdfast.effect.registry.RegistryChange;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Starts handlers before their first call, and stops them when nobody needs them any more: they were unregistered, or this was closed, and
 * no call is under way. Safe for use by multiple threads.
 */
final class Lifecycles {

  private final HandlerRegistry handlers;
  private final boolean honoured;
  private final Duration patience;
  private final Log log;
  private final Map<Candidate, Life> lives = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * The handlers of a registry.
   *
   * @param honoured whether they are started and stopped at all
   * @param patience for how long who wants to stop waits for a start under way
   */
  Lifecycles(HandlerRegistry handlers, boolean honoured, Duration patience, Logs logs) {
    this.patience = patience;
    this.log = logs.of(Lifecycles.class);
    this.handlers = handlers;
    this.honoured = honoured;
    handlers.addListener(this::changed);
  }

  private void changed(RegistryChange change) {
    if (change.kind() == RegistryChange.Kind.UNREGISTERED) {
      Life life = lives.get(change.candidate());
      if (life != null) {
        life.stopBy(end());
      }
    }
  }

  private long end() {
    return System.nanoTime() + patience.toNanos();
  }

  /** Calls a handler that has been started. */
  <T extends @Nullable Object> T call(Candidate candidate, Callable<T> work) throws Exception {
    Optional<HandlerLifecycle> lifecycle = candidate.handler().lifecycle();
    if (!honoured || lifecycle.isEmpty()) {
      return work.call();
    }
    Life life = enter(candidate, lifecycle.get());
    try {
      return work.call();
    } finally {
      life.leave();
    }
  }

  private Life enter(Candidate candidate, HandlerLifecycle lifecycle)
      throws NotStartedException, InterruptedException {
    while (true) {
      Life life =
          Objects.requireNonNull(lives.computeIfAbsent(candidate, key -> new Life(key, lifecycle)));
      if (life.isEntered()) {
        return life;
      }
    }
  }

  /** Stops what nobody calls; what is being called, or still started, stops when its last call ends. */
  void close() {
    closed = true;
    long end = end();
    lives.values().forEach(life -> life.stopBy(end));
  }

  /** From a start to its stop. */
  private final class Life {

    private final Candidate candidate;
    private final HandlerLifecycle lifecycle;

    /** Held while it is started or stopped; who has a time limit is interrupted when he waits for it. */
    private final ReentrantLock lock = new ReentrantLock();

    private int calls;
    private boolean running;
    private boolean over;

    Life(Candidate candidate, HandlerLifecycle lifecycle) {
      this.candidate = candidate;
      this.lifecycle = lifecycle;
    }

    /** Starts it if need be; false when this life is over and another has to begin. */
    boolean isEntered() throws NotStartedException, InterruptedException {
      lock.lockInterruptibly();
      try {
        if (over) {
          return false;
        }
        if (!running) {
          start();
        }
        calls++;
        return true;
      } finally {
        lock.unlock();
      }
    }

    private void start() throws NotStartedException, InterruptedException {
      try {
        lifecycle.start();
      } catch (InterruptedException e) {
        throw e; // Who interrupts wants an end, and says nothing of the handler.
      } catch (Exception e) {
        throw new NotStartedException(candidate, e);
      }
      running = true;
    }

    void leave() {
      lock.lock();
      try {
        calls--;
        if (closed || !isRegistered()) {
          stopUnlessCalled();
        }
      } finally {
        lock.unlock();
      }
    }

    /** By its name and provider: a handler can be the candidate of several. */
    private boolean isRegistered() {
      return handlers
          .resolve(candidate.name(), candidate.provider())
          .equals(Optional.of(candidate));
    }

    /** Stops it unless it is called. Whoever is still starting it stops it when he leaves. */
    void stopBy(long end) {
      try {
        // First without a time limit, which does not mind an interrupt: what is idle is stopped
        // whoever closes.
        if (lock.tryLock() || lock.tryLock(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          try {
            stopUnlessCalled();
          } finally {
            lock.unlock();
          }
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      log.warn("Handler {} is still being started or stopped, which is not waited for", candidate);
    }

    private void stopUnlessCalled() {
      if (calls > 0 || over) {
        return;
      }
      over = true;
      if (running) {
        try {
          lifecycle.stop();
        } catch (Throwable e) {
          // Also an Error: the next start waits for this end, and closing has more to do.
          log.error("Handler {} could not be stopped", candidate, e);
        }
      }
      // Only now, so that the next start waits for the end of this stop.
      lives.remove(candidate, this);
    }
  }
}
