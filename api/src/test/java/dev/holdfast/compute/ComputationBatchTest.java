package dev.holdfast.compute;

import static dev.holdfast.compute.TestingComputations.assertCode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.compute.ComputeFunction.Work;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.json.Codec;
import dev.holdfast.testkit.Seed;
import java.io.IOException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** Functions of many inputs at the same time: in order, in parallel, within each other, and what fails. */
class ComputationBatchTest {

  @AutoClose
  private final TestingComputations testing = new TestingComputations();

  private final Computations computations = testing.computations;
  private final AtomicInteger calls = testing.calls;

  @AfterEach
  void clear() {
    MDC.clear();
  }

  private <I, O> void register(String name, Class<I> type, Work<I, O> work) {
    testing.register(name, type, work);
  }

  @Test
  void aBatchIsReallyComputedInParallel() {
    CyclicBarrier all = new CyclicBarrier(4);
    register("meet", Integer.class, n -> {
      all.await(30, TimeUnit.SECONDS);
      return n * n;
    });
    Batch<Integer> batch = computations.computeAll("meet", List.of(1, 2, 3, 4));
    assertThat(batch.values()).containsExactly(1, 4, 9, 16);
    assertThat(batch.threads()).isEqualTo(4);
  }

  @Test
  void aBatchIsInTheOrderOfItsInputsAndComputesEqualOnesOnce() {
    register("square", Integer.class, n -> n * n);
    List<Integer> inputs = IntStream.range(0, 1_000).map(i -> i % 100).boxed().toList();
    Batch<Integer> batch = computations.computeAll("square", inputs);
    assertThat(batch.values()).isEqualTo(inputs.stream().map(n -> n * n).toList());
    assertThat(calls).hasValue(100);
    assertThat(batch.results().stream().filter(Computed::fromCache)).hasSize(900);
  }

  @Test
  void oneThreadAndOneInputAreNotCalledParallel() {
    register("square", Integer.class, n -> n * n);
    assertThat(computations.<Integer>computeAll("square", List.of(3)).threads()).isEqualTo(1);
    assertThat(computations.computeAll("square", List.of()).results()).isEmpty();
    try (Computations alone = Computations.builder().parallelism(1).build()) {
      Batch<String> batch = alone.computeAll(Computations.UPPERCASE, List.of("a", "b", "c"));
      assertThat(batch.values()).containsExactly("A", "B", "C");
      assertThat(batch.threads()).isEqualTo(1);
    }
  }

  @Test
  void aBatchWithinABatchEnds() {
    register("inner", Integer.class, n -> n + 1);
    register(
        "outer",
        Integer.class,
        n -> computations
            .<Integer>computeAll("inner", List.of(n * 10, n * 10 + 1, n * 10 + 2))
            .values());
    Batch<List<Integer>> batch =
        computations.computeAll("outer", IntStream.range(0, 40).boxed().toList());
    assertThat(batch.values()).hasSize(40);
    assertThat(batch.values().get(39)).containsExactly(391, 392, 393);
  }

  /** A codec of a language that declares no exceptions; one of the two threads is that of the caller. */
  private static final class Undeclared implements Codec<String> {

    private final CountDownLatch failing = new CountDownLatch(1);

    @Override
    public String encode(@Nullable String value) {
      if ("b".equals(value)) {
        failing.countDown();
        Undeclared.<RuntimeException>fail(new IOException("no words"));
      }
      try {
        assertThat(failing.await(30, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return "1";
    }

    @SuppressWarnings("unchecked") // That is the point.
    private static <E extends Throwable> void fail(Throwable failure) throws E {
      throw (E) failure;
    }

    @Override
    public String decode(String json) {
      return json;
    }
  }

  @Test
  void whateverAPartThrowsNoneIsMissing() {
    computations.register(
        new ComputeFunction<>("words", String.class, new Undeclared(), text -> text));
    assertThatThrownBy(() -> computations.computeAll("words", List.of("a", "b")))
        .isInstanceOf(IOException.class)
        .hasMessage("no words");
  }

  /** Until all threads of batches wait for something, be it for work. */
  private static void awaitHelpersWait() {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("holdfast-compute-"))
            .filter(thread -> !thread.equals(Thread.currentThread()))
            .allMatch(thread -> thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING));
  }

  private <O> O ended(Callable<O> call) throws Exception {
    FutureTask<O> task = new FutureTask<>(call);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return task.get(30, TimeUnit.SECONDS);
  }

  /** The other thread of the batch asks for what the caller computes, and the caller waits for that thread. */
  @Test
  void aBatchThatContainsItsOwnComputationIsAnError() {
    register("whole", Integer.class, n -> {
      if (n == 1) {
        awaitHelpersWait();
        return 1;
      }
      return computations.computeAll("whole", List.of(1, 0)).values().size();
    });
    assertThatThrownBy(() -> ended(() -> computations.compute("whole", 0)))
        .hasRootCauseInstanceOf(HoldfastException.class)
        .rootCause()
        .hasMessageContaining("waits for itself")
        .hasMessageContaining("whole");
  }

  @Test
  void aCircleThroughABatchIsAnErrorThatNamesIt() {
    register(
        "whole",
        Integer.class,
        n -> computations.computeAll("part", List.of(1, 2)).values());
    register("part", Integer.class, n -> {
      if (n == 1) {
        awaitHelpersWait();
        return n;
      }
      return computations.compute("detail", n);
    });
    register("detail", Integer.class, n -> computations.compute("whole", 0));
    assertThatThrownBy(() -> ended(() -> computations.compute("whole", 0)))
        .rootCause()
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CACHE_MISUSE))
        .hasMessageMatching("(?s).*whole.* -> .*part.* -> .*detail.* -> .*whole.*");
    assertThat(computations.<Integer>compute("part", 1)).isEqualTo(1);
  }

  /** Two threads compute what the batch of the other needs. */
  @Test
  void aCircleThroughTwoBatchesIsAnError() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    AtomicInteger begun = new AtomicInteger();
    for (List<String> names : List.of(List.of("left", "right"), List.of("right", "left"))) {
      register(names.get(0), Integer.class, n -> {
        if (begun.incrementAndGet() <= 2) {
          both.await(30, TimeUnit.SECONDS);
        }
        return computations.computeAll(names.get(1), List.of(n)).values();
      });
    }
    FutureTask<Object> left = new FutureTask<>(() -> computations.compute("left", 0));
    new Thread(left).start();
    assertThatThrownBy(() -> ended(() -> computations.compute("right", 0)))
        .rootCause()
        .hasMessageContaining("waits for itself");
    assertThatThrownBy(() -> left.get(30, TimeUnit.SECONDS))
        .rootCause()
        .hasMessageContaining("waits for itself");
  }

  /** Whoever can get to a circle fails, nobody else does, and every call ends. */
  @Test
  void randomComputationsEndAndFailOnlyThroughACircle() throws Exception {
    SplittableRandom random = new SplittableRandom(Seed.next("circles"));
    for (int round = 0; round < 60; round++) {
      Map<Integer, List<Integer>> needs = new LinkedHashMap<>();
      for (int node = 0; node < 8; node++) {
        int from = random.nextInt(4) == 0 ? 0 : node + 1; // A few lead back.
        needs.put(
            node,
            random.ints(random.nextInt(4), from, 9).filter(n -> n < 8).boxed().toList());
      }
      try (Computations some = Computations.builder().parallelism(3).build()) {
        some.register(ComputeFunction.of("node", Integer.class, n -> {
          int sum = 1;
          for (int size :
              some.<Integer>computeAll("node", needs.getOrDefault(n, List.of())).values()) {
            sum += size;
          }
          return sum;
        }));
        List<FutureTask<Integer>> calls = new ArrayList<>();
        for (int node = 0; node < 8; node++) {
          int asked = node;
          FutureTask<Integer> call = new FutureTask<>(() -> some.compute("node", asked));
          calls.add(call);
          Thread thread = new Thread(call);
          thread.setDaemon(true);
          thread.start();
        }
        for (int node = 0; node < 8; node++) {
          FutureTask<Integer> call = calls.get(node);
          if (isEndless(needs, node, List.of())) {
            assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
                .as("%s of %s", node, needs)
                .rootCause()
                .hasMessageContaining("waits for itself");
          } else {
            assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo(size(needs, node));
          }
        }
      }
    }
  }

  private static boolean isEndless(
      Map<Integer, List<Integer>> needs, int node, List<Integer> above) {
    List<Integer> path = new ArrayList<>(above);
    path.add(node);
    return above.contains(node)
        || needs.getOrDefault(node, List.of()).stream()
            .anyMatch(next -> isEndless(needs, next, path));
  }

  private static int size(Map<Integer, List<Integer>> needs, int node) {
    return 1
        + needs.getOrDefault(node, List.of()).stream()
            .mapToInt(next -> size(needs, next))
            .sum();
  }

  @Test
  void theFirstFailureOfABatchIsThrown() {
    register("odd", Integer.class, n -> {
      if (n % 2 == 0) {
        throw new IllegalStateException("even " + n);
      }
      return n;
    });
    assertCode(
        () -> computations.computeAll("odd", List.of(1, 2, 3)),
        ErrorCode.COMPUTATION_FAILED,
        "even 2");
    List<Integer> many = IntStream.range(0, 10_000).map(n -> n * 2).boxed().toList();
    assertThatThrownBy(() -> computations.computeAll("odd", many))
        .isInstanceOf(HoldfastException.class);
    assertThat(calls.get()).as("no further input was begun").isLessThan(100);
  }

  /** It ends the thread that it meets; the batch must not end with a result less. */
  @Test
  void anErrorInAnotherThreadIsThrownToo() {
    Thread caller = Thread.currentThread();
    CyclicBarrier both = new CyclicBarrier(2);
    register("broken", Integer.class, n -> {
      both.await(30, TimeUnit.SECONDS);
      if (!Thread.currentThread().equals(caller)) {
        throw new LinkageError("broken " + n);
      }
      return n;
    });
    assertThatThrownBy(() -> computations.computeAll("broken", List.of(1, 2)))
        .isInstanceOf(LinkageError.class)
        .hasMessageContaining("broken");
  }

  @Test
  void anInterruptEndsTheWaitForABatch() throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(2);
    CountDownLatch never = new CountDownLatch(1);
    register("wait", Integer.class, n -> {
      entered.countDown();
      return never.await(30, TimeUnit.SECONDS);
    });
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread = new Thread(() -> {
      try {
        computations.computeAll("wait", List.of(1, 2));
      } catch (Throwable e) {
        thrown.set(e);
      }
    });
    thread.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    thread.join(20_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(thrown.get()).isInstanceOfAny(TransientException.class, HoldfastException.class);
    never.countDown();
  }

  /** As of all work that one thread does for another. */
  @Test
  void aBatchIsComputedUnderTheIdsOfItsCaller() {
    CyclicBarrier all = new CyclicBarrier(4);
    register("trace", Integer.class, n -> {
      all.await(30, TimeUnit.SECONDS);
      return MDC.get(Logs.CORRELATION_ID) + " " + n;
    });
    for (String id : List.of("run-7", "run-8")) {
      MDC.put(Logs.CORRELATION_ID, id);
      List<Integer> inputs =
          IntStream.range(0, 4).map(n -> n + calls.get()).boxed().toList();
      assertThat(computations.<String>computeAll("trace", inputs).values())
          .isEqualTo(inputs.stream().map(n -> id + " " + n).toList());
    }
  }

  /** A thread of ours is interrupted by nobody. */
  @Test
  void aMarkThatAFunctionLeavesInAHelpingThreadReachesNoOtherInput() {
    Thread caller = Thread.currentThread();
    CountDownLatch last = new CountDownLatch(1);
    register("leave", Integer.class, n -> {
      if (calls.get() == 100) {
        last.countDown();
      }
      if (Thread.currentThread().equals(caller)) {
        return last.await(30, TimeUnit.SECONDS);
      }
      Thread.sleep(0, 1);
      Thread.currentThread().interrupt();
      return true;
    });
    List<Integer> inputs = IntStream.range(0, 100).boxed().toList();
    assertThat(computations.<Boolean>computeAll("leave", inputs).values())
        .hasSize(100)
        .containsOnly(true);
  }

  @Test
  void aBatchThatHasBegunWhenItIsClosedEnds() {
    Computations closed = Computations.builder().parallelism(4).build();
    List<String> inputs = new AbstractList<>() {
      @Override
      public String get(int index) {
        closed.close(); // Between the look whether it is open and the first thread.
        return "input " + index;
      }

      @Override
      public int size() {
        return 3;
      }
    };
    Batch<String> batch = closed.computeAll(Computations.UPPERCASE, inputs);
    assertThat(batch.values()).containsExactly("INPUT 0", "INPUT 1", "INPUT 2");
    assertThat(batch.threads()).isEqualTo(1);
  }
}
