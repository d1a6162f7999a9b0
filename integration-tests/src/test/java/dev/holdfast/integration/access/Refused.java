package dev.holdfast.integration.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.Holdfast;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.function.Supplier;

/** A Holdfast that could not be opened, and what was said about it. */
final class Refused {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final HoldfastException failure;

  private Refused(HoldfastException failure) {
    this.failure = failure;
  }

  /** Tries to open it; fails when that succeeds, takes more than thirty seconds or ends with anything but an exception of Holdfast's. */
  static Refused opening(Supplier<Holdfast> opening) {
    long start = System.nanoTime();
    Throwable thrown = catchThrowable(() -> opening.get().close());
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT);
    assertThat(thrown).isInstanceOf(HoldfastException.class);
    return new Refused((HoldfastException) thrown);
  }

  Refused with(ErrorCode code) {
    assertThat(failure.code()).as(failure.toString()).isEqualTo(code);
    return this;
  }

  Refused naming(String... subjects) {
    assertThat(failure).hasMessageContainingAll(subjects);
    return this;
  }

  /** Neither in the message nor in the context nor anywhere in the stack trace with all causes. */
  void neverSaying(String secret) {
    StringWriter all = new StringWriter();
    failure.printStackTrace(new PrintWriter(all));
    assertThat(all + " " + failure.context()).doesNotContain(secret);
  }
}
