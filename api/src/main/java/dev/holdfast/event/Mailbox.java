package dev.holdfast.event;

import dev.holdfast.contract.EventBusContract;
import dev.holdfast.contract.EventBusContract.Routing;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.LogScope;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.internal.Closing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The events that wait for one listener, and the thread that hands them over. There is room for so many; who publishes waits for room, once:
 * a listener that gave none in that time is not waited for again until it has taken something. Safe for use by multiple threads.
 */
final class Mailbox implements EventSubscription {

  private final String key;
  private final EventBusContract contract;
  private final EventListener listener;
  private final Undelivered undelivered;
  private final EventCounts counts;
  private final Logs logs;
  private final Consumer<List<Mailbox>> closer;
  private final PriorityBlockingQueue<Waiting> queue;
  private final Semaphore room;
  private final Thread thread;
  private final AtomicLong numbers = new AtomicLong();

  /** How often the listener has taken something. */
  private final AtomicLong takings = new AtomicLong();

  /** How often it had when somebody began to wait for room in vain: while that is how often it has, nobody waits. */
  private volatile long waitedInVain = -1;

  private volatile boolean closed;

  /** The thread waits for an event: who closes may interrupt it then, and not while the listener has it. */
  private boolean idle;

  /** Closing has waited long enough. */
  private volatile boolean abandoned;

  /** What closes it is to call {@link #closeAll}. */
  Mailbox(
      String key,
      EventBusContract contract,
      EventListener listener,
      Undelivered undelivered,
      EventCounts counts,
      Logs logs,
      Consumer<List<Mailbox>> closer) {
    this.key = key;
    this.contract = contract;
    this.listener = listener;
    this.undelivered = undelivered;
    this.counts = counts;
    this.logs = logs;
    this.closer = closer;
    this.queue = new PriorityBlockingQueue<>(contract.eventBatchSize(), order(contract));
    this.room = new Semaphore(contract.eventBufferSize(), true);
    this.thread = new Thread(this::run, "holdfast-event-" + key);
    this.thread.setDaemon(true);
  }

  private static Comparator<Waiting> order(EventBusContract contract) {
    Comparator<Waiting> first = Comparator.comparingLong(Waiting::number);
    return contract.routingKeyStrategy() == Routing.PRIORITY_BASED
        ? Comparator.comparingInt((Waiting waiting) -> waiting.event().priority())
            .reversed()
            .thenComparing(first)
        : first;
  }

  void start() {
    thread.start();
  }

  @Override
  public String key() {
    return key;
  }

  @Override
  public int waiting() {
    return queue.size();
  }

  /**
   * Puts an event where the listener finds it.
   *
   * @return false when there was no room, or the listener was closed
   * @throws HoldfastException when there was no room and the contract does not degrade
   */
  boolean offer(Event event) {
    if (closed) {
      return false;
    }
    if (!hasRoom()) {
      undelivered.noRoom(event, key, "its buffer of " + contract.eventBufferSize() + " is full");
      if (!contract.gracefulDegradation()) {
        throw new HoldfastException(
            ErrorCode.TRANSIENT,
            "The listener of " + key + " has no room for " + event,
            Map.of("listener", key, "event", event.id()),
            null);
      }
      return false;
    }
    Waiting waiting = new Waiting(event, numbers.incrementAndGet());
    queue.add(waiting);
    if (closed && queue.remove(waiting)) {
      // Nobody may be there to take it, nor to make room for the next who waits for that.
      room.release();
      return false;
    }
    return true;
  }

  private boolean hasRoom() {
    if (room.tryAcquire()) {
      return true;
    }
    // Looked at before the wait: what is said after it must not hold for a listener that has taken
    // something meanwhile.
    long taken = takings.get();
    if (taken == waitedInVain) {
      return false;
    }
    try {
      boolean made = room.tryAcquire(contract.publishTimeoutMs(), TimeUnit.MILLISECONDS);
      if (!made) {
        waitedInVain = taken;
      }
      return made;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run() {
    while (!abandoned && (!closed || !queue.isEmpty())) {
      Waiting first = next();
      if (first != null) {
        handle(batch(first));
      }
    }
  }

  /** Waits for an event; null when there is none, as it is being closed, or an interrupt was no business of this thread. */
  private @Nullable Waiting next() {
    if (!becomesIdle()) {
      return queue.poll();
    }
    try {
      return queue.take();
    } catch (InterruptedException e) {
      return null; // Nothing was taken.
    } finally {
      endIdleness();
    }
  }

  /** False when nobody would end the wait any more. */
  private synchronized boolean becomesIdle() {
    idle = !closed;
    return idle;
  }

  /** An interrupt that was to end the wait must not reach the listener; one after closing has waited long enough must. */
  private synchronized void endIdleness() {
    idle = false;
    if (!abandoned) {
      Thread.interrupted();
    }
  }

  private List<Event> batch(Waiting first) {
    List<Waiting> taken = new ArrayList<>(List.of(first));
    queue.drainTo(taken, contract.eventBatchSize() - 1);
    // In this order: who finds the room gone to somebody else waits for the next.
    takings.incrementAndGet();
    room.release(taken.size());
    return taken.stream().map(Waiting::event).toList();
  }

  private void handle(List<Event> events) {
    for (int attempt = 0; ; attempt++) {
      Optional<Throwable> failure = failure(events);
      if (failure.isEmpty()) {
        counts.delivered().add(events.size());
        return;
      }
      counts.failedAttempts().increment();
      if (attempt == contract.maxRetryAttempts() || !isPaused()) {
        events.forEach(event -> undelivered.failed(event, key, failure.get()));
        return;
      }
    }
  }

  /** Whatever a listener throws is its own, and must not end the thread. */
  private Optional<Throwable> failure(List<Event> events) {
    try {
      call(events);
      return Optional.empty();
    } catch (Throwable e) {
      return Optional.of(e);
    } finally {
      // With the mark of an interrupt that a listener leaves behind the pause would end at once.
      Thread.interrupted();
    }
  }

  /** Waits before the next attempt; false when there is to be none. */
  private boolean isPaused() {
    try {
      if (!abandoned) {
        Thread.sleep(contract.retryDelayMs());
      }
    } catch (InterruptedException e) {
      // Only the next attempt is early, unless closing has waited long enough.
    }
    return !abandoned;
  }

  private void call(List<Event> events) throws Exception {
    String correlation = correlation(events);
    if (correlation == null) {
      listener.onEvents(events);
      return;
    }
    LogScope scope = logs.scope(null, correlation);
    try {
      listener.onEvents(events);
    } finally {
      scope.close();
    }
  }

  /** The id of all of them; null when they have none, or not the same one. */
  private static @Nullable String correlation(List<Event> events) {
    String first = events.get(0).correlationId();
    return events.stream().allMatch(event -> Objects.equals(event.correlationId(), first))
        ? first
        : null;
  }

  @Override
  public void close() {
    closer.accept(List.of(this));
  }

  /**
   * Ends all of them at the same time, and waits so long for all of them together as for one.
   *
   * @param onClose told of each when it takes no more events, before it is waited for
   */
  static void closeAll(List<Mailbox> mailboxes, Consumer<Mailbox> onClose, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    // Who was told before is waited for by whoever did that.
    List<Mailbox> ended = mailboxes.stream().filter(Mailbox::isToldToEnd).toList();
    ended.forEach(onClose);
    Closing.all(ended.stream()
        .map(mailbox -> (Runnable) () -> mailbox.awaitEnd(deadline))
        .toList());
  }

  /** False when it was told before. */
  private synchronized boolean isToldToEnd() {
    if (closed) {
      return false;
    }
    closed = true;
    if (idle) {
      thread.interrupt();
    }
    return true;
  }

  private void awaitEnd(long deadline) {
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    try {
      // At least a moment: zero would be for ever.
      TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    abandon();
    List<Waiting> left = new ArrayList<>();
    queue.drainTo(left);
    room.release(left.size());
    left.forEach(waiting -> undelivered.noRoom(waiting.event(), key, "it was closed"));
  }

  private synchronized void abandon() {
    // First: whoever is interrupted looks why.
    abandoned = true;
    thread.interrupt();
  }

  /** An event in the order in which it came. */
  private record Waiting(Event event, long number) {}
}
