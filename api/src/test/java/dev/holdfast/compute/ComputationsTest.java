package dev.holdfast.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.holdfast.cache.ComputeCache;
import dev.holdfast.compute.ComputeFunction.Work;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.json.Codec;
import dev.holdfast.testkit.Seed;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** Functions by name: found, refused, cached, counted, and many at the same time. */
class ComputationsTest {

  @AutoClose
  private final Computations computations =
      Computations.builder().parallelism(4).build();

  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void clear() {
    MDC.clear();
  }

  private <I, O> void register(String name, Class<I> type, Work<I, O> work) {
    computations.register(ComputeFunction.of(name, type, input -> {
      calls.incrementAndGet();
      return work.compute(input);
    }));
  }

  private static void assertCode(Runnable call, ErrorCode code, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void aNameIsTakenOnce() {
    register("twice", Integer.class, n -> n * 2);
    assertCode(
        () -> register("twice", Integer.class, n -> n), ErrorCode.CONFIGURATION, "\"twice\"");
    assertThat(computations.<Integer>compute("twice", 21)).isEqualTo(42);
  }

  @Test
  void threeFunctionsAreThereToBeginWith() {
    assertThat(computations.names()).containsExactly("default", "string_uppercase", "sum_numbers");
    Map<String, Integer> input = Map.of("a", 1);
    assertThat(computations.<Object>compute(Computations.IDENTITY, input)).isSameAs(input);
    assertThat(computations.<String>compute(Computations.UPPERCASE, "straße title"))
        .isEqualTo("STRASSE TITLE");
    assertThat(computations.<BigDecimal>compute(Computations.SUM, List.of(0.1, 0.2, 3)))
        .isEqualByComparingTo("3.3");
    assertThat(computations.<BigDecimal>compute(Computations.SUM, List.of())).isZero();
  }

  /** Inputs that are equal as JSON, one after the other and in one batch. */
  @Test
  void identityReturnsTheVeryInput() {
    List<Object> inputs = List.of(1, 1L);
    for (Object input : inputs) {
      assertThat(computations.<Object>compute(Computations.IDENTITY, input)).isSameAs(input);
    }
    assertThat(computations.<Object>computeAll(Computations.IDENTITY, inputs).values())
        .isEqualTo(inputs);
    Map<String, Integer> changing = new LinkedHashMap<>(Map.of("a", 1));
    computations.compute(Computations.IDENTITY, changing);
    changing.put("b", 2);
    assertThat(computations.<Object>compute(Computations.IDENTITY, Map.of("a", 1)))
        .isEqualTo(Map.of("a", 1));
    assertThat(computations.computed(Computations.IDENTITY, 1).fromCache()).isFalse();
  }

  @Test
  void inputsOfAnotherTypeAreRefused() {
    assertCode(
        () -> computations.compute(Computations.UPPERCASE, 1),
        ErrorCode.INVALID_ARGUMENT,
        "takes a java.lang.String, not a java.lang.Integer");
    assertCode(
        () -> computations.compute(Computations.SUM, "1"),
        ErrorCode.INVALID_ARGUMENT,
        "takes a java.util.List");
    assertCode(
        () -> computations.compute(Computations.SUM, List.of(1, "1")),
        ErrorCode.COMPUTATION_FAILED,
        "Element 1 is no number but a java.lang.String");
    assertThat(computations.metrics(Computations.UPPERCASE).orElseThrow().total())
        .isZero();
  }

  /** What is summed may be a secret, so it is told where it stands and not what it is. */
  @Test
  void anElementThatIsNoNumberIsNamedWithoutItsValue() {
    Map<String, List<?>> inputs = Map.of(
        "no number but a java.lang.String", List.of(1, "hunter2"),
        "no number but null", Arrays.asList(1, null),
        "no finite number but NaN", List.of(1, Double.NaN),
        "no finite number but -Infinity", List.of(1, Float.NEGATIVE_INFINITY));
    inputs.forEach((message, input) -> assertThatThrownBy(
            () -> computations.computedAnew(Computations.SUM, input))
        .isInstanceOf(HoldfastException.class)
        .hasMessage("Computation \"sum_numbers\" failed: Element 1 is " + message)
        .hasMessageNotContaining("hunter2")
        .hasRootCauseInstanceOf(HoldfastException.class));
  }

  /** Exact sums of such numbers have a digit for each power of ten between them. */
  @Test
  void numbersThatAreTooFarApartAreRefused() {
    for (String number : List.of("1E+100000000", "1E+2000000000", "1E-2147483647")) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(60),
          () -> assertCode(
              () -> computations.compute(Computations.SUM, List.of(1, new BigDecimal(number))),
              ErrorCode.COMPUTATION_FAILED,
              "Element 1 is no number with an exponent from -100000 to 100000"));
    }
    BigDecimal large = new BigDecimal("1E+100000");
    BigDecimal small = new BigDecimal("1E-100000");
    assertThat(computations
            .<BigDecimal>computedAnew(Computations.SUM, List.of(large, small))
            .value())
        .isEqualTo(large.add(small));
  }

  @Test
  void nullInABatchIsRefusedAsItIsAlone() {
    for (List<String> inputs :
        List.of(Collections.<String>singletonList(null), Arrays.asList("a", null))) {
      assertCode(
          () -> computations.computeAll(Computations.UPPERCASE, inputs),
          ErrorCode.INVALID_ARGUMENT,
          "takes a java.lang.String, not null");
    }
  }

  @Test
  void aFunctionOfAPrimitiveTypeIsRefused() {
    assertCode(
        () -> ComputeFunction.of("twice", int.class, number -> 2 * number),
        ErrorCode.CONFIGURATION,
        "\"twice\" takes java.lang.Integer instead of int");
  }

  @Test
  void anUnknownNameIsAnErrorWithTheKnownOnes() {
    assertCode(
        () -> computations.compute("unknown", 1), ErrorCode.INVALID_ARGUMENT, "string_uppercase");
    assertThat(computations.metrics("unknown")).isEmpty();
  }

  @Test
  void anEqualInputIsComputedOnce() {
    register("length", String.class, String::length);
    Computed<Integer> first = computations.computed("length", "four");
    Computed<Integer> second = computations.computed("length", "four");
    assertThat(first.fromCache()).isFalse();
    assertThat(second).isEqualTo(new Computed<>(4, true, Duration.ZERO));
    assertThat(calls).hasValue(1);
    computations.computed("length", "five");
    assertThat(calls).hasValue(2);
  }

  @Test
  void aNullResultIsKeptToo() {
    register("nothing", String.class, text -> null);
    assertThat(computations.<Object>computed("nothing", "a").value()).isNull();
    assertThat(computations.computed("nothing", "a").fromCache()).isTrue();
    assertThat(calls).hasValue(1);
  }

  @Test
  void theCacheCanBePassedBy() {
    register("length", String.class, String::length);
    for (int i = 1; i <= 3; i++) {
      assertThat(computations.computedAnew("length", "four").fromCache()).isFalse();
      assertThat(calls).hasValue(i);
    }
    try (Computations uncached = Computations.builder()
        .cache(ComputeCache.builder().maximumSize(0).build())
        .build()) {
      assertThat(uncached.computed(Computations.UPPERCASE, "a").fromCache()).isFalse();
      assertThat(uncached.computed(Computations.UPPERCASE, "a").fromCache()).isFalse();
    }
  }

  @Test
  void equalInputsAreThoseWithEqualJson() {
    register("echo", Object.class, input -> calls.get());
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("a", 1);
    one.put("b", List.of(1, 2));
    Map<String, Object> other = new LinkedHashMap<>();
    other.put("b", List.of(1, 2));
    other.put("a", 1);
    computations.compute("echo", one);
    computations.compute("echo", other);
    assertThat(calls).as("the order of keys does not matter").hasValue(1);
    List<Object> different = List.of(
        1,
        "1",
        new BigDecimal("1.0"),
        new BigDecimal("1.00"),
        List.of(1),
        List.of("1"),
        List.of(1, 2),
        List.of(2, 1),
        true,
        "true",
        Map.of("a", 2),
        Map.of("a:1", 1),
        "",
        List.of());
    different.forEach(input -> computations.compute("echo", input));
    assertThat(calls).hasValue(1 + different.size());
  }

  /** Half of a pair cannot be written in UTF-8, and is no question mark for that. */
  @Test
  void textsThatAreNoUnicodeAreToldApart() {
    for (String half : List.of("?", "\ud800", "\ud801", "\udc00", "\\ud800")) {
      assertThat(computations.<String>compute(Computations.UPPERCASE, half))
          .isEqualTo(half.toUpperCase(Locale.ROOT));
    }
  }

  @Test
  void keysAreTheSameInEveryProcessAndThread() throws InterruptedException {
    String digest = "96179cf25d18368ffc9b43aab4511c836967c71bea442e12d4f4495d19a3759e";
    Set<InputKey> keys = ConcurrentHashMap.newKeySet();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String json =
          i % 2 == 0 ? "{\"b\": [1, \"x\"], \"a\": 1.50}" : "{\"a\":1.50,\"b\":[1,\"x\"]}";
      Thread thread = new Thread(() -> keys.add(InputKey.of("f", 1, json)));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(keys).extracting(InputKey::digest).containsExactly(digest);
  }

  @Test
  void aFunctionThatFailsIsAnErrorAndNotKept() {
    IOException failure = new IOException("no tariff");
    register("fare", String.class, leg -> {
      throw failure;
    });
    for (int i = 1; i <= 2; i++) {
      assertThatThrownBy(() -> computations.compute("fare", "JFK"))
          .isInstanceOfSatisfying(HoldfastException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.COMPUTATION_FAILED);
            assertThat(e.context()).containsEntry("computation", "fare");
          })
          .hasCause(failure)
          .hasMessageContaining("no tariff");
      assertThat(calls).hasValue(i);
    }
    assertThat(computations.metrics("fare").orElseThrow().errors()).isEqualTo(2);
  }

  @Test
  void aFailureWithoutAMessageIsNamedByItsClass() {
    register("fare", String.class, leg -> {
      throw new IllegalStateException();
    });
    assertCode(
        () -> computations.compute("fare", "JFK"),
        ErrorCode.COMPUTATION_FAILED,
        "\"fare\" failed: java.lang.IllegalStateException");
  }

  @Test
  void aFailureThatCannotTellItsMessageIsStillTheCause() {
    IllegalStateException failure = new IllegalStateException() {
      private static final long serialVersionUID = 1L;

      @Override
      public String getMessage() {
        throw new UnsupportedOperationException("says nothing");
      }
    };
    register("fare", String.class, leg -> {
      throw failure;
    });
    assertThatThrownBy(() -> computations.compute("fare", "JFK"))
        .isInstanceOfSatisfying(HoldfastException.class, e -> {
          assertThat(e.code()).isEqualTo(ErrorCode.COMPUTATION_FAILED);
          assertThat(e.getCause()).isSameAs(failure);
        });
  }

  @Test
  void whatIsComputedIsCounted() {
    AtomicLong time = new AtomicLong();
    try (Computations timed = Computations.builder().nanoTime(time::get).build()) {
      timed.register(ComputeFunction.of("slow", Integer.class, millis -> {
        time.addAndGet(Duration.ofMillis(millis).toNanos());
        if (millis == 30) {
          throw new IllegalStateException("too long");
        }
        return millis;
      }));
      assertThat(timed.metrics("slow").orElseThrow().shortest()).isZero();
      assertThat(timed.computed("slow", 10).time()).isEqualTo(Duration.ofMillis(10));
      timed.compute("slow", 200);
      assertThatThrownBy(() -> timed.compute("slow", 30)).isInstanceOf(HoldfastException.class);
      timed.compute("slow", 10);
      assertThat(timed.metrics().get("slow"))
          .isEqualTo(new ComputationMetrics(
              3, 2, 1, 1, Duration.ofMillis(10), Duration.ofMillis(80), Duration.ofMillis(200)));
      assertThat(timed.cacheStatistics().totalEntries()).isEqualTo(2);
    }
  }

  @Test
  void aFunctionThatIsReplacedDoesNotAnswerForTheOther() {
    register("price", String.class, leg -> 1);
    assertThat(computations.<Integer>compute("price", "a")).isEqualTo(1);
    assertThat(computations.unregister("price")).isTrue();
    assertThat(computations.unregister("price")).isFalse();
    register("price", String.class, leg -> 2);
    assertThat(computations.<Integer>compute("price", "a")).isEqualTo(2);
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
  void nothingIsComputedAfterTheEnd() {
    Computations closed = Computations.builder().build();
    closed.close();
    closed.close();
    assertCode(() -> closed.compute(Computations.IDENTITY, 1), ErrorCode.CLOSED, "closed");
    assertCode(
        () -> closed.computeAll(Computations.IDENTITY, List.of(1)), ErrorCode.CLOSED, "closed");
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

  @Test
  void numbersOutOfRangeAreRefused() {
    Computations.Builder builder = Computations.builder();
    for (Runnable wrong : List.<Runnable>of(
        () -> builder.parallelism(0),
        () -> builder.parallelism(257),
        () -> builder.slowAfter(Duration.ofNanos(-1)),
        () -> builder.slowAfter(Duration.ofSeconds(Long.MAX_VALUE)))) {
      assertThatThrownBy(wrong::run)
          .isInstanceOfSatisfying(
              HoldfastException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION));
    }
    assertThatThrownBy(() -> ComputeFunction.of("", String.class, text -> text))
        .isInstanceOf(HoldfastException.class);
  }
}
