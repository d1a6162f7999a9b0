package dev.holdfast.effect.retry;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes attempts until one succeeds or the policy has had enough, all in the calling thread. Safe for use by multiple threads if the
 * sleeper, the randomness and the predicate of the policy are.
 *
 * <pre>{@code
 * Retry retry = Retry.of(RetryPolicy.defaults());
 * Booking booking = retry.call(() -> breaker.call(() -> airline.book(request)));
 * }</pre>
 */
// The same exception thrown twice is one failure, an equal one is another.
@SuppressWarnings("ReferenceEquality")
public final class Retry {

  private static final int EARLIER_FAILURES = 20;

  private final RetryPolicy policy;
  private final Sleeper sleeper;
  private final RandomGenerator random;

  /** Attempts with a way to wait and a source of randomness. */
  public Retry(RetryPolicy policy, Sleeper sleeper, RandomGenerator random) {
    this.policy = policy;
    this.sleeper = sleeper;
    this.random = random;
  }

  /** Attempts that wait by letting the thread sleep, with pauses that cannot be foretold. */
  public static Retry of(RetryPolicy policy) {
    return new Retry(
        policy,
        pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos()),
        () -> ThreadLocalRandom.current().nextLong());
  }

  /** The policy. */
  public RetryPolicy policy() {
    return policy;
  }

  /**
   * Calls until it succeeds, fails in a way that is not to be retried, or has failed as often as the policy allows. The last failure is
   * thrown as it is, with the earlier ones suppressed in it, oldest first; of many, the newest 20. If the predicate of the policy throws,
   * that ends the attempts too, and is suppressed in the failure it was asked about.
   *
   * @throws InterruptedException when the thread is interrupted before or during a pause, with the earlier failures suppressed; the
   *     interrupt status is then cleared
   * @throws Exception the last failure
   */
  public <T extends @Nullable Object> T call(Callable<T> work) throws Exception {
    Deque<Throwable> earlier = new ArrayDeque<>();
    for (int attempt = 1; ; attempt++) {
      try {
        return work.call();
      } catch (Throwable failure) {
        if (attempt == policy.maximumAttempts() || !isRetryable(failure)) {
          suppress(earlier, failure);
          throw failure;
        }
        remember(earlier, failure);
      }
      pauseBefore(attempt + 1, earlier);
    }
  }

  private boolean isRetryable(Throwable failure) {
    try {
      return policy.isRetryable(failure);
    } catch (RuntimeException | Error e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
      return false;
    }
  }

  private void pauseBefore(int attempt, Deque<Throwable> earlier) throws InterruptedException {
    try {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted before attempt " + attempt);
      }
      sleeper.sleep(policy.delayBefore(attempt, random).orElse(Duration.ZERO));
    } catch (InterruptedException e) {
      suppress(earlier, e);
      throw e;
    }
  }

  private static void remember(Deque<Throwable> earlier, Throwable failure) {
    if (earlier.size() == EARLIER_FAILURES) {
      earlier.removeFirst();
    }
    earlier.addLast(failure);
  }

  /** A failure that was thrown more than once is suppressed once, and not in itself, which {@link Throwable} forbids. */
  private static void suppress(Deque<Throwable> earlier, Throwable last) {
    Set<Throwable> told = Collections.newSetFromMap(new IdentityHashMap<>());
    earlier.stream()
        .filter(failure -> failure != last)
        .filter(told::add)
        .forEach(last::addSuppressed);
  }
}
