package dev.holdfast.store.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SubscriptionPauseTest {

  @ParameterizedTest
  @CsvSource({"PT0.001S, PT0.002S", "PT5S, PT10S", "PT6S, PT10S", "PT10S, PT10S", "PT60S, PT60S"})
  void aPauseDoublesUpToTenSecondsAndNeverShrinks(Duration pause, Duration next) {
    assertThat(Subscription.longer(pause)).isEqualTo(next);
  }
}
