package dev.holdfast.store.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.logging.Logs;
import dev.holdfast.store.State;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.cache.Announcements;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the watch tells, whatever happens between its questions. */
@HoldfastTest
@Tag("G5")
final class WatchTest {

  private final TestDatabase database;
  private final Map<UUID, Long> told = new ConcurrentHashMap<>();

  WatchTest(TestDatabase database) {
    this.database = database;
  }

  private Watch watch(Supplier<Optional<Map<UUID, Long>>> few) {
    return watch(this::open, few);
  }

  private WatchLink open() throws SQLException {
    return WatchLink.open(database.dataSource(), database.schema(), false);
  }

  private Watch watch(WatchLink.Factory links, Supplier<Optional<Map<UUID, Long>>> few) {
    return new Watch(
        ReadCacheOptions.defaults()
            .announcements(Announcements.NEVER)
            .pollInterval(Duration.ofMillis(10)),
        links,
        Logs.standard().of(Watch.class),
        few,
        at -> {},
        told::putAll,
        at -> {});
  }

  /** The states become many after the few were listed, and one of the new ones changes before the question about the few is answered. */
  @Test
  void tellsOfWhatChangesWhileItGoesOverToHistory() {
    try (StateStore store = StateStore.builder(database.dataSource()).build()) {
      State<Integer> late = store.state("watch", "late", Integer.class);
      AtomicInteger questions = new AtomicInteger();
      Watch watch = watch(() -> {
        int question = questions.incrementAndGet();
        if (question == 3) {
          late.set("a", 1);
        }
        return question <= 3 ? Optional.of(Map.of()) : Optional.empty();
      });
      try (watch) {
        watch.readAt(System.nanoTime());
        await().until(() -> watch.polls() >= 5);
      }
      assertThat(told).isEqualTo(Map.of(late.id().uuid(), 1L));
    }
  }

  @Test
  void goesOnWithTheFewFromWhatIsKnownOfThem() {
    try (StateStore store = StateStore.builder(database.dataSource()).build()) {
      State<Integer> state = store.state("watch", "of many and then of few", Integer.class);
      AtomicInteger questions = new AtomicInteger();
      Watch watch = watch(() -> {
        int question = questions.incrementAndGet();
        if (question == 3) {
          state.set("a", 1);
        }
        return question < 3 ? Optional.empty() : Optional.of(Map.of(state.id().uuid(), 0L));
      });
      try (watch) {
        watch.readAt(System.nanoTime());
        await().until(() -> watch.polls() >= 4);
      }
      assertThat(told).isEqualTo(Map.of(state.id().uuid(), 1L));
    }
  }

  /** What is no exception, as when memory or threads run out, passes as well. */
  @Test
  void goesOnAfterAnError() {
    AtomicInteger failures = new AtomicInteger(3);
    Watch watch = watch(
        () -> {
          if (failures.getAndDecrement() > 0) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          return open();
        },
        Optional::empty);
    try (watch) {
      await().until(() -> {
        watch.readAt(System.nanoTime());
        return watch.polls() >= 1;
      });
      assertThat(watch.failures()).isEqualTo(3);
    }
  }
}
