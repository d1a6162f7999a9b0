package dev.holdfast.effect.internal;

import dev.holdfast.effect.breaker.Breaker;
import dev.holdfast.effect.breaker.BreakerOpenException;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.effect.breaker.Decision;
import dev.holdfast.effect.breaker.Permit;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A breaker that all processes share. While it is closed each process counts its own calls in memory and asks nobody. Every transition,
 * and in half-open every permit and outcome, is a conditional write of its row: so N probes are admitted by all processes together, and who
 * loses the race asks again with the newer state. Other processes learn of a transition when they next {@linkplain #adopt look}. All times
 * are the database's.
 *
 * <p>When the row can be neither read nor written the breaker goes on in memory: that it cannot be shared must not fail a call. Safe for
 * use by multiple threads.
 */
final class SharedBreaker {

  private final String name;
  private final Breaker rules;
  private final BreakerStore store;
  private final Log log;
  private final Runnable onTransition;
  private final AtomicReference<BreakerState> state;

  private SharedBreaker(
      String name, BreakerPolicy policy, BreakerStore store, Logs logs, Runnable onTransition) {
    this.name = name;
    this.rules = new Breaker(policy);
    this.store = store;
    this.log = logs.of(SharedBreaker.class);
    this.onTransition = onTransition;
    this.state = new AtomicReference<>(BreakerState.closed(store.now()));
  }

  /** A breaker in the state that it was in, the remaining time of an open phase included. */
  static SharedBreaker restored(
      String name, BreakerPolicy policy, BreakerStore store, Logs logs, Runnable onTransition) {
    SharedBreaker breaker = new SharedBreaker(name, policy, store, logs, onTransition);
    Optional<BreakerState> unused = breaker.look();
    return breaker;
  }

  String name() {
    return name;
  }

  /** The state as it is now, as far as this process knows. */
  BreakerState state() {
    return rules.at(known(), store.now());
  }

  private BreakerState known() {
    return Objects.requireNonNull(state.get());
  }

  /** Makes a call if the breaker lets it through, and counts how it ended; an interrupt says nothing of the dependency. */
  <T extends @Nullable Object> T call(Callable<T> work) throws Exception {
    Permit permit = acquire();
    long start = System.nanoTime();
    T result;
    try {
      result = work.call();
    } catch (InterruptedException | BreakerOpenException e) {
      count(before -> rules.released(before, permit));
      throw e;
    } catch (Throwable e) {
      count(before -> rules.failed(before, permit, store.now(), since(start)));
      throw e;
    }
    count(before -> rules.succeeded(before, permit, store.now(), since(start)));
    return result;
  }

  /** How a call ended is not changed by what keeps it from being counted. */
  private void count(UnaryOperator<BreakerState> ending) {
    try {
      change(ending);
    } catch (Throwable e) {
      log.warn("Breaker {} could not count how a call ended", name, e);
    }
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  Permit acquire() {
    while (true) {
      BreakerState before = known();
      Decision decision = rules.request(before, store.now());
      if (isReplaced(before, decision.state())) {
        return decision.orElseThrow(name);
      }
    }
  }

  void forceOpen() {
    change(before -> rules.forcedOpen(before, store.now()));
  }

  void forceClose() {
    change(before -> rules.forcedClosed(before, store.now()));
  }

  private void change(UnaryOperator<BreakerState> step) {
    BreakerState before;
    do {
      before = known();
    } while (!isReplaced(before, step.apply(before)));
  }

  /** Whether the new state holds; if not, another was faster and the newest is known now. */
  private boolean isReplaced(BreakerState before, BreakerState after) {
    if (before.version() == after.version()) {
      return true;
    }
    boolean local = before.phase() == BreakerPhase.CLOSED
        && after.phase() == BreakerPhase.CLOSED
        && before.epoch() == after.epoch();
    if (!local && !isKept(before, after)) {
      return false;
    }
    boolean replaced = state.compareAndSet(before, after);
    if ((replaced || !local) && before.epoch() != after.epoch()) {
      onTransition.run();
    }
    if (!local && !replaced) {
      // The row has it; calls that were counted here meanwhile belong to the phase that is over.
      adopt(after);
      return true;
    }
    if (replaced && before.epoch() != after.epoch()) {
      log.warn("Breaker {} went from {} to {}", name, before.phase(), after.phase());
    }
    return replaced;
  }

  /** What cannot be shared goes on in this process; to ask again would ask for ever. */
  private boolean isKept(BreakerState before, BreakerState after) {
    try {
      return store.replace(name, before, after) || !isOutdated(before);
    } catch (RuntimeException e) {
      log.warn("Breaker {} could not be written and goes on in this process only", name, e);
      return true;
    }
  }

  /** Whether the row has a newer state, which is known then. */
  private boolean isOutdated(BreakerState before) {
    return look().filter(stored -> isNewer(before, stored)).isPresent();
  }

  /** Takes over what the row says; empty when it says nothing, or nothing that can be read. */
  private Optional<BreakerState> look() {
    try {
      Optional<BreakerState> stored = store.read(List.of(name)).state(name);
      stored.ifPresent(this::adopt);
      return stored;
    } catch (RuntimeException e) {
      log.warn("Breaker {} could not be read and goes on in this process only", name, e);
      return Optional.empty();
    }
  }

  /** Takes over a state that another process made, unless it is known already. */
  void adopt(BreakerState stored) {
    state.updateAndGet(mine -> isNewer(Objects.requireNonNull(mine), stored) ? stored : mine);
  }

  /** While closed, a process that counts has a greater version than the row, and is right. */
  private static boolean isNewer(BreakerState mine, BreakerState stored) {
    return stored.epoch() > mine.epoch()
        || (stored.epoch() == mine.epoch() && stored.version() > mine.version());
  }
}
