package dev.holdfast.examples.airline;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectRunningException;
import dev.holdfast.effect.StaleLeaseException;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.AmbiguousCommitException;
import dev.holdfast.store.Changes;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.State;
import dev.holdfast.store.json.Json;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Plays runs with several workers, each run by one of them. Safe to be killed at any moment and to run in several processes at once.
 *
 * <p>The version of a run's state is the number of messages it holds, because every message is one change set. A worker therefore writes
 * message n with {@code compareAndSet(n, …)}: no message can be lost or doubled, whoever else is at work. When the write finds another
 * version, another process plays the same run; the worker leaves it alone, takes other runs, and comes back to it at the end in case that
 * the other one died. The same goes for a tool call that another process has begun: it is gone on with when that one gives no more signs
 * of life, which is why no {@linkplain dev.holdfast.effect.Effects#recover() recovery} runs that would roll it back.
 */
final class Replay {

  private static final int MAX_TROUBLES = 5;
  private static final long TICK_MILLIS = 100;

  private final Holdfast holdfast;
  private final Namespaces namespaces;
  private final ToolCalls calls;
  private final ReplayListener listener;
  private final Queue<Task> queue = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  Replay(Holdfast holdfast, Namespaces namespaces, ToolCalls calls, ReplayListener listener) {
    this.holdfast = holdfast;
    this.namespaces = namespaces;
    this.calls = calls;
    this.listener = listener;
  }

  /**
   * Plays what is missing of the runs.
   *
   * @param tick called every tenth of a second in the calling thread
   * @throws HoldfastException the first failure of a worker; the others stop after their current message
   */
  void play(List<RecordedRun> runs, Found found, int workers, Runnable tick) {
    for (RecordedRun run : runs) {
      if (found.versionOf(run) < run.messages().size()) {
        queue.add(new Task(run, found.versionOf(run), 0));
      }
    }
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    for (int i = 0; i < workers; i++) {
      threads.execute(this::work);
    }
    threads.shutdown();
    await(threads, tick);
    RuntimeException first = failure.get();
    if (first != null) {
      throw first;
    }
  }

  private void await(ExecutorService threads, Runnable tick) {
    try {
      while (!threads.awaitTermination(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        tick.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure.compareAndSet(null, new IllegalStateException("interrupted", e));
    }
  }

  private void work() {
    for (Task task = queue.poll(); task != null && failure.get() == null; task = queue.poll()) {
      try {
        play(task);
      } catch (RuntimeException e) {
        failure.compareAndSet(null, e);
      }
    }
  }

  private void play(Task task) {
    State<JsonNode> state =
        holdfast.state(namespaces.runs(), task.run().name()).by(task.run().actor());
    try {
      requireSameMessages(task, state);
      for (Step step : Steps.of(task.run()).subList((int) task.from(), task.size())) {
        if (failure.get() != null) {
          return;
        }
        play(task.run(), state, step);
      }
      listener.finished(task.run());
    } catch (ConflictException moved) {
      comeBack(task, moved.actual(), 0);
    } catch (EffectRunningException elsewhere) {
      pause();
      comeBack(task, state.version(), task.troubles());
    } catch (TransientException | AmbiguousCommitException | StaleLeaseException trouble) {
      if (task.troubles() == MAX_TROUBLES) {
        throw trouble;
      }
      comeBack(task, state.version(), task.troubles() + 1);
    }
  }

  /** Somebody else makes the call, or did until it died; its lease tells, and takes seconds to run out. */
  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure.compareAndSet(null, new IllegalStateException("interrupted", e));
    }
  }

  private void comeBack(Task task, long version, int troubles) {
    if (version > task.size()) {
      throw Found.foreign(namespaces, task.run());
    }
    if (version < task.size()) {
      queue.add(new Task(task.run(), version, troubles));
    }
  }

  private void play(RecordedRun run, State<JsonNode> state, Step step) {
    long start = System.nanoTime();
    state.compareAndSet(step.position(), changes(run, step));
    listener.appended(run, step.position(), System.nanoTime() - start);
  }

  private Changes<JsonNode> changes(RecordedRun run, Step step) {
    SharedWrite write = step.write();
    return write == null || calls.isMade(run.actor(), write)
        ? step.changes()
        : Steps.undone(step, namespaces, write.call());
  }

  /** A run is continued only where it was begun from the same messages; meanwhile another process may have added some. */
  private void requireSameMessages(Task task, State<JsonNode> state) {
    int from = (int) task.from();
    if (from == 0) {
      return;
    }
    List<JsonNode> stored = Steps.messages(state.snapshot());
    if (stored.size() < from
        || !canonical(stored.subList(0, from))
            .equals(canonical(task.run().messages().subList(0, from)))) {
      throw Found.foreign(namespaces, task.run());
    }
  }

  private static List<String> canonical(List<JsonNode> messages) {
    return messages.stream().map(Json::canonical).toList();
  }

  /**
   * A run that waits for a worker.
   *
   * @param from how many of its messages are there
   * @param troubles how often the database failed for it
   */
  private record Task(RecordedRun run, long from, int troubles) {
    int size() {
      return run.messages().size();
    }
  }
}
