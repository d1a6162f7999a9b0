package dev.holdfast.effect.internal;

import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The breakers that this process uses; looks twice a second what others have made of them. Safe for use by multiple threads. */
final class Breakers {

  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final BreakerStore store;
  private final Logs logs;
  private final Log log;
  private final Runnable onTransition;
  private final Map<String, Used> breakers = new ConcurrentHashMap<>();

  /** Those whose rows cannot be read, so that this is said once. */
  private final Set<String> unreadable = ConcurrentHashMap.newKeySet();

  /**
   * No breaker yet.
   *
   * @param onTransition is told of each transition that this process makes
   */
  Breakers(BreakerStore store, Logs logs, Runnable onTransition) {
    this.store = store;
    this.logs = logs;
    this.log = logs.of(Breakers.class);
    this.onTransition = onTransition;
  }

  private record Used(BreakerPolicy policy, SharedBreaker breaker) {}

  void start(ScheduledExecutorService thread) {
    ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(
        this::lookQuietly, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The breaker of a name; one of another policy than before begins with what its row says. */
  SharedBreaker get(String name, BreakerPolicy policy) {
    Used used = breakers.get(name);
    if (used != null && used.policy().equals(policy)) {
      return used.breaker();
    }
    Used made = new Used(policy, SharedBreaker.restored(name, policy, store, logs, onTransition));
    return breakers
        .merge(name, made, (before, mine) -> before.policy().equals(policy) ? before : mine)
        .breaker();
  }

  /** A breaker that was used in this process. */
  Optional<SharedBreaker> find(String name) {
    return Optional.ofNullable(breakers.get(name)).map(Used::breaker);
  }

  /** How they are, by name. */
  Map<String, BreakerState> states() {
    Map<String, BreakerState> states = new TreeMap<>();
    breakers.forEach((name, used) -> states.put(name, used.breaker().state()));
    return states;
  }

  private void lookQuietly() {
    if (breakers.isEmpty()) {
      return;
    }
    try {
      BreakerStore.Found found = store.read(breakers.keySet());
      found.states().forEach((name, state) -> find(name).ifPresent(each -> each.adopt(state)));
      unreadable.retainAll(found.failures().keySet());
      found.failures().forEach((name, failure) -> {
        if (unreadable.add(name)) {
          log.warn("Breaker {} could not be read and goes on in this process only", name, failure);
        }
      });
    } catch (Throwable e) {
      // Also an Error: the timer would not call again.
      log.debug("Breakers could not be read; the next attempt follows", e);
    }
  }
}
