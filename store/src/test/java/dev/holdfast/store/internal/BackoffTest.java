package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BackoffTest {

  private static final Duration MOMENT = Duration.ofNanos(1);

  @Test
  void thereIsTimeLeftUntilThePatienceIsOver() {
    assertThat(Backoff.between(MOMENT, MOMENT, Duration.ofHours(1)).pause()).isTrue();
    assertThat(Backoff.between(MOMENT, MOMENT, Duration.ZERO).pause()).isFalse();
  }

  /** The clock's number of the end is less than that of the beginning. */
  @Test
  void thePatienceCanBeAsLongAsTheClockCanCount() {
    Duration longest = Duration.ofNanos(Long.MAX_VALUE);
    assertThat(Backoff.between(MOMENT, MOMENT, longest).pause()).isTrue();
  }
}
