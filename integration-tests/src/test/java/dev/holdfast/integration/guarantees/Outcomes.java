package dev.holdfast.integration.guarantees;

import dev.holdfast.Holdfast;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.AmbiguousCommitException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
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
 * knows. Every write has two keys, so that half of one could be seen. Safe for use by multiple threads.
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

  private State<Integer> state() {
    return holdfast.state("killed", "s", Integer.class);
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
      long version = state().update(Map.of("left-" + number, number, "right-" + number, number));
      acknowledged.put(number, version);
    } catch (AmbiguousCommitException e) {
      doubtful.add(number);
    } catch (HoldfastException e) {
      refused.add(number);
    }
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

  /** The writes that returned a version and are not there, both keys at that version. */
  List<Integer> lost() {
    Snapshot<Integer> snapshot = state().snapshot();
    return acknowledged.entrySet().stream()
        .filter(write -> !isAt(snapshot, "left-" + write.getKey(), write.getValue())
            || !isAt(snapshot, "right-" + write.getKey(), write.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private static boolean isAt(Snapshot<Integer> snapshot, String key, long version) {
    return snapshot.find(key).filter(found -> found.version() == version).isPresent();
  }

  /** The writes that were reported as not written and are there, be it in part. */
  List<Integer> landedAlthoughRefused() {
    Snapshot<Integer> snapshot = state().snapshot();
    return refused.stream()
        .filter(number -> snapshot.has("left-" + number) || snapshot.has("right-" + number))
        .toList();
  }

  /** The writes, whatever they were told, of which one key is there and the other is not. */
  List<Integer> halfWritten() {
    Snapshot<Integer> snapshot = state().snapshot();
    return IntStream.rangeClosed(1, next.get())
        .filter(number -> snapshot.has("left-" + number) != snapshot.has("right-" + number))
        .boxed()
        .toList();
  }
}
