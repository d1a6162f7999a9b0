package dev.holdfast.store.cache.internal;

import dev.holdfast.store.internal.ChangeSet.Item;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The place of one state in the cache: its content, if there is any, and the oldest version that may be shown from now on, its floor.
 * Whoever learns of a version raises the floor before anybody else can know that it did. So a content that is older, be it still on its
 * way, is never used. Safe for use by multiple threads.
 */
public final class Slot {

  private static final Duration LOADING_PATIENCE = Duration.ofSeconds(1);

  private final UUID state;
  private final AtomicReference<Held> held = new AtomicReference<>(Held.NOTHING);
  private final ReentrantLock loading = new ReentrantLock();
  // Of these two, any thread's view is good enough.
  private long touchedAt;
  private volatile long heavyUntil;
  private volatile boolean heavy;

  Slot(UUID state) {
    this.state = state;
  }

  /** The state. */
  public UUID state() {
    return state;
  }

  Held held() {
    return Objects.requireNonNull(held.get());
  }

  /** Whether a reader should touch the entry: it does so now and then only, for that costs more than the read. */
  boolean isTouchDue(long now, long interval) {
    if (now - touchedAt < interval) {
      return false;
    }
    touchedAt = now;
    return true;
  }

  /**
   * Nothing older than this version is shown from now on. The change set, if it is known, makes of the content before it the next one.
   *
   * @param epoch tells the epoch as it is when it is asked
   */
  void raise(long version, @Nullable List<Item> items, LongSupplier epoch) {
    Patch patch = new Patch(version, items);
    while (true) {
      Held before = held();
      Held now = before.in(epoch.getAsLong());
      Content next = patch.of(now.content);
      if (version <= now.floor && next == now.content) {
        return;
      }
      if (held.compareAndSet(before, new Held(now.epoch, Math.max(now.floor, version), next))) {
        return;
      }
    }
  }

  /**
   * Keeps what was loaded, unless there is something newer.
   *
   * @param loadedIn what the epoch was when the load began
   */
  void install(Content loaded, long loadedIn, LongSupplier epoch) {
    while (true) {
      Held before = held();
      Held now = before.in(epoch.getAsLong());
      if (now.epoch != loadedIn) {
        // Loaded under another watch: its reader is shown it, so nobody may be shown less, but it
        // is not kept.
        raise(loaded.version(), null, epoch);
        return;
      }
      long floor = Math.max(now.floor, loaded.version());
      if (held.compareAndSet(before, new Held(loadedIn, floor, newer(now.content, loaded)))) {
        return;
      }
    }
  }

  private static Content newer(@Nullable Content kept, Content loaded) {
    if (kept == null || kept.version() < loaded.version()) {
      return loaded;
    }
    return kept.version() > loaded.version() ? kept : kept.confirmed(loaded);
  }

  /** Gives the memory of a content back, if it is still there; the floor stays. */
  @SuppressWarnings("ReferenceEquality") // The very content is meant.
  void evict(Content content) {
    while (true) {
      Held before = held();
      if (before.content != content
          || held.compareAndSet(before, new Held(before.epoch, before.floor, null))) {
        return;
      }
    }
  }

  /** Gives the memory of whatever there is back; the floor stays. */
  void forget() {
    Content content = held().content;
    if (content != null) {
      evict(content);
    }
  }

  /** Whether the state was found to be too large to be kept, a while ago at most. */
  public boolean isHeavy() {
    return heavy && System.nanoTime() - heavyUntil < 0;
  }

  void foundHeavy(Duration forHowLong) {
    heavyUntil = System.nanoTime() + forHowLong.toNanos();
    heavy = true;
  }

  /**
   * Waits a moment for somebody else who loads the same state.
   *
   * @return whether the caller is the one who loads, and has to {@linkplain #loaded say} when it is done
   */
  public boolean awaitTurn() {
    try {
      return loading.tryLock(LOADING_PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Lets the next one load. */
  public void loaded() {
    loading.unlock();
  }

  /** What a change set makes of the content before it, made once. Confined to one thread. */
  private static final class Patch {

    private final long version;
    private final @Nullable List<Item> items;
    private @Nullable Content from;
    private @Nullable Content made;

    Patch(long version, @Nullable List<Item> items) {
      this.version = version;
      this.items = items;
    }

    @SuppressWarnings("ReferenceEquality") // The very content is meant.
    @Nullable
    Content of(@Nullable Content content) {
      if (content == null || items == null || content.version() != version - 1) {
        return content;
      }
      if (from != content) {
        from = content;
        made = content.next(items);
      }
      return made == null ? content : made;
    }
  }

  /**
   * What is held. Immutable.
   *
   * @param epoch the watch under which it was loaded; under another one nothing of this counts
   * @param floor the oldest version that may be shown
   * @param content what is in memory, perhaps older than the floor
   */
  record Held(long epoch, long floor, @Nullable Content content) {

    static final Held NOTHING = new Held(-1, 0, null);

    Held in(long current) {
      return epoch == current ? this : new Held(current, 0, null);
    }
  }
}
