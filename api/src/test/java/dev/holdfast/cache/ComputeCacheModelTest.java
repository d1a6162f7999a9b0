package dev.holdfast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The exact policies do what a plain list with a linear search does, step by step. */
class ComputeCacheModelTest {

  private static final int WALKS = 300;
  private static final int STEPS = 200;

  @ParameterizedTest
  @EnumSource(value = CachePolicy.class, names = "ADAPTIVE", mode = EnumSource.Mode.EXCLUDE)
  void doesWhatThePlainModelDoes(CachePolicy policy) {
    long seed = Seed.next("cache-" + policy);
    long evictions = 0;
    long expirations = 0;
    for (int walk = 0; walk < WALKS; walk++) {
      Walk run = new Walk(policy, new SplittableRandom(seed + walk));
      for (int step = 0; step < STEPS; step++) {
        run.step(walk + ", step " + step);
      }
      evictions += run.model.evictions;
      expirations += run.model.expirations;
    }
    assertThat(evictions).as("enough evictions").isGreaterThan(WALKS * 10L);
    assertThat(expirations).as("enough expirations").isGreaterThan(WALKS);
  }

  /** A control: the comparison finds a cache that keeps another order. */
  @Test
  void theModelTellsPoliciesApart() {
    for (CachePolicy policy : List.of(CachePolicy.LRU, CachePolicy.LFU, CachePolicy.FIFO)) {
      for (CachePolicy other : List.of(CachePolicy.LRU, CachePolicy.LFU, CachePolicy.FIFO)) {
        assertThat(agree(policy, other)).as("%s and %s", policy, other).isEqualTo(policy == other);
      }
    }
  }

  private static boolean agree(CachePolicy policy, CachePolicy modelled) {
    Walk run = new Walk(policy, new SplittableRandom(1));
    Walk model = new Walk(modelled, new SplittableRandom(1));
    for (int step = 0; step < 2_000; step++) {
      if (!run.actual().equals(model.expected())) {
        return false;
      }
    }
    return true;
  }

  /** Random calls, made to the cache and to the model. */
  private static final class Walk {
    private final TestingNanoTime time = new TestingNanoTime();
    private final SplittableRandom random;
    private final Model model;
    private final ComputeCache<Integer, Integer> cache;

    Walk(CachePolicy policy, SplittableRandom random) {
      this.random = random;
      int size = 1 + random.nextInt(8);
      this.model = new Model(policy, size);
      this.cache = ComputeCache.builder()
          .policy(policy)
          .maximumSize(size)
          .timeToLive(Duration.ofNanos(40))
          .nanoTime(time)
          .build();
    }

    void step(String where) {
      Call call = call();
      assertThat(onCache(call)).as("walk %s: %s", where, call).isEqualTo(onModel(call));
      CacheStatistics statistics = cache.statistics();
      assertThat(statistics.totalEntries()).isEqualTo(model.entries.size());
      assertThat(statistics.counts().orElseThrow().evictions()).isEqualTo(model.evictions);
      assertThat(statistics.counts().orElseThrow().expirations()).isEqualTo(model.expirations);
    }

    String actual() {
      return onCache(call());
    }

    String expected() {
      return onModel(call());
    }

    private Call call() {
      return new Call(random.nextInt(100), random.nextInt(12), random.nextInt(60));
    }

    private String onCache(Call call) {
      if (call.dice < 50) {
        return String.valueOf(cache.find(call.key).map(Cached::value));
      } else if (call.dice < 75) {
        cache.put(call.key, call.number);
      } else if (call.dice < 85) {
        cache.put(call.key, call.number, Duration.ofNanos(call.number));
      } else if (call.dice < 92) {
        return String.valueOf(cache.invalidate(call.key));
      } else {
        time.advance(Duration.ofNanos(call.number / 2));
      }
      return "";
    }

    private String onModel(Call call) {
      if (call.dice < 50) {
        return String.valueOf(model.find(call.key));
      } else if (call.dice < 75) {
        model.put(call.key, call.number, 40);
      } else if (call.dice < 85) {
        model.put(call.key, call.number, call.number);
      } else if (call.dice < 92) {
        return String.valueOf(model.invalidate(call.key));
      } else {
        model.now += call.number / 2;
      }
      return "";
    }
  }

  private record Call(int dice, int key, int number) {}

  /** What the original describes, with its traps removed; everything by linear search. */
  private static final class Model {
    private final CachePolicy policy;
    private final int size;
    private final List<Item> entries = new ArrayList<>();
    private long now;
    private long ticks;
    private long evictions;
    private long expirations;

    Model(CachePolicy policy, int size) {
      this.policy = policy;
      this.size = size;
    }

    private Optional<Item> item(int key) {
      return entries.stream().filter(item -> item.key == key).findFirst();
    }

    Optional<Integer> find(int key) {
      Optional<Item> found = item(key);
      if (found.isPresent() && now >= found.get().end) {
        entries.remove(found.get());
        expirations++;
        return Optional.empty();
      }
      found.ifPresent(item -> {
        item.used = ++ticks;
        item.uses++;
      });
      return found.map(item -> item.value);
    }

    void put(int key, int value, long life) {
      item(key).ifPresent(entries::remove);
      if (entries.size() >= size) {
        makeRoom();
      }
      Item item = new Item(key, value, now + life);
      item.written = ++ticks;
      item.used = item.written;
      item.uses = 1;
      entries.add(item);
    }

    private void makeRoom() {
      Optional<Item> expired = entries.stream()
          .filter(item -> now >= item.end)
          .min(Comparator.<Item>comparingLong(item -> item.end)
              .thenComparingLong(item -> item.written));
      if (expired.isPresent()) {
        entries.remove(expired.get());
        expirations++;
      } else {
        entries.remove(entries.stream().min(order()).orElseThrow());
        evictions++;
      }
    }

    private Comparator<Item> order() {
      return Comparator.<Item>comparingLong(item -> switch (policy) {
            case LRU -> item.used;
            case LFU -> item.uses;
            default -> item.written;
          })
          .thenComparingLong(item -> item.written);
    }

    boolean invalidate(int key) {
      Optional<Item> found = item(key);
      found.ifPresent(entries::remove);
      return found.map(item -> now < item.end).orElse(false);
    }
  }

  private static final class Item {
    private final int key;
    private final int value;
    private final long end;
    private long written;
    private long used;
    private long uses;

    Item(int key, int value, long end) {
      this.key = key;
      this.value = value;
      this.end = end;
    }
  }
}
