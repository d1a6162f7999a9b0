package dev.holdfast.store.json.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.store.TestingCpu;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.JsonLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonGuardNumberTest {

  private static final String WHAT = "the value of key \"phase\"";
  private static final JsonLimits SMALL = new JsonLimits(64, 3, 5, 7);

  private static void check(String json) {
    JsonGuard.check(json, JsonLimits.DEFAULT, WHAT);
  }

  private static void assertRefused(String json, JsonLimits limits, String problem, String path) {
    assertThatThrownBy(() -> JsonGuard.check(json, limits, WHAT))
        .isInstanceOfSatisfying(CodecException.class, e -> {
          assertThat(e.code()).isEqualTo(ErrorCode.CODEC);
          assertThat(e.path()).isEqualTo(path);
        })
        .hasMessageStartingWith(WHAT)
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1234",
        "12345",
        "-12345",
        "123.45",
        "0.0012345",
        "0.00",
        "12345e0",
        "1.2345E+7",
        "1.2345e-7",
        "0e7",
        "0.0e-6"
      })
  void acceptsNumbersWithinTheLimits(String number) {
    JsonGuard.check("[" + number + "]", SMALL, WHAT);
    JsonGuard.check(number, SMALL, WHAT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"123456", "-123456", "123.456", "1.23450", "100000", "0.00123456", "123456e-3"})
  void refusesMoreDigitsThanAllowed(String number) {
    assertRefused("[" + number + "]", SMALL, "more than 5 digits", "/0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e8",
        "1E+8",
        "-1e-8",
        "12e7",
        "0.1e9",
        "0.00000001",
        "0e8",
        "0e-8",
        "0.0e-7",
        "1e99999999999",
        "-1E-99999999999",
        "0e99999999999",
        "1e9223372036854775808",
        "1e-9223372036854775809"
      })
  void refusesExponentsBeyondTheLimit(String number) {
    assertRefused("{\"n\":" + number + "}", SMALL, "exponent beyond 7", "/n");
  }

  @Test
  void refusesNumbersWrittenWithMoreCharactersThanTheyNeed() {
    assertRefused("1e" + "0".repeat(50), SMALL, "more than 5 digits", "");
    String cancelled = "0." + "0".repeat(100_000) + "1e100000";
    assertRefused(cancelled, JsonLimits.DEFAULT, "more than 1000 digits", "");
  }

  @Test
  void countsDigitsAndExponentsAtTheDefaultLimits() {
    check("9".repeat(400));
    check("9".repeat(401));
    assertRefused("9".repeat(402), JsonLimits.DEFAULT, "exponent beyond 400", "");
    check("0." + "9".repeat(999));
    check("0." + "9".repeat(1_000));
    assertRefused("0." + "9".repeat(1_001), JsonLimits.DEFAULT, "more than 1000 digits", "");
    check("1e399");
    check("1e400");
    assertRefused("1e401", JsonLimits.DEFAULT, "exponent beyond 400", "");
  }

  @Test
  void refusesTheBombsQuickly() {
    String bomb = "[" + "1e131071,".repeat(8_000) + "0]";
    String digits = "9".repeat(1_000_000);
    String huge = "\"" + "x".repeat(50_000_000) + "\"";
    Duration took = TestingCpu.timeOf(() -> {
      assertRefused(bomb, JsonLimits.DEFAULT, "exponent", "/0");
      assertRefused(digits, JsonLimits.DEFAULT, "digits", "");
      assertRefused(huge, JsonLimits.DEFAULT, "bytes", "");
    });
    assertThat(took).isLessThan(Duration.ofSeconds(2));
  }
}
