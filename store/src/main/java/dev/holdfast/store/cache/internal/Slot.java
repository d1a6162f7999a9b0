package dev.holdfast.store.cache.internal;

import dev.holdfast.store.internal.ChangeSet.Item;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The place of one state in the cache: its content, if there is any, and the oldest version that may be shown from now on, its floor.
 * Whoever learns of a version raises the floor before anybody else can know that it did. So a content that is older, be it still on its
 * way, is never used. Safe for use by multiple threads.
 */
public final class Slot {

  private static final AtomicReferenceFieldUpdater<Slot, Held> HELD =
      AtomicReferenceFieldUpdater.newUpdater(Slot.class, Held.class, "held");

  private static final Duration LOADING_PATIENCE = Duration.ofSeconds(1);

  private final UUID state;
  private volatile Held held = Held.NOTHING;
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
    return held;
  }

  /** The oldest version that may be shown under this watch. */
  long floor(long epoch) {
    return held.in(epoch).floor();
  }

  /** Whether a reader should touch the entry: it does so now and then only, for that costs more than the read. */
  boolean isTouchDue(long now, long interval) {
    if (now - touchedAt < interval) {
      return false;
    }
    touchedAt = now;
    return true;
  }

  /** When a reader last touched the entry. */
  long touchedAt() {
    return touchedAt;
  }

  /**
   * Nothing older than this version is shown from now on. The change set, if it is known, makes of the content before it the next one, when
   * somebody reads it.
   *
   * @param epoch tells the epoch as it is when it is asked
   * @return whether there is another content now
   */
  @SuppressWarnings("ReferenceEquality") // Another object is another content.
  boolean raise(long version, @Nullable List<Item> items, LongSupplier epoch) {
    while (true) {
      Held before = held;
      Held now = before.in(epoch.getAsLong());
      Held next = (items == null ? now : now.plus(version, items)).raised(version);
      if (next == now || HELD.compareAndSet(this, before, next)) {
        return next.content != now.content;
      }
    }
  }

  /** Makes the content of the change sets that nobody has read yet; what is held then. */
  @SuppressWarnings("ReferenceEquality") // Another object is what another thread has put there.
  Held applied() {
    while (true) {
      Held before = held;
      Held applied = before.applied();
      if (applied == before || HELD.compareAndSet(this, before, applied)) {
        return applied;
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
      Held now = before.in(epoch.getAsLong()).applied();
      if (now.epoch != loadedIn) {
        // Loaded under another watch: its reader is shown it, so nobody may be shown less, but it
        // is not kept.
        raise(loaded.version(), null, epoch);
        return;
      }
      long floor = Math.max(now.floor, loaded.version());
      if (HELD.compareAndSet(
          this, before, new Held(loadedIn, floor, newer(now.content, loaded), null))) {
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
          || HELD.compareAndSet(this, before, new Held(before.epoch, before.floor, null, null))) {
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

  /**
   * Change sets of this process that come after a content, one after the other: what is often written and seldom read should not pay for
   * contents that nobody reads. Immutable.
   *
   * @param version that this change set made
   * @param before the one before, null for the first
   * @param weight about how many bytes they take
   */
  record Unread(long version, List<Item> items, @Nullable Unread before, long weight) {

    private static final int OBJECTS = 100;

    static Unread of(long version, List<Item> items, @Nullable Unread before) {
      long weight = before == null ? 0 : before.weight;
      for (Item item : items) {
        weight += OBJECTS + 2L * item.key().length() + 2L * item.characters();
      }
      return new Unread(version, items, before, weight);
    }

    Content on(Content content) {
      Deque<Unread> inOrder = new ArrayDeque<>();
      for (Unread one = this; one != null; one = one.before) {
        inOrder.push(one);
      }
      Content made = content;
      for (Unread one : inOrder) {
        made = made.next(one.items);
      }
      return made;
    }
  }

  /**
   * What is held. Immutable.
   *
   * @param epoch the watch under which it was loaded; under another one nothing of this counts
   * @param floor the oldest version that may be shown
   * @param content what is in memory, perhaps older than the floor
   * @param unread what this process has written since
   */
  record Held(
      long epoch,
      long floor,
      @Nullable Content content,
      @Nullable Unread unread) {

    static final Held NOTHING = new Held(-1, 0, null, null);

    Held in(long current) {
      return epoch == current ? this : new Held(current, 0, null, null);
    }

    Held raised(long version) {
      return version <= floor ? this : new Held(epoch, version, content, unread);
    }

    /** With a change set, if it is the next one and what it makes can be told. */
    Held plus(long version, List<Item> items) {
      if (content == null || version != lastVersion(content) + 1 || !Content.canFollow(items)) {
        return this;
      }
      Unread more = Unread.of(version, items, unread);
      Held next = new Held(epoch, floor, content, more);
      // What nobody has counted yet takes no more than what is counted.
      return more.weight > content.weight() ? next.applied() : next;
    }

    private long lastVersion(Content of) {
      return unread == null ? of.version() : unread.version;
    }

    Held applied() {
      return content == null || unread == null
          ? this
          : new Held(epoch, floor, unread.on(content), null);
    }
  }
}
