package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PollTest {

  private static final Duration LIMIT = Duration.ofSeconds(1);

  private final AtomicInteger looks = new AtomicInteger();

  /** What it saw may have ended long before the look did. */
  @Test
  void looksOnceMoreWhenALookOutlastsTheLimit() {
    assertThat(Poll.untilEmpty(LIMIT, this::heldUpOnce)).isEmpty();
    assertThat(looks).hasValue(2);
  }

  private List<String> heldUpOnce() {
    if (looks.incrementAndGet() > 1) {
      return List.of();
    }
    long end = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
    return List.of("open");
  }

  @Test
  void givesUpWithWhatItSawLast() {
    assertThat(Poll.untilEmpty(LIMIT, () -> List.of(looks.incrementAndGet())))
        .containsExactly(looks.get());
  }

  @Test
  void looksOnceWithoutAnyTime() {
    assertThat(Poll.untilEmpty(Duration.ZERO, () -> List.of(looks.incrementAndGet())))
        .containsExactly(1);
  }
}
