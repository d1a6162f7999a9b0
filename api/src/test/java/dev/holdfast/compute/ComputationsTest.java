package dev.holdfast.compute;

import static dev.holdfast.compute.TestingComputations.assertCode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.holdfast.cache.ComputeCache;
import dev.holdfast.compute.ComputeFunction.Work;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Functions by name: found, refused, cached and counted. */
class ComputationsTest {

  @AutoClose
  private final TestingComputations testing = new TestingComputations();

  private final Computations computations = testing.computations;
  private final AtomicInteger calls = testing.calls;

  private <I, O> void register(String name, Class<I> type, Work<I, O> work) {
    testing.register(name, type, work);
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
  void nothingIsComputedAfterTheEnd() {
    Computations closed = Computations.builder().build();
    closed.close();
    closed.close();
    assertCode(() -> closed.compute(Computations.IDENTITY, 1), ErrorCode.CLOSED, "closed");
    assertCode(
        () -> closed.computeAll(Computations.IDENTITY, List.of(1)), ErrorCode.CLOSED, "closed");
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
