package dev.holdfast.effect.breaker;

import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A breaker in memory, around calls to one dependency. Safe for use by multiple threads, without locks: a state is replaced by
 * compare-and-set, so no outcome is lost and no probe is admitted twice. See {@link Breaker} for the rules.
 *
 * <pre>{@code
 * CircuitBreaker breaker = CircuitBreaker.of("airline", BreakerPolicy.defaults());
 * Booking booking = breaker.call(() -> airline.book(request));
 * }</pre>
 *
 * <p>Whoever cannot use {@link #call} asks for a permit with {@link #acquire()} and reports the outcome with exactly one of {@link
 * #succeeded}, {@link #failed} and {@link #released}. A rejection is never reported, and so never counted.
 */
public final class CircuitBreaker {

  private static final Log LOG = Logs.standard().of(CircuitBreaker.class);

  private final String name;
  private final Breaker breaker;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final Function<? super Throwable, CallOutcome> classifier;
  private final List<BreakerListener> listeners;
  private final AtomicReference<BreakerState> state;

  private CircuitBreaker(Builder builder) {
    this.name = builder.name;
    this.breaker = new Breaker(builder.policy);
    this.clock = builder.clock;
    this.ticker = builder.ticker;
    this.classifier = builder.classifier;
    this.listeners = new CopyOnWriteArrayList<>(builder.listeners);
    this.state = new AtomicReference<>(builder.initialState());
  }

  /** A closed breaker on the system clock. */
  public static CircuitBreaker of(String name, BreakerPolicy policy) {
    return builder(name, policy).build();
  }

  /** A builder of a breaker with a clock, a state or listeners of its own. */
  public static Builder builder(String name, BreakerPolicy policy) {
    return new Builder(name, policy);
  }

  /** The name, for messages. */
  public String name() {
    return name;
  }

  /** The numbers. */
  public BreakerPolicy policy() {
    return breaker.policy();
  }

  /**
   * The state as it is now, to look at or to store: half-open once the open phase is over, also if nobody asked for a permit yet. Looking
   * changes nothing and tells no listener.
   */
  public BreakerState state() {
    BreakerState stored = stored();
    return breaker.at(stored, clock.instant());
  }

  private BreakerState stored() {
    return Objects.requireNonNull(state.get());
  }

  /**
   * Makes a call if the breaker lets it through, in this thread, and counts how it ended. What the call throws is thrown again as it is;
   * how it counts the classifier says.
   *
   * @throws BreakerOpenException when the call was not made
   * @throws Exception what the call throws
   */
  public <T extends @Nullable Object> T call(Callable<T> work) throws Exception {
    Permit permit = acquire();
    long start = ticker.getAsLong();
    T result;
    try {
      result = work.call();
    } catch (Throwable failure) {
      report(permit, outcome(failure), since(start));
      throw failure;
    }
    succeeded(permit, since(start));
    return result;
  }

  private Duration since(long start) {
    return Duration.ofNanos(ticker.getAsLong() - start);
  }

  private CallOutcome outcome(Throwable failure) {
    try {
      return Objects.requireNonNull(classifier.apply(failure), "the classifier says nothing");
    } catch (RuntimeException | Error e) {
      LOG.warn("Breaker {}: the classifier failed, its call counts as failed", name, e);
      return CallOutcome.FAILURE;
    }
  }

  private void report(Permit permit, CallOutcome outcome, Duration duration) {
    switch (outcome) {
      case SUCCESS -> succeeded(permit, duration);
      case FAILURE -> failed(permit, duration);
      case IGNORED -> released(permit);
    }
  }

  /**
   * Leave to make one call.
   *
   * @throws BreakerOpenException when the call must not be made
   */
  public Permit acquire() {
    return decide().orElseThrow(name);
  }

  private Decision decide() {
    while (true) {
      BreakerState before = stored();
      Decision decision = breaker.request(before, clock.instant());
      if (replace(before, decision.state())) {
        return decision;
      }
    }
  }

  /** The call ended well. */
  public void succeeded(Permit permit, Duration duration) {
    change(before -> breaker.succeeded(before, permit, clock.instant(), duration));
  }

  /** The call failed. */
  public void failed(Permit permit, Duration duration) {
    change(before -> breaker.failed(before, permit, clock.instant(), duration));
  }

  /** The call ended without saying anything about the dependency, or was not made after all. */
  public void released(Permit permit) {
    change(before -> breaker.released(before, permit));
  }

  /** See {@link Breaker#forcedOpen}. */
  public void forceOpen() {
    change(before -> breaker.forcedOpen(before, clock.instant()));
  }

  /** See {@link Breaker#forcedClosed}. */
  public void forceClose() {
    change(before -> breaker.forcedClosed(before, clock.instant()));
  }

  /** See {@link Breaker#reset}. */
  public void reset() {
    change(before -> breaker.reset(before, clock.instant()));
  }

  /** Adds a listener; it learns of transitions from now on. */
  public void addListener(BreakerListener listener) {
    listeners.add(listener);
  }

  /** Removes a listener that was added, once; does nothing when it is not there. */
  public void removeListener(BreakerListener listener) {
    listeners.remove(listener);
  }

  private void change(Function<BreakerState, BreakerState> step) {
    BreakerState before;
    do {
      before = stored();
    } while (!replace(before, step.apply(before)));
  }

  private boolean replace(BreakerState before, BreakerState after) {
    if (before.version() == after.version()) {
      return true;
    }
    if (!state.compareAndSet(before, after)) {
      return false;
    }
    if (before.epoch() != after.epoch()) {
      announce(new BreakerTransition(name, before, after));
    }
    return true;
  }

  private void announce(BreakerTransition transition) {
    for (BreakerListener listener : listeners) {
      try {
        listener.onTransition(transition);
      } catch (RuntimeException e) {
        LOG.warn("Breaker {}: a listener failed at {}", name, transition, e);
      }
    }
  }

  /** The name and what the breaker does, say {@code CircuitBreaker[airline OPEN]}. */
  @Override
  public String toString() {
    return "CircuitBreaker[%s %s]"
        .formatted(name, policy().isEnabled() ? state().phase() : "disabled");
  }

  /** What a breaker is made of. Confined to one thread. */
  public static final class Builder {

    private final String name;
    private final BreakerPolicy policy;
    private InstantSource clock = InstantSource.system();
    private LongSupplier ticker = System::nanoTime;
    private Function<? super Throwable, CallOutcome> classifier = Builder::byDefault;
    private final List<BreakerListener> listeners = new ArrayList<>();
    private @Nullable BreakerState restored;

    private Builder(String name, BreakerPolicy policy) {
      this.name = name;
      this.policy = policy;
    }

    /** What says the time at which phases begin and end; the system clock by default. */
    public Builder clock(InstantSource source) {
      this.clock = source;
      return this;
    }

    /** What measures how long calls take, in nanoseconds from any origin; {@link System#nanoTime} by default. */
    public Builder ticker(LongSupplier nanoseconds) {
      this.ticker = nanoseconds;
      return this;
    }

    /**
     * How what a call throws counts. By default an {@link InterruptedException} and the {@link BreakerOpenException} of another breaker are
     * ignored, everything else is a failure. If it throws itself, or returns null, that is logged and the call counts as failed.
     */
    public Builder classifier(Function<? super Throwable, CallOutcome> outcomes) {
      this.classifier = outcomes;
      return this;
    }

    /** A listener; may be called several times. */
    public Builder listener(BreakerListener listener) {
      listeners.add(listener);
      return this;
    }

    /** The state that the breaker was in before; a new one is closed. */
    public Builder restored(BreakerState state) {
      this.restored = state;
      return this;
    }

    /** The breaker. */
    public CircuitBreaker build() {
      return new CircuitBreaker(this);
    }

    private BreakerState initialState() {
      return Objects.requireNonNullElseGet(restored, () -> BreakerState.closed(clock.instant()));
    }

    private static CallOutcome byDefault(Throwable failure) {
      return failure instanceof InterruptedException || failure instanceof BreakerOpenException
          ? CallOutcome.IGNORED
          : CallOutcome.FAILURE;
    }
  }
}
