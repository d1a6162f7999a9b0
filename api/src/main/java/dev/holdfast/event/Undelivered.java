package dev.holdfast.event;

import dev.holdfast.contract.EventBusContract;
import dev.holdfast.logging.Log;
import dev.holdfast.redaction.Redactor;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Keeps what listeners did not get, for a while and up to a number, and says so in the log. Safe for use by multiple threads. */
final class Undelivered {

  private final EventBusContract contract;
  private final InstantSource clock;
  private final Log log;
  private final Redactor redactor;
  private final Deque<UndeliveredEvent> kept = new ArrayDeque<>();
  private final LongAdder count = new LongAdder();

  Undelivered(EventBusContract contract, InstantSource clock, Log log, Redactor redactor) {
    this.contract = contract;
    this.clock = clock;
    this.log = log;
    this.redactor = redactor;
  }

  /** What the listener was given under sensitive names is not to be seen in what is shown of its failure. */
  void failed(Event event, String listener, Throwable failure) {
    String reason = failure.getClass().getName();
    try {
      redactor.known().add(event.payload()).hideIn(failure);
      log.error("The listener of {} could not handle {}", listener, event, failure);
      reason = redactor.line(failure);
    } catch (RuntimeException | Error e) {
      // Where a failure was is answered by code of its own, and a payload that nobody validated
      // may be too deep to be looked through. Neither must end the listener's thread.
      log.error(
          "The listener of {} could not handle {}: {}, which cannot be shown",
          listener,
          event,
          reason);
    }
    keep(event, listener, reason);
  }

  void noRoom(Event event, String listener, String reason) {
    log.error("The listener of {} did not get {}: {}", listener, event, reason);
    keep(event, listener, reason);
  }

  private synchronized void keep(Event event, String listener, String reason) {
    count.increment();
    if (contract.enableDeadLetterQueue()) {
      kept.addLast(new UndeliveredEvent(event, listener, reason, clock.instant()));
      expire();
      if (kept.size() > contract.eventBufferSize()) {
        kept.removeFirst(); // It was logged.
      }
    }
  }

  private void expire() {
    while (!kept.isEmpty()
        && !clock
            .instant()
            .isBefore(kept.getFirst().at().plusSeconds(contract.eventRetentionSeconds()))) {
      kept.removeFirst();
    }
  }

  synchronized List<UndeliveredEvent> list() {
    expire();
    return List.copyOf(kept);
  }

  long count() {
    return count.sum();
  }
}
