package dev.holdfast.effect.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.breaker.CallWindow.Bucket;
import dev.holdfast.error.HoldfastException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CallWindowTest {

  private static final Duration SIZE = Duration.ofMinutes(2);
  private static final Instant START = TestingBreaker.START;

  @Test
  void ratesAreSharesAndZeroWithoutCalls() {
    CallWindow window = CallWindow.EMPTY;
    assertThat(window.failureRate()).isZero();
    assertThat(window.slowCallRate()).isZero();
    for (int i = 0; i < 10; i++) {
      window = window.plusCall(SIZE, START, i % 2 == 0, i < 3);
    }
    assertThat(window.calls()).isEqualTo(10);
    assertThat(window.failureRate()).isEqualTo(0.5);
    assertThat(window.slowCallRate()).isEqualTo(0.3);
  }

  @Test
  void slidesBitByBit() {
    CallWindow window = CallWindow.EMPTY;
    for (int second = 0; second < 600; second++) {
      window = window.plusCall(SIZE, START.plusSeconds(second), true, false);
      assertThat(window.buckets()).hasSizeLessThanOrEqualTo(CallWindow.PARTS);
    }
    assertThat(window.calls()).isBetween(108L, 120L);
  }

  @Test
  void failuresFurtherApartThanItsSizeNeverMeet() {
    CallWindow window = CallWindow.EMPTY;
    for (int i = 0; i < 10; i++) {
      window = window.plusCall(SIZE, START.plusSeconds(121L * i), true, false);
      assertThat(window.failures()).isEqualTo(1);
    }
  }

  @Test
  void oldSuccessesDoNotHideAFailingPresent() {
    CallWindow window = CallWindow.EMPTY;
    for (int i = 0; i < 1000; i++) {
      window = window.plusCall(SIZE, START, false, false);
    }
    for (int i = 0; i < 5; i++) {
      window = window.plusCall(SIZE, START.plusSeconds(121), true, false);
    }
    assertThat(window.failureRate()).isEqualTo(1.0);
  }

  @Test
  void showsWhatIsLeftAtAMoment() {
    CallWindow window = CallWindow.EMPTY.plusCall(SIZE, START, true, true);
    assertThat(window.within(SIZE, START.plusSeconds(60)).calls()).isEqualTo(1);
    assertThat(window.within(SIZE, START.plusSeconds(120)).calls()).isZero();
    assertThat(window.within(SIZE, START.minusSeconds(60)).calls()).isZero();
  }

  @Test
  void refusesImpossibleCounts() {
    assertThatThrownBy(() -> new Bucket(START, 1, 2, 0)).isInstanceOf(HoldfastException.class);
    assertThatThrownBy(() -> new Bucket(START, 1, 0, 2)).isInstanceOf(HoldfastException.class);
    assertThatThrownBy(() -> new Bucket(START, 1, -1, 0)).isInstanceOf(HoldfastException.class);
    assertThatThrownBy(() -> new Bucket(START, 1, 0, -1))
        .isInstanceOf(HoldfastException.class)
        .hasMessage("Of 1 calls, 0 failures and -1 slow ones are not possible");
  }
}
