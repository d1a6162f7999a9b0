package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.contract.CachingContract;
import dev.holdfast.contract.Contract;
import dev.holdfast.contract.Drives;
import dev.holdfast.logging.Logs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is loaded at the start, and in which order. */
public class WarmUpTest {

  private final TestingStates states = new TestingStates();
  private final List<String> ends = new ArrayList<>();

  private WarmUp warmUp(int batch, String... sources) {
    CachingContract contract = Contract.of(
        CachingContract.class,
        Map.of(
            "warm_up_enabled",
            true,
            "warm_up_sources",
            List.of(sources),
            "warm_up_batch_size",
            batch));
    return new WarmUp(contract, states, Logs.standard().of(WarmUp.class), () -> ends.add("end"));
  }

  /** The states a0 to a4 of the namespace a; it is full when so many are loaded. */
  private static final class TestingStates implements WarmUp.States {

    private final NavigableSet<String> names = new TreeSet<>(List.of("a0", "a1", "a2", "a3", "a4"));
    private final List<String> calls = new ArrayList<>();
    private int room = 100;

    private Runnable onLoad = () -> {};

    @Override
    public boolean await(String namespace) {
      return true;
    }

    @Override
    public Collection<String> names(String namespace, String after, int limit) {
      calls.add("names behind '" + after + "'");
      return names.tailSet(after, false).stream().limit(limit).toList();
    }

    @Override
    public boolean load(String namespace, String name) {
      calls.add(name);
      room--;
      onLoad.run();
      return names.contains(name);
    }

    @Override
    public boolean isFull() {
      calls.add("?");
      return room <= 0;
    }
  }

  @Test
  @Drives("caching.warm_up_batch_size")
  void statesAreLookedUpInBatches() {
    warmUp(2, "a/*").load();
    assertThat(states.calls)
        .containsExactly(
            "names behind ''",
            "a0",
            "a1",
            "?",
            "names behind 'a1'",
            "a2",
            "a3",
            "?",
            "names behind 'a3'",
            "a4",
            "?");
    states.calls.clear();
    warmUp(3, "a/a0", "a/a1", "a/a2", "a/a3").load();
    assertThat(states.calls).containsExactly("a0", "a1", "a2", "?", "a3", "?");
    assertThat(ends).hasSize(2);
  }

  @Test
  void nothingIsLoadedIntoAFullCache() {
    states.room = 2;
    warmUp(2, "a/*", "b/*", "a/a4").load();
    assertThat(states.calls).containsExactly("names behind ''", "a0", "a1", "?");
    assertThat(ends).hasSize(1);
  }

  @Test
  void whatIsMissingDoesNotEndIt() {
    warmUp(10, "a/never", "a/a4").load();
    assertThat(states.calls).containsExactly("never", "a4", "?");
  }

  @Test
  void nothingIsLoadedAfterTheEnd() {
    WarmUp closed = warmUp(2, "a/*", "a/a3");
    closed.close();
    closed.load();
    assertThat(states.calls).containsExactly("names behind ''");
  }

  /** Nobody else hears of what ends the thread. */
  @Test
  void whatEndsItIsLogged() throws InterruptedException {
    assertThat(logged(false, () -> {
          throw new IllegalStateException("broken");
        }))
        .singleElement()
        .asString()
        .contains("failed after 0", "broken");
    assertThat(logged(false, () -> {
          throw new StackOverflowError("too deep");
        }))
        .singleElement()
        .asString()
        .contains("too deep");
  }

  @Test
  void whatTheClosingCutsOffIsNoNewsButAnErrorIs() throws InterruptedException {
    assertThat(logged(true, () -> {
          awaitInterruption();
          throw new IllegalStateException("closed");
        }))
        .isEmpty();
    assertThat(logged(true, () -> {
          awaitInterruption();
          throw new StackOverflowError("too deep");
        }))
        .singleElement()
        .asString()
        .contains("too deep");
  }

  private static void awaitInterruption() {
    while (!Thread.currentThread().isInterrupted()) { // It may return for no reason.
      LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(1));
    }
  }

  /** Begins, lets a load do something, and closes, without waiting for the line if that is what ends it; the lines and their failures. */
  private List<String> logged(boolean endsByClosing, Runnable load) throws InterruptedException {
    CountDownLatch loading = new CountDownLatch(1);
    states.onLoad = () -> {
      loading.countDown();
      load.run();
    };
    CountDownLatch logged = new CountDownLatch(1);
    ListAppender<ILoggingEvent> lines = new ListAppender<>() {
      @Override
      protected void append(ILoggingEvent line) {
        super.append(line);
        logged.countDown();
      }
    };
    lines.start();
    Logger logger = (Logger) LoggerFactory.getLogger(WarmUp.class);
    logger.addAppender(lines);
    try (WarmUp warmUp = warmUp(2, "a/a0")) {
      warmUp.start();
      assertThat((endsByClosing ? loading : logged).await(10, TimeUnit.SECONDS)).isTrue();
    }
    logger.detachAppender(lines);
    return lines.list.stream()
        .map(line ->
            line.getFormattedMessage() + ThrowableProxyUtil.asString(line.getThrowableProxy()))
        .toList();
  }
}
