package dev.holdfast;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.compute.Computations;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.event.Event;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.store.feed.SubscriptionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What closing waits for can end: all that it may use is closed after it. */
@HoldfastTest
@Timeout(120)
class ClosingOrderTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Holdfast holdfast;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  ClosingOrderTest(TestDatabase database) {
    holdfast = Holdfast.builder().dataSource(database.dataSource()).build();
  }

  @AfterEach
  void end() throws InterruptedException {
    release.countDown();
    holdfast.close();
    threads.shutdown();
    assertThat(threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private void closeUntilRefused(Callable<?> call) {
    threads.execute(holdfast::close);
    await().atMost(PATIENCE).until(() -> isRefused(call));
  }

  private static boolean isRefused(Callable<?> call) throws Exception {
    try {
      call.call();
      return false;
    } catch (HoldfastException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.CLOSED);
      return true;
    }
  }

  private String work() {
    holdfast.events().publish(Event.of("worked", json(1)));
    holdfast.state("closing", "1").set("worked", json(1));
    return holdfast.computations().compute(Computations.UPPERCASE, "worked");
  }

  @Test
  void aBodyThatIsWaitedForCanPublishAndCompute() throws Exception {
    Future<String> running = threads.submit(() -> holdfast.effects().run("closing", "1", effect -> {
      begun.countDown();
      release.await();
      return work();
    }));
    begun.await();
    // One that got in before is answered with its result also when closed: each has its own id.
    AtomicInteger late = new AtomicInteger();
    closeUntilRefused(() ->
        holdfast.effects().run("closing", "late-" + late.incrementAndGet(), effect -> "late"));
    release.countDown();
    assertThat(running.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("WORKED");
  }

  /** What it cannot do then may become a dead letter, although nothing is the matter with it. */
  @Test
  void aHandlerOfChangesThatIsWaitedForCanDoAnything() throws Exception {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    ChangeFilter filter = ChangeFilter.all().namespace("watched");
    SubscriptionOptions once = SubscriptionOptions.defaults().maxAttempts(1);
    Subscription subscription = holdfast.changes().subscribe("closing", filter, once, change -> {
      begun.countDown();
      release.await();
      try {
        holdfast.effects().run("closing", "2", effect -> work());
      } catch (RuntimeException e) {
        failures.add(e);
        throw e;
      }
    });
    holdfast.state("watched", "1").set("a", json(1));
    begun.await();
    closeUntilRefused(() -> {
      holdfast.changes().subscribe("probe", filter, once, change -> {}).close();
      return true;
    });
    release.countDown();
    await().atMost(PATIENCE).until(() -> subscription.delivered() == 1 || !failures.isEmpty());
    assertThat(failures).isEmpty();
  }
}
