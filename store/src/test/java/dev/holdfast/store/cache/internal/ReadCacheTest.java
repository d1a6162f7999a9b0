package dev.holdfast.store.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.logging.Logs;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The order in which contents, versions and watches can arrive. There is no server here: contents are as current as their load. */
@Tag("G5")
final class ReadCacheTest {

  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final Codec<Integer> CODEC = JacksonCodec.of(Integer.class);

  private final ReadCache cache = cache(ReadCacheOptions.defaults().maximumStaleness(BOUND));
  private final UUID state = UUID.randomUUID();
  private final Slot slot = cache.slot(state);

  private static ReadCache cache(ReadCacheOptions options) {
    return new ReadCache(
        options,
        () -> {
          throw new SQLException("There is no server");
        },
        Logs.standard().of(ReadCache.class));
  }

  @AfterEach
  void close() {
    cache.close();
  }

  private static Content content(long version) {
    return content(version, System.nanoTime());
  }

  private static Content content(long version, long currentAt) {
    StoredEntry entry = new StoredEntry("a", version, String.valueOf(version), Form.VALUE, null, 0);
    return Content.of(
        version,
        new StoredSnapshot(version, 0, Instant.EPOCH, Instant.EPOCH, Map.of("a", entry)),
        currentAt);
  }

  private static List<Item> set(String key, String value) {
    return List.of(Item.value(key, Operation.SET, value));
  }

  private @Nullable String a() {
    Content content = cache.current(slot, 0);
    Value value = content == null ? null : content.values().get("a");
    return value == null ? null : value.entry().json();
  }

  @Test
  void anOlderContentThatArrivesLaterIsNotShown() {
    cache.install(slot, content(5), cache.epoch());
    cache.install(slot, content(4), cache.epoch());
    assertThat(a()).isEqualTo("5");
    cache.saw(state, 7);
    assertThat(a()).isNull();
    cache.install(slot, content(6), cache.epoch());
    assertThat(a()).as("read before version 7 was made").isNull();
    cache.install(slot, content(7), cache.epoch());
    assertThat(a()).isEqualTo("7");
  }

  @Test
  void aContentOlderThanTheBoundIsNotShown() {
    cache.install(slot, content(5, System.nanoTime() - BOUND.toNanos() - 1), cache.epoch());
    assertThat(a()).isNull();
    cache.install(slot, content(5), cache.epoch());
    assertThat(a()).as("the same, confirmed").isEqualTo("5");
  }

  @Test
  void aWriteMakesTheNextContentOfTheOneBefore() {
    cache.install(slot, content(5), cache.epoch());
    cache.wrote(state, 6, set("a", "60"));
    assertThat(a()).isEqualTo("60");
    cache.wrote(state, 8, set("a", "80"));
    assertThat(a()).as("version 7 is not known").isNull();
    cache.wrote(state, 7, set("a", "70"));
    assertThat(a()).as("it is not the newest").isNull();
    cache.install(slot, content(8), cache.epoch());
    cache.wrote(state, 9, List.of(Item.append("a", "[1]")));
    assertThat(a()).as("what it makes is not known").isNull();
  }

  /** They are put together when somebody reads. */
  @Test
  void writesThatNobodyReadMakeTheNewestContent() {
    cache.install(slot, content(5), cache.epoch());
    for (long version = 6; version <= 200; version++) {
      cache.wrote(state, version, set("a", String.valueOf(version)));
    }
    assertThat(a()).isEqualTo("200");
    cache.wrote(state, 201, List.of(Item.none("a", Operation.DELETE)));
    cache.wrote(state, 202, set("b", "1"));
    Content content = Objects.requireNonNull(cache.current(slot, 202));
    assertThat(content.values().size()).isEqualTo(1);
    assertThat(cache.metrics(0).weight()).isEqualTo(content.weight());
  }

  /** However many there are: at most as much as is counted. */
  @Test
  void writesThatNobodyReadTakeLittleMemory() {
    cache.install(slot, content(5), cache.epoch());
    for (long version = 6; version <= 200; version++) {
      cache.wrote(state, version, set("a" + version % 3, "\"" + "x".repeat(100) + "\""));
      Slot.Held held = slot.held();
      long unread = held.unread() == null ? 0 : held.unread().weight();
      assertThat(unread).isLessThanOrEqualTo(cache.metrics(0).weight());
    }
    cache.wrote(state, 201, set("a", "\"" + "x".repeat(100_000) + "\""));
    assertThat(slot.held().unread()).isNull();
    assertThat(cache.metrics(0).weight()).isGreaterThan(200_000);
  }

  /** No more than what is loaded: by one write that is applied at once, and by several that are put together when somebody reads. */
  @Test
  void whatOwnWritesMakeTooLargeIsNotKept() {
    ReadCache small =
        cache(ReadCacheOptions.defaults().maximumStaleness(BOUND).maximumStateWeight(10_000));
    String value = "\"" + "x".repeat(1_800) + "\"";
    Slot atOnce = small.slot(state);
    small.install(atOnce, content(5), small.epoch());
    small.wrote(state, 6, set("b", "\"" + "x".repeat(10_000) + "\""));
    assertThat(atOnce.isHeavy()).isTrue();
    assertThat(atOnce.held().content()).isNull();
    assertThat(atOnce.held().floor()).isEqualTo(6);

    UUID id = UUID.randomUUID();
    Slot grown = small.slot(id);
    small.install(grown, content(5), small.epoch());
    small.wrote(id, 6, set("b", value));
    small.wrote(id, 7, set("c", value));
    assertThat(small.current(grown, 7)).isNotNull();
    small.wrote(id, 8, set("d", value));
    assertThat(grown.isHeavy()).as("nobody has read").isFalse();
    assertThat(small.current(grown, 0)).isNull();
    assertThat(grown.isHeavy()).isTrue();
    assertThat(grown.held().floor()).isEqualTo(8);
    assertThat(small.metrics(0).weight()).isZero();
    small.close();
  }

  @Test
  void whatComesWhileWritesAreUnreadIsPutAfterThem() {
    cache.install(slot, content(5), cache.epoch());
    cache.wrote(state, 6, set("a", "60"));
    cache.install(slot, content(5), cache.epoch());
    assertThat(a()).as("a load that began before the write").isEqualTo("60");
    cache.wrote(state, 7, set("a", "70"));
    cache.saw(state, 9);
    cache.wrote(state, 9, set("a", "90"));
    assertThat(a()).as("version 8 is not known").isNull();
    cache.install(slot, content(9), cache.epoch());
    assertThat(a()).isEqualTo("9");
    cache.wrote(state, 10, set("a", "100"));
    slot.forget();
    assertThat(a()).isNull();
    assertThat(slot.held().unread()).isNull();
    assertThat(slot.held().floor()).isEqualTo(10);
  }

  /** The watch may tell of a write before the call that made it returns. */
  @Test
  void aWriteThatWasToldOfAlreadyMakesTheNextContent() {
    cache.install(slot, content(5), cache.epoch());
    cache.saw(state, 6);
    assertThat(a()).isNull();
    cache.wrote(state, 6, set("a", "60"));
    assertThat(a()).isEqualTo("60");
  }

  @Test
  void whatWasLoadedUnderAnotherWatchIsNotKeptAndNotForgotten() {
    long epoch = cache.epoch();
    cache.install(slot, content(5), epoch);
    cache.close();
    assertThat(cache.epoch()).isGreaterThan(epoch);
    assertThat(a()).isNull();
    cache.install(slot, content(6), epoch);
    assertThat(a()).isNull();
    cache.install(slot, content(5), cache.epoch());
    assertThat(a()).as("a reader was shown version 6").isNull();
    cache.install(slot, content(6), cache.epoch());
    assertThat(a()).isEqualTo("6");
  }

  @Test
  void whatIsEvictedIsNotShownOlder() {
    ReadCache small = cache(ReadCacheOptions.defaults().maximumWeight(1));
    Slot evicted = small.slot(state);
    small.install(evicted, content(5), small.epoch());
    assertThat(small.current(evicted, 0)).isNull();
    assertThat(small.metrics(0).evictions()).isEqualTo(1);
    small.install(evicted, content(4), small.epoch());
    assertThat(evicted.held().floor()).isEqualTo(5);
    small.close();
  }

  /** As if it had been read for a while. */
  private static @Nullable Vouched<Integer> vouched(ReadCache in, Slot slot, long minimum) {
    Content content = in.current(slot, minimum);
    if (content == null) {
      return null;
    }
    content.touched();
    content.touched();
    return in.vouched(slot, minimum, CODEC);
  }

  /** One that counts: a slow machine may take longer to make the first than it lasts. */
  private Vouched<Integer> vouched() {
    for (int attempt = 0; attempt < 100; attempt++) {
      Vouched<Integer> made = Objects.requireNonNull(vouched(cache, slot, 0));
      if (cache.isCurrent(made, slot)) {
        return made;
      }
    }
    throw new AssertionError("What was vouched for is never current");
  }

  @Test
  void whatIsVouchedForIsCurrentUntilSomethingElseIsKnown() {
    cache.install(slot, content(5), cache.epoch());
    Vouched<Integer> five = vouched();
    assertThat(five.content().version()).isEqualTo(5);
    assertThat(cache.vouched(slot, 6, CODEC)).as("a later version is asked for").isNull();

    cache.saw(state, 6);
    assertThat(cache.isCurrent(five, slot)).isFalse();
    assertThat(cache.vouched(slot, 0, CODEC)).isNull();
    cache.install(slot, content(6), cache.epoch());
    Vouched<Integer> six = vouched();
    cache.wrote(state, 7, set("a", "7"));
    assertThat(cache.isCurrent(six, slot)).isFalse();
    assertThat(a()).isEqualTo("7");
    Vouched<Integer> seven = vouched();
    slot.forget();
    assertThat(cache.isCurrent(seven, slot)).isFalse();
    cache.install(slot, content(7), cache.epoch());
    Vouched<Integer> again = vouched();
    cache.close();
    assertThat(cache.isCurrent(again, slot)).as("another watch").isFalse();
  }

  @Test
  void nothingIsVouchedForBeforeItWasReadForAWhile() {
    cache.install(slot, content(5), cache.epoch());
    assertThat(cache.current(slot, 0)).isNotNull();
    assertThat(cache.vouched(slot, 0, CODEC)).isNull();
  }

  /** The bound, the time to live, and the reader's duty to say now and then that the state is read, whichever ends first. */
  @Test
  void whatIsVouchedForIsJudgedAgain() throws InterruptedException {
    cache.install(slot, content(5), cache.epoch());
    Vouched<Integer> read = vouched();
    assertThat(read.until - System.nanoTime()).isLessThanOrEqualTo(50_000_000);
    Thread.sleep(51);
    assertThat(cache.isCurrent(read, slot)).isFalse();
    assertThat(a()).as("judged again").isEqualTo("5");

    ReadCacheOptions life = ReadCacheOptions.defaults().maximumStaleness(BOUND);
    endsBefore(life.timeToLive(Duration.ofSeconds(1)), Duration.ofSeconds(1));
    Duration bound = Duration.ofSeconds(1);
    endsBefore(ReadCacheOptions.defaults().maximumStaleness(bound), bound);
  }

  /** Of a content that is nearly as old as it may be. */
  private static void endsBefore(ReadCacheOptions options, Duration age) {
    ReadCache shortly = cache(options);
    Vouched<Integer> vouched = null;
    long since = 0;
    for (long version = 1; vouched == null; version++) {
      // A new one: what an attempt before has touched is due to be touched again too early.
      Slot slot = shortly.slot(UUID.randomUUID());
      since = System.nanoTime() - age.minusMillis(20).toNanos();
      shortly.install(slot, content(version, since), shortly.epoch());
      vouched = vouched(shortly, slot, 0);
    }
    assertThat(vouched.until - since).isEqualTo(age.toNanos());
    shortly.close();
  }

  /** Whoever was told of a version first is not shown less. */
  @Test
  void whatIsVouchedForIsNeverOlderThanWhatWasKnown() throws Exception {
    int versions = 3_000;
    AtomicLong known = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      cache.install(slot, content(1), cache.epoch());
      Future<?> writing = threads.submit(() -> {
        for (long version = 2; version <= versions; version++) {
          if (version % 5 == 0) {
            cache.install(slot, content(version), cache.epoch());
          } else {
            cache.wrote(state, version, set("a", String.valueOf(version)));
          }
          known.set(version);
          Thread.onSpinWait();
        }
      });
      Future<Integer> reading = threads.submit(() -> {
        int shown = 0;
        while (known.get() < versions || shown == 0) {
          Vouched<Integer> vouched = vouched(cache, slot, 0);
          while (vouched != null) {
            long atLeast = known.get();
            if (!cache.isCurrent(vouched, slot)) {
              break;
            }
            assertThat(vouched.content().version()).isGreaterThanOrEqualTo(atLeast);
            shown++;
          }
        }
        return shown;
      });
      writing.get();
      assertThat(reading.get()).isPositive();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whoeverUsesAStateUsesTheSameSlot() {
    assertThat(cache.slot(state)).isSameAs(slot);
    assertThat(cache.slot(UUID.randomUUID())).isNotSameAs(slot);
  }

  /** Contents and versions arrive from all sides; nobody ever sees less than before, and the newest is what remains. */
  @Test
  void neverGoesBackwardsWhateverArrives() throws Exception {
    int versions = 3_000;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int step = i + 1;
        running.add(threads.submit(() -> {
          for (long version = step; version <= versions; version += step) {
            cache.install(slot, content(Math.max(1, version - version % 7)), cache.epoch());
            cache.install(slot, content(version), cache.epoch());
          }
        }));
      }
      running.add(threads.submit(() -> {
        for (long version = 1; version <= versions; version += 3) {
          cache.wrote(state, version, set("a", String.valueOf(version)));
        }
      }));
      Callable<Integer> reader = () -> {
        long last = 0;
        int shown = 0;
        while (last < versions) {
          Content content = cache.current(slot, 0);
          if (content != null) {
            assertThat(content.version()).isGreaterThanOrEqualTo(last);
            last = content.version();
            Value value = content.values().get("a");
            assertThat(value).isNotNull();
            shown++;
          }
        }
        return shown;
      };
      Future<Integer> reading = threads.submit(reader);
      for (Future<?> one : running) {
        one.get();
      }
      assertThat(reading.get()).isPositive();
      assertThat(a()).isEqualTo(String.valueOf(versions));
    } finally {
      threads.shutdownNow();
    }
  }

  /** The weight that is counted is that of what is there. */
  @Test
  void countsWhatIsThere() {
    Map<UUID, Slot> slots = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      UUID id = UUID.randomUUID();
      Slot one = cache.slot(id);
      slots.put(id, one);
      cache.install(one, content(1), cache.epoch());
      cache.wrote(id, 2, set("b", "\"" + "x".repeat(100 * i) + "\""));
    }
    long sum = 0;
    for (Slot one : slots.values()) {
      Content content = cache.current(one, 2);
      sum += content == null ? 0 : content.weight();
    }
    assertThat(cache.metrics(0).weight()).isEqualTo(sum).isGreaterThan(20 * 1_000);
    assertThat(cache.metrics(0).states()).isEqualTo(20);
  }
}
