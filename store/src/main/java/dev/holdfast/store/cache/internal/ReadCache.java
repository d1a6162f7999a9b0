package dev.holdfast.store.cache.internal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.holdfast.logging.Log;
import dev.holdfast.store.cache.NamespaceReads;
import dev.holdfast.store.cache.ReadCacheMetrics;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.json.Codec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * States in memory, and when they may be shown instead of asking the database.
 *
 * <p><b>What is kept.</b> A {@link Content} is a whole state at one version. What a version contains never changes, so a content is never
 * wrong; it can only be old. Two things decide whether it is too old.
 *
 * <p><b>The floor</b> of its {@link Slot}: the newest version of the state that anybody in this process was told of, by a write that
 * returned, by a read, or by the watch. It is raised before whoever learned of the version goes on, and a content below it is not used. So
 * reads never go backwards in the process and own writes are seen, also when an older content is still on its way from the database.
 *
 * <p><b>The watch</b> ({@link Watch}) asks the database again and again which states have changed since it last asked, and raises their
 * floors; it looks the states up one by one while they are few. Then it publishes the moment at which it had begun to ask: {@link Watched}. A
 * content that is not below its floor was current at that moment, for every write that had returned by then was seen. A read looks at the
 * clock, takes {@code Watched} and then the slot; when the moment was not longer before than the bound, it can use the content. When the watch is
 * late, for whatever reason (connection lost, database slow, process stopped), the clock says so by itself and reads go to the database; nobody
 * has to notice anything. A content that was loaded since is as current as its load.
 *
 * <p><b>Epochs.</b> A watch that lost its connection begins anew and knows nothing of what happened in between; the database may even be
 * another one, which lacks the last writes. So what was loaded under another watch does not count, and what is loaded while the watch
 * changes is not kept.
 *
 * <p>Safe for use by multiple threads.
 */
public final class ReadCache implements AutoCloseable {

  private static final long TOUCH_NANOS = Duration.ofMillis(50).toNanos();
  private static final Duration HEAVY_FOR = Duration.ofMinutes(5);

  /** Further behind than this a content is not refreshed but loaded anew: one read of everything costs less than of many changes. */
  private static final long MOST_VERSIONS_TO_REFRESH = 200;

  /** Up to so many states are looked up one by one, which takes some milliseconds of the server's time for so many. */
  private static final int MOST_HEADS = 1_000;

  private final ReadCacheOptions options;
  private final long boundNanos;
  private final long lifeNanos;
  private final Watch watch;
  // What it puts off is done by whoever comes by: a pool would be woken for it at every few writes.
  private final Cache<UUID, Slot> slots =
      Caffeine.newBuilder().weakValues().executor(Runnable::run).build();
  private final Room room;
  private final @Nullable NamespaceCounts namespaces;
  private final LongAdder misses = new LongAdder();
  private final LongAdder refreshes = new LongAdder();
  private final LongAdder expirations = new LongAdder();
  private final LongAdder resets = new LongAdder();

  /** Long ago at first, so that nothing counts as watched. */
  private volatile Watched watched = new Watched(0, System.nanoTime() - Long.MAX_VALUE / 2);

  /**
   * A cache without content. Nothing is connected before something is read from it.
   *
   * @param link how to reach the database, for the watch alone
   * @param log where the watch says that it was interrupted
   */
  public ReadCache(ReadCacheOptions options, WatchLink.Factory link, Log log) {
    this.options = options;
    this.boundNanos = options.maximumStaleness().toNanos();
    this.lifeNanos = options.timeToLive().map(Duration::toNanos).orElse(Long.MAX_VALUE);
    this.room = Room.of(options);
    this.namespaces = options.isCountingNamespaces() ? new NamespaceCounts() : null;
    this.watch =
        new Watch(options, link, log, this::few, this::begin, this::changed, this::publish);
  }

  /** Whether there is a cache at all. */
  public boolean isEnabled() {
    return options.isEnabled();
  }

  /** The place of a state, the same for all who use it at the same time. */
  public Slot slot(UUID state) {
    return slots.get(state, Slot::new);
  }

  /** What is loaded from now on is loaded under this watch. */
  public long epoch() {
    return watched.epoch();
  }

  /**
   * The content of a state if it may be shown.
   *
   * @param minimum the oldest version that will do
   */
  public @Nullable Content current(Slot slot, long minimum) {
    // The order matters: whatever the watch vouches for has raised its floor before. The clock
    // comes first, because a processor does nothing else while it reads it; the age is that at the
    // beginning of the read.
    long now = System.nanoTime();
    Watched seen = watched;
    Slot.Held held = held(slot);
    Content content = held.content();
    if (content == null
        || held.epoch() != seen.epoch()
        || content.version() < held.floor()
        || content.version() < minimum) {
      return null;
    }
    long age = now - content.currentAt();
    if (age > lifeNanos || (age > boundNanos && now - seen.at() > boundNanos)) {
      return null;
    }
    if (slot.isTouchDue(now, TOUCH_NANOS)) {
      room.read(slot);
      watch.readAt(now);
      content.touched();
    }
    return content;
  }

  /**
   * What {@link #current} shows, for as long as that cannot change; null when it shows nothing, or when nothing of it is decoded yet.
   *
   * @param minimum the oldest version that will do
   */
  @SuppressWarnings("ReferenceEquality") // The very content is meant.
  public <V> @Nullable Vouched<V> vouched(Slot slot, long minimum, Codec<V> codec) {
    // Before the content is judged: see Vouched.
    Watched seen = watched;
    Slot.Held held = slot.held();
    Content content = current(slot, minimum);
    if (content == null || content != held.content()) {
      return null;
    }
    DecodedValues<V> values = content.decoded(codec);
    return values == null
        ? null
        : new Vouched<>(seen, held, until(slot, content, seen), content, values);
  }

  /** When a content that nobody changes meanwhile has to be judged anew, or the slot to be touched. */
  private long until(Slot slot, Content content, Watched seen) {
    long since = content.currentAt();
    long bounded = Math.max(0, seen.at() - since) + boundNanos;
    long untouched = slot.touchedAt() - since + TOUCH_NANOS;
    return since + Math.min(untouched, Math.min(bounded, lifeNanos));
  }

  /** Whether a content may be shown: always when {@link #current} would show them, except that it has to be asked now and then. */
  @SuppressWarnings("ReferenceEquality") // See Vouched.
  public boolean isCurrent(Vouched<?> vouched, Slot slot) {
    // In the order of current().
    long now = System.nanoTime();
    return watched == vouched.watched && slot.held() == vouched.held && now - vouched.until < 0;
  }

  /** What is held, with what this process has written since. */
  private Slot.Held held(Slot slot) {
    Slot.Held held = slot.held();
    if (held.unread() == null) {
      return held;
    }
    Slot.Held applied = slot.applied();
    return hasGrown(slot) ? slot.held() : applied;
  }

  /** Counts what own writes have made of a content; whether that is more than a state may take, and so is not kept. */
  private boolean hasGrown(Slot slot) {
    Content content = slot.held().content();
    boolean heavy = content != null && content.weight() > options.maximumStateWeight();
    if (heavy) {
      slot.foundHeavy(HEAVY_FOR);
      slot.forget();
    }
    room.account(slot);
    return heavy;
  }

  /** Counts a read that has to ask the database, and sees to it that the watch is on for the next. */
  public void missed() {
    if (options.isCounting()) {
      misses.increment();
    }
    watch.readAt(System.nanoTime());
  }

  /** What is in memory, however old, if it is worth asking only for what has changed since. */
  public @Nullable Content toRefresh(Slot slot) {
    Slot.Held held = held(slot);
    Content content = held.content();
    if (content != null && System.nanoTime() - content.currentAt() > lifeNanos) {
      expirations.increment();
    }
    return content != null
            && held.epoch() == epoch()
            && held.floor() - content.version() <= MOST_VERSIONS_TO_REFRESH
        ? content
        : null;
  }

  /** Counts a read that asked only for what has changed. */
  public void refreshed() {
    refreshes.increment();
  }

  /**
   * Keeps what was loaded, if it is small enough and nothing newer is there.
   *
   * @param loadedIn the {@linkplain #epoch() epoch} before the load began
   */
  public void install(Slot slot, Content loaded, long loadedIn) {
    if (loaded.weight() > options.maximumStateWeight()) {
      slot.raise(loaded.version(), null, this::epoch);
      slot.foundHeavy(HEAVY_FOR);
      slot.forget();
      room.account(slot);
    } else {
      slot.install(loaded, loadedIn, this::epoch);
      room.account(slot);
      room.read(slot);
    }
  }

  /**
   * A write of this process was committed, or may be by somebody else: nobody here is shown less from now on.
   *
   * @param items what was written, null when that is not known
   */
  public void wrote(UUID state, long version, @Nullable List<Item> items) {
    watch.wrote();
    Slot slot = slots.getIfPresent(state);
    if (slot != null) {
      if (slot.raise(version, items, this::epoch)) {
        hasGrown(slot);
      }
    }
  }

  /** Somebody in this process was told of a version. */
  public void saw(UUID state, long version) {
    Slot slot = slots.getIfPresent(state);
    if (slot != null) {
      slot.raise(version, null, this::epoch);
    }
  }

  /** Whether a later read of this process may show a key, as far as its floor goes: from a content, or from one that is on its way. */
  public boolean mayShow(UUID state, String key) {
    Slot slot = slots.getIfPresent(state);
    if (slot == null || slot.isHeavy()) {
      return false;
    }
    Content content = held(slot).content();
    return content == null || content.values().get(key) != null;
  }

  /** A new watch begins. */
  private void begin(long at) {
    resets.increment();
    watched = new Watched(watched.epoch() + 1, at);
  }

  /** The states that anybody here may read from memory, and what is known of them; empty when they are too many to be looked up. */
  private Optional<Map<UUID, Long>> few() {
    Map<UUID, Long> few = new HashMap<>();
    for (Slot slot : slots.asMap().values()) {
      if (few.size() == MOST_HEADS) {
        return Optional.empty();
      }
      few.put(slot.state(), slot.floor(epoch()));
    }
    return Optional.of(few);
  }

  private void changed(Map<UUID, Long> newest) {
    newest.forEach(this::saw);
  }

  private void publish(long at) {
    watched = new Watched(watched.epoch(), at);
  }

  /**
   * How the cache did so far.
   *
   * @param hits counted by whoever was given a {@linkplain #current content}: it has to count them anyway
   */
  public ReadCacheMetrics metrics(long hits) {
    return new ReadCacheMetrics(
        room.states(),
        room.weight(),
        options.isCounting() ? hits : 0,
        misses.sum(),
        refreshes.sum(),
        room.evictions(),
        room.expirations() + expirations.sum(),
        watch.polls(),
        watch.failures(),
        resets.sum(),
        Duration.ofNanos(System.nanoTime() - watched.at()));
  }

  /** Where hits and misses of a namespace are counted; null when they are not counted. */
  public NamespaceCounts.@Nullable Count counts(String namespace) {
    return namespaces == null ? null : namespaces.of(namespace);
  }

  /** Hits and misses by namespace; none when they are not counted. */
  public Map<String, NamespaceReads> namespaces() {
    return namespaces == null ? Map.of() : namespaces.copy();
  }

  /** Ends the watch and forgets everything; what is read from now on asks the database. */
  @Override
  public void close() {
    watch.close();
    begin(System.nanoTime() - TimeUnit.DAYS.toNanos(1));
    room.clear();
  }
}
