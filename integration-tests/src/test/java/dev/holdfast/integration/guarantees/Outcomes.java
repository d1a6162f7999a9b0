package dev.holdfast.integration.guarantees;

import dev.holdfast.Holdfast;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.AmbiguousCommitException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import dev.holdfast.store.transaction.Isolation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * Threads that write numbered keys until they are stopped, and what they were told: a version, that nothing was written, or that nobody
 * knows. Every write has two keys, so that half of one could be seen: one change set of one state, or, for odd numbers, a transaction over
 * two states. Safe for use by multiple threads.
 */
final class Outcomes {

  private final Holdfast holdfast;
  private final AtomicInteger next = new AtomicInteger();
  private final Map<Integer, Long> acknowledged = new ConcurrentHashMap<>();
  private final Set<Integer> refused = ConcurrentHashMap.newKeySet();
  private final Set<Integer> doubtful = ConcurrentHashMap.newKeySet();
  private final List<Throwable> surprises = new ArrayList<>();
  private final List<Thread> writers = new ArrayList<>();
  private volatile boolean isStopped;

  Outcomes(Holdfast holdfast) {
    this.holdfast = holdfast;
  }

  private State<Integer> state(String name) {
    return holdfast.state("killed", name, Integer.class);
  }

  void startWriters(int count) {
    for (int i = 0; i < count; i++) {
      Thread writer = new Thread(this::writeUntilStopped, "writer-" + i);
      writers.add(writer);
      writer.start();
    }
  }

  private void writeUntilStopped() {
    try {
      while (!isStopped) {
        write(next.incrementAndGet());
      }
    } catch (RuntimeException | Error e) {
      synchronized (surprises) {
        surprises.add(e);
      }
    }
  }

  private void write(int number) {
    try {
      acknowledged.put(number, number % 2 == 0 ? writeOneState(number) : writeTwoStates(number));
    } catch (AmbiguousCommitException e) {
      doubtful.add(number);
    } catch (HoldfastException e) {
      refused.add(number);
    }
  }

  private long writeOneState(int number) {
    return state("s").update(Map.of("left-" + number, number, "right-" + number, number));
  }

  private long writeTwoStates(int number) {
    return holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
      long version = tx.state("killed", "s", Integer.class).set("left-" + number, number);
      tx.state("killed", "t", Integer.class).set("right-" + number, number);
      return version;
    });
  }

  void awaitAcknowledged(int more) {
    int least = acknowledged.size() + more;
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> acknowledged.size() >= least);
  }

  void stop() throws InterruptedException {
    isStopped = true;
    for (Thread writer : writers) {
      writer.join();
    }
  }

  int acknowledged() {
    return acknowledged.size();
  }

  int refused() {
    return refused.size();
  }

  int doubtful() {
    return doubtful.size();
  }

  List<Throwable> surprises() {
    synchronized (surprises) {
      return List.copyOf(surprises);
    }
  }

  /** The writes that returned a version and are not there at that version, or not whole. */
  List<Integer> lost() {
    Found found = look();
    return acknowledged.entrySet().stream()
        .filter(write ->
            !found.isLeftAt(write.getKey(), write.getValue()) || !found.isRight(write.getKey()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The writes that were reported as not written and are there, be it in part. */
  List<Integer> landedAlthoughRefused() {
    Found found = look();
    return refused.stream()
        .filter(number -> found.isLeft(number) || found.isRight(number))
        .toList();
  }

  /** The writes, whatever they were told, of which one key is there and the other is not. */
  List<Integer> halfWritten() {
    Found found = look();
    return IntStream.rangeClosed(1, next.get())
        .filter(number -> found.isLeft(number) != found.isRight(number))
        .boxed()
        .toList();
  }

  private Found look() {
    return new Found(state("s").snapshot(), state("t").snapshot());
  }

  /** What is there. */
  private record Found(Snapshot<Integer> one, Snapshot<Integer> two) {

    boolean isLeft(int number) {
      return one.has("left-" + number);
    }

    boolean isLeftAt(int number, long version) {
      return one.find("left-" + number)
          .filter(left -> left.version() == version)
          .isPresent();
    }

    boolean isRight(int number) {
      return (number % 2 == 0 ? one : two).has("right-" + number);
    }
  }
}
