package dev.holdfast.event;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.contract.Contract;
import dev.holdfast.contract.EventBusContract;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.Redactor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class MailboxTest {

  private static final int ROOM = 10;

  private final AtomicInteger begun = new AtomicInteger();
  private final Semaphore steps = new Semaphore(0);
  private final EventBusContract contract = Contract.of(
      EventBusContract.class, Map.of("event_buffer_size", ROOM, "publish_timeout_ms", 10_000));
  private final Mailbox mailbox = new Mailbox(
      "a",
      contract,
      this::take,
      new Undelivered(
          contract, InstantSource.system(), Logs.standard().of(MailboxTest.class), Redactor.none()),
      new EventCounts(),
      Logs.standard(),
      closing -> Mailbox.closeAll(closing, closed -> {}, Duration.ofSeconds(30)));

  @AfterEach
  void close() {
    steps.release(100 * ROOM);
    mailbox.close();
  }

  private void take(List<Event> events) throws InterruptedException {
    begun.incrementAndGet();
    steps.acquire();
  }

  private boolean isOffered(int number) {
    return mailbox.offer(Event.of("a", json(number)));
  }

  /** Until it waits for room, or is done without having waited. */
  private Offering offer(int number) {
    Offering offering = new Offering(new FutureTask<>(() -> isOffered(number)));
    offering.thread.start();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            offering.result.isDone() || offering.thread.getState() == Thread.State.TIMED_WAITING);
    return offering;
  }

  private record Offering(FutureTask<Boolean> result, Thread thread) {

    Offering(FutureTask<Boolean> result) {
      this(result, new Thread(result));
    }
  }

  /** Its room went to somebody else who waited: the listener is slow, and what comes next must be waited for like anything before. */
  @Test
  void aListenerThatTookSomethingWhileOneWaitedInVainIsWaitedForAgain() throws Exception {
    mailbox.start();
    assertThat(isOffered(0)).isTrue();
    await().atMost(Duration.ofSeconds(30)).until(() -> begun.get() == 1);
    for (int i = 1; i <= ROOM; i++) {
      assertThat(isOffered(i)).isTrue();
    }
    Offering first = offer(ROOM + 1);
    Offering second = offer(ROOM + 2);
    steps.release();
    assertThat(first.result.get()).isTrue();
    assertThat(second.result.get()).isFalse();
    Offering third = offer(ROOM + 3);
    steps.release();
    assertThat(third.result.get()).isTrue();
  }
}
