package dev.holdfast.store.json.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.json.TestingJson;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberTextTest {

  private static NumberText number(String text) {
    char[] padded = ("12" + text + "34").toCharArray();
    return new NumberText(padded, 2, text.length());
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void countsAsBigDecimalDoes(long seed) {
    TestingJson random = new TestingJson(seed);
    for (int i = 0; i < 5_000; i++) {
      String text = random.number(1 + i % 40);
      BigDecimal decimal = new BigDecimal(text);
      String as = "seed %d: %s".formatted(seed, text);
      assertThat(number(text).significantDigits()).as(as).isEqualTo(decimal.precision());
      assertThat(number(text).adjustedExponent())
          .as(as)
          .isEqualTo(decimal.precision() - decimal.scale() - 1L);
    }
  }

  @Test
  void staysFarBeyondEveryLimitWhenTheExponentIsTooLarge() {
    assertThat(number("1e99999999999999999999999").adjustedExponent()).isGreaterThan(1L << 32);
    assertThat(number("0.1E-99999999999999999999999").adjustedExponent()).isLessThan(-(1L << 32));
  }
}
