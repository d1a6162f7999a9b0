package dev.holdfast.integration.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A read sees every write that returned before it began, by whichever client. */
@HoldfastTest
@Tag("G5")
class StrictReadTest {

  private static final int WRITES = 500;

  @Test
  void everyReadOfOneClientSeesTheWritesThatReturnedToAnother(TestDatabase database)
      throws Exception {
    SynchronousQueue<Long> returned = new SynchronousQueue<>();
    try (Holdfast writing = open(database);
        Holdfast reading = open(database)) {
      Thread writer =
          new Thread(() -> write(writing.state("strict", "s", Integer.class), returned));
      writer.start();
      State<Integer> state = reading.state("strict", "s", Integer.class);
      for (int i = 0; i < WRITES; i++) {
        long version = returned.take();
        assertThat(state.version()).isGreaterThanOrEqualTo(version);
        assertThat(state.getRequired("n")).isGreaterThanOrEqualTo(i);
        assertThat(state.snapshot().version()).isGreaterThanOrEqualTo(version);
      }
      writer.join();
    }
  }

  private static void write(State<Integer> state, SynchronousQueue<Long> returned) {
    try {
      for (int i = 0; i < WRITES; i++) {
        returned.put(state.set("n", i));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The control: a snapshot that is kept without asking again does go stale, so the assertions above can fail. */
  @Test
  void aSnapshotThatIsKeptGoesStale(TestDatabase database) {
    try (Holdfast holdfast = open(database)) {
      State<Integer> state = holdfast.state("strict", "kept", Integer.class);
      state.set("n", 1);
      Snapshot<Integer> kept = state.snapshot();
      state.set("n", 2);
      assertThat(kept.get("n")).isEqualTo(Optional.of(1));
      assertThat(state.snapshot().get("n")).isEqualTo(Optional.of(2));
    }
  }

  private static Holdfast open(TestDatabase database) {
    return Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(2)
        .build();
  }
}
