package dev.holdfast.store.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.cache.Eviction;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What stays in memory and what makes room. */
final class RoomTest {

  private final AtomicLong nanos = new AtomicLong(1);

  private static ReadCacheOptions options() {
    return ReadCacheOptions.defaults().eviction(Eviction.LRU);
  }

  private LruRoom lru(ReadCacheOptions options) {
    return new LruRoom(options, nanos::get);
  }

  private static Slot slot(Room room) {
    Slot slot = new Slot(UUID.randomUUID());
    fill(room, slot, 1);
    return slot;
  }

  private static void fill(Room room, Slot slot, long version) {
    fill(room, slot, version, 10);
  }

  private static void fill(Room room, Slot slot, long version, int length) {
    String json = "\"" + "x".repeat(length) + "\"";
    StoredEntry entry = new StoredEntry("a", version, json, Form.VALUE, null, 0);
    slot.install(
        Content.of(
            version,
            new StoredSnapshot(version, 0, Instant.EPOCH, Instant.EPOCH, Map.of("a", entry)),
            0),
        1,
        () -> 1);
    room.account(slot);
  }

  private static boolean isKept(Slot slot) {
    return slot.held().content() != null;
  }

  @Test
  void whatNobodyHasReadForTheLongestTimeGoesFirst() {
    LruRoom room = lru(options().maximumStates(3));
    Slot a = slot(room);
    Slot b = slot(room);
    Slot c = slot(room);
    room.read(a);
    fill(room, b, 2);
    Slot d = slot(room);
    assertThat(isKept(b)).as("written since, but not read").isFalse();
    assertThat(List.of(isKept(a), isKept(c), isKept(d))).containsOnly(true);
    assertThat(room.states()).isEqualTo(3);
    assertThat(room.evictions()).isEqualTo(1);
  }

  @Test
  void whatIsTooHeavyTogetherMakesRoom() {
    LruRoom room = lru(options().maximumWeight(20_000));
    Slot a = slot(room);
    Slot b = slot(room);
    fill(room, b, 2, 8_000);
    assertThat(isKept(a)).isTrue();
    fill(room, b, 3, 9_400);
    assertThat(isKept(a)).as("together 20,000 bytes and more").isFalse();
    assertThat(isKept(b)).isTrue();
    fill(room, b, 4, 20_000);
    assertThat(isKept(b)).isFalse();
    assertThat(room.weight()).isZero();
  }

  @Test
  void whatNobodyReadsForLongGoes() {
    LruRoom room = lru(options().maximumIdle(Duration.ofSeconds(10)));
    Slot idle = slot(room);
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    Slot read = slot(room);
    fill(room, idle, 2);
    nanos.addAndGet(Duration.ofSeconds(4).toNanos());
    room.read(read);
    assertThat(isKept(idle)).isTrue();
    nanos.incrementAndGet();
    room.read(read);
    assertThat(isKept(idle)).isFalse();
    assertThat(isKept(read)).isTrue();
    assertThat(room.expirations()).isEqualTo(1);
    assertThat(room.evictions()).isZero();
  }

  @Test
  void theAdaptiveOneKeepsTheNumberToo() {
    Room room = Room.of(ReadCacheOptions.defaults().maximumStates(20));
    assertThat(room).isInstanceOf(AdaptiveRoom.class);
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      slots.add(slot(room));
    }
    assertThat(room.states()).isEqualTo(20);
    assertThat(slots.stream().filter(RoomTest::isKept)).hasSize(20);
    assertThat(room.evictions()).isEqualTo(80);
  }

  /** Whatever threads do, the bounds hold and what is counted is what is there. */
  @ParameterizedTest
  @EnumSource(Eviction.class)
  void countsWhatIsThere(Eviction eviction) throws Exception {
    Room room = Room.of(options().eviction(eviction).maximumStates(50).maximumWeight(1 << 20));
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      slots.add(new Slot(UUID.randomUUID()));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Random random = new Random(i);
        running.add(threads.submit(() -> {
          for (int version = 1; version <= 3_000; version++) {
            Slot slot = slots.get(random.nextInt(slots.size()));
            fill(room, slot, version, random.nextInt(30_000));
            room.read(slots.get(random.nextInt(slots.size())));
          }
        }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
    long weight = slots.stream()
        .map(slot -> slot.held().content())
        .mapToLong(content -> content == null ? 0 : content.weight())
        .sum();
    assertThat(room.weight()).isEqualTo(weight).isLessThanOrEqualTo(1 << 20).isPositive();
    assertThat(room.states()).isLessThanOrEqualTo(50);
    assertThat(slots.stream().filter(RoomTest::isKept).count()).isEqualTo(room.states());
  }

  /** So light that it is their number that makes room; looked at often, because the next write of a state puts its count right. */
  @ParameterizedTest
  @EnumSource(Eviction.class)
  void countsWhatIsThereWhenThereAreTooMany(Eviction eviction) throws Exception {
    Room room = Room.of(options().eviction(eviction).maximumStates(1));
    List<Slot> slots = List.of(new Slot(UUID.randomUUID()), new Slot(UUID.randomUUID()));
    AtomicLong miscounted = new AtomicLong();
    CyclicBarrier turn = new CyclicBarrier(2, () -> {
      long kept = slots.stream().filter(RoomTest::isKept).count();
      if (room.states() != kept || kept > 1) {
        miscounted.incrementAndGet();
      }
    });
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (Slot slot : slots) {
        running.add(threads.submit(() -> {
          for (int version = 1; version <= 50_000; version++) {
            fill(room, slot, version);
            turn.await();
          }
          return null;
        }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(miscounted).hasValue(0);
    assertThat(room.evictions()).isPositive();
  }

  @Test
  void optionsHaveBounds() {
    ReadCacheOptions options = ReadCacheOptions.defaults();
    assertThatThrownBy(() -> options.maximumStates(0)).isInstanceOf(HoldfastException.class);
    assertThatThrownBy(() -> options.timeToLive(Duration.ofMillis(999)))
        .isInstanceOf(HoldfastException.class);
    assertThatThrownBy(() -> options.maximumIdle(Duration.ZERO))
        .isInstanceOf(HoldfastException.class);
    assertThat(options.maximumStates(1).eviction(Eviction.LRU).maximumStates()).isEqualTo(1);
    assertThat(options.timeToLive(Duration.ofSeconds(1)).disabled().timeToLive())
        .contains(Duration.ofSeconds(1));
  }
}
