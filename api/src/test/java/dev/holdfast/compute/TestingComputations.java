package dev.holdfast.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.compute.ComputeFunction.Work;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.concurrent.atomic.AtomicInteger;

/** Computations with four threads, whose calls are counted. */
final class TestingComputations implements AutoCloseable {

  final Computations computations = Computations.builder().parallelism(4).build();
  final AtomicInteger calls = new AtomicInteger();

  <I, O> void register(String name, Class<I> type, Work<I, O> work) {
    computations.register(ComputeFunction.of(name, type, input -> {
      calls.incrementAndGet();
      return work.compute(input);
    }));
  }

  static void assertCode(Runnable call, ErrorCode code, String message) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Override
  public void close() {
    computations.close();
  }
}
