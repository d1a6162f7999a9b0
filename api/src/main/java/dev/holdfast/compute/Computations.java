package dev.holdfast.compute;

import dev.holdfast.cache.CacheStatistics;
import dev.holdfast.cache.ComputeCache;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.internal.Durations;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Pure functions by name. A result is computed once for equal inputs, as long as the cache keeps it, and a batch is computed by several
 * threads at the same time.
 *
 * <pre>{@code
 * Computations computations = holdfast.computations();
 * computations.register(ComputeFunction.of("fare", Leg.class, leg -> tariff.price(leg)));
 * BigDecimal fare = computations.compute("fare", new Leg("JFK", "SEA"));
 * List<BigDecimal> fares = computations.<BigDecimal>computeAll("fare", legs).values();
 * }</pre>
 *
 * <p>There are three to begin with: {@value #IDENTITY}, {@value #UPPERCASE} and {@value #SUM}. Safe for use by multiple threads.
 */
public final class Computations implements AutoCloseable {

  /** Returns its input, whatever that is. Nothing is kept: an input that is equal as JSON may be another one. */
  public static final String IDENTITY = "default";

  /** A text in upper case, by the rules of no particular language. */
  public static final String UPPERCASE = "string_uppercase";

  /** The exact sum of a list of numbers, whose exponents are -100,000 to 100,000; 0 for none. */
  public static final String SUM = "sum_numbers";

  private static final long IDLE_SECONDS = 30;

  /** An exact sum has a digit for each power of ten between its numbers: a few characters can ask for gigabytes. */
  private static final int MAX_EXPONENT = 100_000;

  private final Map<String, Registered> functions = new ConcurrentHashMap<>();
  private final AtomicLong registrations = new AtomicLong();
  private final ComputeCache<Object, Object> cache;
  private final ThreadPoolExecutor helpers;
  private final int parallelism;
  private final Duration slow;
  private final LongSupplier clock;
  private final Logs logs;
  private final Log log;
  private volatile boolean closed;

  private Computations(Builder builder) {
    this.cache = builder.cache;
    this.parallelism = builder.parallelism;
    this.slow = builder.slow;
    this.clock = builder.nanoTime;
    this.logs = builder.logs;
    this.log = logs.of(Computations.class);
    this.helpers = helpers(parallelism);
    add(ComputeFunction.of(IDENTITY, Object.class, input -> input), false);
    add(ComputeFunction.of(UPPERCASE, String.class, text -> text.toUpperCase(Locale.ROOT)), true);
    add(ComputeFunction.of(SUM, List.class, Computations::sum), true);
  }

  /** Threads begin when there is something to do and end when there is nothing; none keeps the process alive. */
  private static ThreadPoolExecutor helpers(int count) {
    AtomicLong number = new AtomicLong();
    ThreadPoolExecutor executor = new ThreadPoolExecutor(
        count, count, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
          Thread thread = new Thread(work, "holdfast-compute-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  private static BigDecimal sum(List<?> numbers) {
    BigDecimal sum = BigDecimal.ZERO;
    int index = 0;
    for (Object number : numbers) {
      sum = sum.add(exact(number, index++));
    }
    return sum;
  }

  /** An element may be a secret: what is wrong with it is said without what it is. */
  private static BigDecimal exact(@Nullable Object number, int index) {
    if (!(number instanceof Number given)) {
      throw notToBeSummed(
          index,
          "no number but " + (number == null ? "null" : "a " + number.getClass().getName()));
    }
    if (given instanceof Double || given instanceof Float) {
      double value = given.doubleValue();
      if (!Double.isFinite(value)) {
        throw notToBeSummed(index, "no finite number but " + value);
      }
    }
    BigDecimal exact = new BigDecimal(given.toString());
    if (Math.abs((long) exact.scale()) > MAX_EXPONENT) {
      throw notToBeSummed(
          index, "no number with an exponent from -" + MAX_EXPONENT + " to " + MAX_EXPONENT);
    }
    return exact;
  }

  private static HoldfastException notToBeSummed(int index, String reason) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT,
        "Element " + index + " is " + reason,
        Map.of("index", index),
        null);
  }

  /** A builder with working defaults. */
  public static Builder builder() {
    return new Builder();
  }

  private record Registered(
      ComputeFunction<?, ?> function, boolean isKept, long number, Tally tally) {}

  /**
   * Adds a function.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when its name is taken
   */
  public Computations register(ComputeFunction<?, ?> function) {
    add(function, true);
    return this;
  }

  private void add(ComputeFunction<?, ?> function, boolean isKept) {
    Registered added =
        new Registered(function, isKept, registrations.incrementAndGet(), new Tally());
    if (functions.putIfAbsent(function.name(), added) != null) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "A computation of the name \"" + function.name() + "\" is registered already",
          Map.of("computation", function.name()),
          null);
    }
  }

  /** Removes a function; its results are not found again, also when another of its name is registered. False when there is none such. */
  public boolean unregister(String name) {
    return functions.remove(name) != null;
  }

  /** The names of all functions, sorted. */
  public Set<String> names() {
    return new TreeSet<>(functions.keySet());
  }

  /**
   * The result for an input, see {@link #computed(String, Object)}.
   *
   * @param <O> the function's type of results
   */
  @SuppressWarnings({"TypeParameterUnusedInFormals", "NullAway"
  }) // Only the caller can know the type, and whether the function returns null.
  public <O> O compute(String name, Object input) {
    return this.<O>computed(name, input).value();
  }

  /**
   * The result for an input and how it came about: from the cache, from another thread that computes the same just now, or computed in this
   * thread.
   *
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when there is no such function, with the names there are, or the input
   *     is of another type; with {@link ErrorCode#CODEC} when the input cannot be JSON; with {@link ErrorCode#COMPUTATION_FAILED} when the
   *     function throws, with that as the cause; with {@link ErrorCode#CLOSED}
   * @throws dev.holdfast.error.TransientException when the thread is interrupted while it waits for another one's result
   */
  public <O> Computed<O> computed(String name, Object input) {
    Registered registered = required(name);
    return cached(registered, registered.function(), input);
  }

  /** The result for an input, computed in this thread although it may be in the cache, and not kept. */
  public <O> Computed<O> computedAnew(String name, Object input) {
    Registered registered = required(name);
    return anew(registered, registered.function(), input);
  }

  /**
   * The results for many inputs, computed by as many threads as {@link Builder#parallelism} says, of which the caller's is one. A batch
   * within a batch is fine. Equal inputs are computed once, as long as the cache keeps the result.
   *
   * <p>A function may ask for what others compute, but not for what waits for it, be it through a batch: of such a circle one computation
   * fails with {@link ErrorCode#CACHE_MISUSE}, which names it, and those that need it with that as the root cause.
   *
   * @throws HoldfastException as {@link #computed} does; after a failure no further input is begun, those under way are waited for, and the
   *     failure of the first input is thrown with the others suppressed
   * @throws dev.holdfast.error.TransientException when the thread is interrupted; no further input is begun
   */
  public <O> Batch<O> computeAll(String name, List<?> inputs) {
    Registered registered = required(name);
    List<?> copy = new ArrayList<>(inputs); // A null is refused by name, like any other input.
    if (copy.isEmpty()) {
      return new Batch<>(List.of(), 1);
    }
    Crew<Computed<O>> crew = new Crew<>(
        copy.size(), index -> cached(registered, registered.function(), copy.get(index)), logs);
    List<Computed<O>> results = crew.run(helpers, parallelism - 1);
    return new Batch<>(results, crew.threads());
  }

  private Registered required(String name) {
    if (closed) {
      throw new HoldfastException(ErrorCode.CLOSED, "The computations are closed");
    }
    Registered found = functions.get(name);
    if (found == null) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "There is no computation \"" + name + "\"; there are " + names(),
          Map.of("computation", name),
          null);
    }
    return found;
  }

  @SuppressWarnings("unchecked") // The function's type of results is the caller's word.
  private <I, O> Computed<O> cached(
      Registered registered, ComputeFunction<I, ?> function, @Nullable Object given) {
    if (!registered.isKept()) {
      return anew(registered, function, given);
    }
    I input = requireInput(function, given);
    InputKey key =
        InputKey.of(function.name(), registered.number(), function.inputs().encode(input));
    long[] nanos = {-1};
    Object value =
        cache.get(key, same -> call(registered, function, input, time -> nanos[0] = time));
    boolean fromCache = nanos[0] < 0;
    if (fromCache) {
      registered.tally().hit();
    }
    return new Computed<>(
        (O) value, fromCache, fromCache ? Duration.ZERO : Duration.ofNanos(nanos[0]));
  }

  @SuppressWarnings("unchecked") // The function's type of results is the caller's word.
  private <I, O> Computed<O> anew(
      Registered registered, ComputeFunction<I, ?> function, @Nullable Object given) {
    long[] nanos = {0};
    Object value =
        call(registered, function, requireInput(function, given), time -> nanos[0] = time);
    return new Computed<>((O) value, false, Duration.ofNanos(nanos[0]));
  }

  private static <I> I requireInput(ComputeFunction<I, ?> function, @Nullable Object given) {
    if (!function.inputType().isInstance(given)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "Computation \"" + function.name() + "\" takes a "
              + function.inputType().getName() + ", not "
              + (given == null ? "null" : "a " + given.getClass().getName()),
          Map.of("computation", function.name()),
          null);
    }
    return function.inputType().cast(given);
  }

  private interface Timing {
    void took(long nanos);
  }

  private <I> @Nullable Object call(
      Registered registered, ComputeFunction<I, ?> function, I input, Timing timing) {
    long begin = clock.getAsLong();
    boolean success = false;
    try {
      Object value = function.work().compute(input);
      success = true;
      return value;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      String message = FailureFacts.message(e);
      throw new HoldfastException(
          ErrorCode.COMPUTATION_FAILED,
          "Computation \"" + function.name() + "\" failed: "
              + (message == null ? e.getClass().getName() : message),
          Map.of("computation", function.name()),
          e);
    } finally {
      long nanos = Math.max(0, clock.getAsLong() - begin);
      timing.took(nanos);
      registered.tally().computed(success, nanos);
      if (nanos > slow.toNanos()) {
        log.warn(
            "Computation {} took {} ms", function.name(), TimeUnit.NANOSECONDS.toMillis(nanos));
      }
    }
  }

  /** How the functions that are registered were used, by name. */
  public Map<String, ComputationMetrics> metrics() {
    Map<String, ComputationMetrics> metrics = new TreeMap<>();
    functions.forEach((name, registered) -> metrics.put(name, registered.tally().copy()));
    return metrics;
  }

  /** How a function was used; empty when there is none such. */
  public Optional<ComputationMetrics> metrics(String name) {
    return Optional.ofNullable(functions.get(name))
        .map(registered -> registered.tally().copy());
  }

  /** What the cache holds and how it was used. */
  public CacheStatistics cacheStatistics() {
    return cache.statistics();
  }

  /** How many threads work on a batch at most, the caller's included. */
  public int parallelism() {
    return parallelism;
  }

  /** Refuses new computations and forgets the results; those under way end. Closing again does nothing. */
  @Override
  public void close() {
    closed = true;
    helpers.shutdown();
    cache.clear();
  }

  /** What computations are made with. Confined to one thread. */
  public static final class Builder {

    private static final int MAX_PARALLELISM = 256;

    private ComputeCache<Object, Object> cache = ComputeCache.builder().build();
    private int parallelism = Runtime.getRuntime().availableProcessors();
    private Duration slow = Duration.ofMillis(100);
    private LongSupplier nanoTime = System::nanoTime;
    private Logs logs = Logs.standard();

    private Builder() {}

    /** Where results are kept: a cache that nothing else uses. One of 128 results for an hour by default. */
    public Builder cache(ComputeCache<Object, Object> empty) {
      this.cache = Objects.requireNonNull(empty, "empty");
      return this;
    }

    /** How many threads work on a batch at most, the caller's included; 1 to 256, as many as there are processors by default. */
    public Builder parallelism(int threads) {
      if (threads < 1 || threads > MAX_PARALLELISM) {
        throw invalid("parallelism is 1 to " + MAX_PARALLELISM + ", not " + threads);
      }
      this.parallelism = threads;
      return this;
    }

    /** From which time on a computation is logged as slow; zero to 292 years, 100 ms by default. */
    public Builder slowAfter(Duration time) {
      if (!Durations.isCountable(Objects.requireNonNull(time, "time"))) {
        throw invalid("slowAfter is zero to 292 years, not " + time);
      }
      this.slow = time;
      return this;
    }

    /** Where log lines go; {@link Logs#standard()} by default. They stay open when the computations are closed. */
    public Builder logs(Logs to) {
      this.logs = Objects.requireNonNull(to, "to");
      return this;
    }

    /** Where time comes from, in nanoseconds, for tests; {@link System#nanoTime} by default. */
    public Builder nanoTime(LongSupplier source) {
      this.nanoTime = Objects.requireNonNull(source, "source");
      return this;
    }

    /** The computations. */
    public Computations build() {
      return new Computations(this);
    }

    private static HoldfastException invalid(String message) {
      return new HoldfastException(ErrorCode.CONFIGURATION, "Computations: " + message);
    }
  }
}
