package dev.holdfast.cache;

import dev.holdfast.cache.CacheStatistics.Counts;
import dev.holdfast.cache.internal.Flight;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded cache of computed results, in the memory of one process. Safe for use by multiple threads.
 *
 * <p>A key is computed by one thread at a time; others that ask for it wait, and those that ask for other keys never do. Who asks after an
 * {@link #invalidate} or {@link #clear} does not wait for a computation that began before. Null is a value like any other. A computation that
 * throws leaves nothing behind.
 *
 * <pre>{@code
 * ComputeCache<String, Plan> plans =
 *     ComputeCache.builder().maximumSize(1_000).timeToLive(Duration.ofHours(1)).build();
 * Plan plan = plans.get("trip-42", this::plan);
 * }</pre>
 *
 * <p>Keys must be immutable. Values are shared, not copied: let them be immutable, too.
 */
public final class ComputeCache<K, V> {

  private final Entries<K, V> entries;
  private final ConcurrentHashMap<K, Flight<V>> flights = new ConcurrentHashMap<>();
  private final Tally tally;
  private final LongSupplier clock;
  private final CachePolicy policy;
  private final int maximumSize;
  private final @Nullable Duration timeToLive;
  private final boolean counts;

  private ComputeCache(Builder builder) {
    long origin = builder.nanoTime.getAsLong();
    this.clock = () -> builder.nanoTime.getAsLong() - origin;
    this.policy = builder.policy;
    this.maximumSize = builder.maximumSize;
    this.timeToLive = builder.timeToLive;
    this.counts = builder.counts;
    this.tally = new Tally(counts ? builder.totals : null);
    this.entries = policy == CachePolicy.ADAPTIVE
        ? new AdaptiveEntries<>(maximumSize, clock, tally)
        : new OrderedEntries<>(policy, maximumSize, clock, tally);
  }

  /** A builder that starts with the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The value of a key: the one that is there, or else what the computation returns, which is then put. When another thread computes the
   * key already, waits for its value; if that computation fails, makes its own, since only the caller knows what its function would do.
   *
   * <p>A {@link #put}, {@link #invalidate} or {@link #clear} meanwhile wins: what was computed is returned and not put.
   *
   * @throws E what the computation throws
   * @throws HoldfastException with {@link ErrorCode#CACHE_MISUSE} when the computation asks for its own key, directly or through
   *     computations of other threads that wait for it, also in other caches and through batches of {@code Computations}
   * @throws dev.holdfast.error.TransientException when the thread is interrupted while it waits
   */
  public <E extends Exception> @Nullable V get(
      K key, Computation<? super K, ? extends V, E> computation) throws E {
    Cached<V> found = find(key).orElse(null);
    while (found == null) {
      Flight<V> mine = new Flight<>(key);
      Flight<V> other = flights.putIfAbsent(key, mine);
      found = other == null ? fly(key, mine, computation) : other.await();
    }
    return found.value();
  }

  private <E extends Exception> Cached<V> fly(
      K key, Flight<V> mine, Computation<? super K, ? extends V, E> computation) throws E {
    Cached<V> result = null;
    mine.begin();
    try {
      Entry<V> meanwhile = entries.use(key); // It may have been put since the caller looked.
      result = new Cached<>(meanwhile == null ? computation.compute(key) : meanwhile.value());
      if (meanwhile == null) {
        putIfCurrent(key, mine, entry(result.value(), timeToLive));
      }
      return result;
    } finally {
      flights.remove(key, mine);
      mine.land(result);
    }
  }

  /** In the map's own turn for the key, so that no {@code put} comes between the look and the put. */
  private void putIfCurrent(K key, Flight<V> mine, Entry<V> entry) {
    flights.computeIfPresent(key, (same, current) -> {
      if (current.equals(mine)) {
        entries.put(key, entry);
      }
      return current;
    });
  }

  /** The value of a key if it is there. Never computes and never waits for a computation. */
  public Optional<Cached<V>> find(K key) {
    Entry<V> entry = entries.use(key);
    if (counts) {
      tally.asked(entry != null);
    }
    return entry == null ? Optional.empty() : Optional.of(new Cached<>(entry.value()));
  }

  /** Puts a value, which lives as long as those of this cache do. Replaces what is there, and no other entry goes for that. */
  public void put(K key, @Nullable V value) {
    put(key, entry(value, timeToLive));
  }

  /**
   * Puts a value with a life of its own.
   *
   * @param life zero or more; with zero it has expired at once
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when it is negative
   */
  public void put(K key, @Nullable V value, Duration life) {
    if (life.isNegative()) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "The life of an entry is zero or more, not " + life);
    }
    put(key, entry(value, life));
  }

  private void put(K key, Entry<V> entry) {
    flights.compute(key, (same, current) -> {
      entries.put(key, entry);
      return null;
    });
  }

  private Entry<V> entry(@Nullable V value, @Nullable Duration life) {
    if (life == null) {
      return new Entry<>(value, Entry.NEVER);
    }
    long now = clock.getAsLong();
    long end = now + Builder.nanos(life);
    return new Entry<>(value, end < now ? Entry.NEVER : end);
  }

  /** Removes the value of a key, and says whether there was one. A computation under way will not be put. */
  public boolean invalidate(K key) {
    boolean[] removed = {false};
    flights.compute(key, (same, current) -> {
      removed[0] = entries.remove(key);
      return null;
    });
    return removed[0];
  }

  /** Removes everything and sets what was counted to zero. Computations under way will not be put. */
  public void clear() {
    flights.keySet().forEach(key -> flights.computeIfPresent(key, (same, current) -> null));
    entries.clear();
    tally.reset();
  }

  /** How many entries there are, those included that have expired and not been removed; never more than the maximum size. */
  public int size() {
    return entries.size();
  }

  /** What the cache holds and how it was used. Looks at entries that have expired, so not for a hot path. */
  public CacheStatistics statistics() {
    int total = entries.size();
    int expired = Math.min(total, entries.expired());
    return new CacheStatistics(
        total, expired, total - expired, maximumSize, counts ? tally.copy() : null);
  }

  /** Which entry makes room for another. */
  public CachePolicy policy() {
    return policy;
  }

  /** How many entries there may be. */
  public int maximumSize() {
    return maximumSize;
  }

  /** How long an entry lives; empty when it does not expire. */
  public Optional<Duration> timeToLive() {
    return Optional.ofNullable(timeToLive);
  }

  private static final class Tally implements Entries.Listener {
    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder evictions = new LongAdder();
    final LongAdder expirations = new LongAdder();
    private final @Nullable CacheTotals totals;

    Tally(@Nullable CacheTotals totals) {
      this.totals = totals;
    }

    void asked(boolean hit) {
      (hit ? hits : misses).increment();
      if (totals != null) {
        if (hit) {
          totals.hit();
        } else {
          totals.miss();
        }
      }
    }

    @Override
    public void evicted() {
      evictions.increment();
      if (totals != null) {
        totals.evicted();
      }
    }

    @Override
    public void expired() {
      expirations.increment();
      if (totals != null) {
        totals.expired();
      }
    }

    void reset() {
      hits.reset();
      misses.reset();
      evictions.reset();
      expirations.reset();
    }

    Counts copy() {
      return new Counts(hits.sum(), misses.sum(), evictions.sum(), expirations.sum());
    }
  }

  /** What a cache is made with. A number out of range is refused with {@link ErrorCode#CONFIGURATION}. Confined to one thread. */
  public static final class Builder {

    private static final int HIGHEST_SIZE = 10_000_000;

    private CachePolicy policy = CachePolicy.ADAPTIVE;
    private int maximumSize = 128;
    private @Nullable Duration timeToLive = Duration.ofHours(1);
    private boolean counts = true;
    private @Nullable CacheTotals totals;
    private LongSupplier nanoTime = System::nanoTime;

    private Builder() {}

    /** Which entry makes room for another; {@link CachePolicy#ADAPTIVE} by default. */
    public Builder policy(CachePolicy whichGoes) {
      this.policy = Objects.requireNonNull(whichGoes, "whichGoes");
      return this;
    }

    /** How many entries there may be; 0, which keeps nothing, to 10,000,000, 128 by default. */
    public Builder maximumSize(int entries) {
      if (entries < 0 || entries > HIGHEST_SIZE) {
        throw invalid("maximumSize is 0 to " + HIGHEST_SIZE + ", not " + entries);
      }
      this.maximumSize = entries;
      return this;
    }

    /** How long an entry lives after it was written, on the clock that only goes forward; zero or more, 1 hour by default. */
    public Builder timeToLive(Duration life) {
      if (Objects.requireNonNull(life, "life").isNegative()) {
        throw invalid("timeToLive is zero or more, not " + life);
      }
      this.timeToLive = life;
      return this;
    }

    /** Entries do not expire. */
    public Builder withoutExpiry() {
      this.timeToLive = null;
      return this;
    }

    /** Nothing is counted. */
    public Builder withoutStatistics() {
      this.counts = false;
      return this;
    }

    /** Where what is counted is counted as well, together with other caches; nowhere by default. */
    public Builder totals(CacheTotals ofSeveral) {
      this.totals = Objects.requireNonNull(ofSeveral, "ofSeveral");
      return this;
    }

    /** Where time comes from, in nanoseconds, for tests; {@link System#nanoTime} by default. */
    public Builder nanoTime(LongSupplier source) {
      this.nanoTime = Objects.requireNonNull(source, "source");
      return this;
    }

    /** An empty cache. */
    public <K, V> ComputeCache<K, V> build() {
      return new ComputeCache<>(this);
    }

    private static long nanos(Duration duration) {
      try {
        return duration.toNanos();
      } catch (ArithmeticException e) {
        return Long.MAX_VALUE; // 292 years.
      }
    }

    private static HoldfastException invalid(String message) {
      return new HoldfastException(ErrorCode.CONFIGURATION, "Compute cache: " + message);
    }
  }
}
