package dev.holdfast.store.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long the watch leaves alone what it has just done. */
final class PaceTest {

  private final Pace pace = new Pace(Duration.ofMillis(10), Duration.ofSeconds(2));

  private Duration gapAfter(Duration took) {
    pace.took(took.toNanos());
    return Duration.ofNanos(pace.gap());
  }

  @Test
  void isAHundredthOfTheTime() {
    gapAfter(Duration.ofMillis(5));
    assertThat(gapAfter(Duration.ofMillis(5))).isEqualTo(Duration.ofMillis(500));
    assertThat(gapAfter(Duration.ofMillis(3))).isEqualTo(Duration.ofMillis(300));
  }

  @Test
  void isNoShorterThanTheLeast() {
    assertThat(Duration.ofNanos(pace.gap())).isEqualTo(Duration.ofMillis(10));
    gapAfter(Duration.ofNanos(99_999));
    assertThat(gapAfter(Duration.ofNanos(99_999))).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void oneThatTookLongDoesNotCount() {
    assertThat(gapAfter(Duration.ofSeconds(3))).as("the first").isEqualTo(Duration.ofMillis(10));
    gapAfter(Duration.ofMillis(1));
    gapAfter(Duration.ofMillis(1));
    assertThat(gapAfter(Duration.ofSeconds(3))).isEqualTo(Duration.ofMillis(100));
    assertThat(gapAfter(Duration.ofMillis(2))).isEqualTo(Duration.ofMillis(200));
  }

  /** A change nobody is told of for minutes would be worse than the time that asking takes. */
  @Test
  void isNoLongerThanTheLongest() {
    gapAfter(Duration.ofSeconds(3));
    assertThat(gapAfter(Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(2));
  }
}
