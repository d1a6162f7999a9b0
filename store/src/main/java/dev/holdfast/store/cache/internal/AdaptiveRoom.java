package dev.holdfast.store.cache.internal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.holdfast.store.cache.ReadCacheOptions;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Room as Caffeine makes it, by weight; the bound on their number is kept by taking its coldest. */
final class AdaptiveRoom implements Room {

  private final int maximumStates;
  private final Cache<Slot, Content> contents;
  private final Policy.Eviction<Slot, Content> eviction;
  private final LongAdder evictions = new LongAdder();
  private final LongAdder expirations = new LongAdder();

  AdaptiveRoom(ReadCacheOptions options) {
    this.maximumStates = options.maximumStates();
    Caffeine<Slot, Content> builder = Caffeine.newBuilder()
        .executor(Runnable::run)
        .maximumWeight(options.maximumWeight())
        .<Slot, Content>weigher((slot, content) -> (int) Math.min(content.weight(), 1 << 30))
        .evictionListener(this::evicted);
    options.maximumIdle().ifPresent(idle -> builder.expireAfter(new SinceRead(idle)));
    this.contents = builder.build();
    this.eviction = contents.policy().eviction().orElseThrow();
  }

  private void evicted(@Nullable Slot slot, @Nullable Content content, RemovalCause cause) {
    (cause == RemovalCause.EXPIRED ? expirations : evictions).increment();
    if (slot != null && content != null) {
      slot.evict(content);
    }
  }

  @Override
  public void read(Slot slot) {
    if (contents.getIfPresent(slot) == null) {
      account(slot);
    }
  }

  @Override
  public void account(Slot slot) {
    contents.asMap().compute(slot, (key, before) -> key.held().content());
    while (contents.estimatedSize() > maximumStates) {
      eviction.coldest(1).keySet().forEach(this::remove);
    }
  }

  private void remove(Slot slot) {
    // Under the map's lock, as an eviction is: what somebody installs and counts after that stays.
    contents.asMap().computeIfPresent(slot, (key, content) -> {
      evictions.increment();
      key.forget();
      return null;
    });
  }

  @Override
  public long states() {
    return contents.estimatedSize();
  }

  @Override
  public long weight() {
    return eviction.weightedSize().orElse(0);
  }

  @Override
  public long evictions() {
    return evictions.sum();
  }

  @Override
  public long expirations() {
    return expirations.sum();
  }

  @Override
  public void clear() {
    contents.invalidateAll();
  }

  /** A write of this process makes a new content, which is no read. */
  private record SinceRead(Duration idle) implements Expiry<Slot, Content> {

    @Override
    public long expireAfterCreate(Slot slot, Content content, long now) {
      return idle.toNanos();
    }

    @Override
    public long expireAfterUpdate(Slot slot, Content content, long now, long left) {
      return left;
    }

    @Override
    public long expireAfterRead(Slot slot, Content content, long now, long left) {
      return idle.toNanos();
    }
  }
}
