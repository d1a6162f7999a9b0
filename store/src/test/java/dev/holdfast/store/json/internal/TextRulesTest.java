package dev.holdfast.store.json.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextRulesTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "12345678", "éééé", "€€ab", "\uD83D\uDE00\uD83D\uDE00", "\n", " "})
  void returnsTextThatKeepsTheRules(String text) {
    assertThat(TextRules.requireText("the key", text, 8)).isSameAs(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"123456789", "ééééa", "€€abc", "\uD83D\uDE00\uD83D\uDE00a"})
  void refusesOneByteTooMany(String text) {
    assertThatThrownBy(() -> TextRules.requireText("the key", text, 8))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageStartingWith("the key must not take more than 8 bytes");
  }

  @Test
  void refusesEmptyText() {
    assertThatThrownBy(() -> TextRules.requireText("the key", "", 8))
        .hasMessage("the key must not be empty: \"\"");
  }

  @Test
  void namesWhatIsNull() {
    assertThatThrownBy(() -> TextRules.requireText("the key", null, 8))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage("the key must not be null");
  }

  @Test
  void refusesNul() {
    assertThatThrownBy(() -> TextRules.requireText("the key", "a\0b", 8))
        .hasMessage("the key must not hold U+0000: \"a\\u0000b\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uD83D", "a\uDE00", "\uDE00\uD83D", "\uD83D\uD83D\uDE00"})
  void refusesHalvesOfSurrogatePairs(String text) {
    assertThatThrownBy(() -> TextRules.requireText("the key", text, 80))
        .hasMessageStartingWith("the key must not hold half of a surrogate pair")
        .satisfies(e -> assertThat(isPlain(String.valueOf(e.getMessage()))).isTrue());
  }

  @ParameterizedTest
  @CsvSource({"abc,abc", "abcd,abcd", "abcde,abcd…"})
  void showsOnlyTheStartOfLongText(String text, String shown) {
    assertThat(TextRules.shown(text, 4)).isEqualTo(shown);
  }

  @Test
  void escapesWhatDoesNotPrint() {
    assertThat(TextRules.shown("a\n\u001b\u202e\u2028\uD83Dé\uD83D\uDE00", 40))
        .isEqualTo("a\\u000a\\u001b\\u202e\\u2028\\ud83dé\uD83D\uDE00");
  }

  @Test
  void showsAtMostFortyCharactersOfWhatItRefuses() {
    assertThatThrownBy(() -> TextRules.requireText("the key", "k".repeat(1_000), 512))
        .hasMessageEndingWith(": \"" + "k".repeat(40) + "…\"");
  }

  private static boolean isPlain(String message) {
    return new String(message.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
        .equals(message);
  }
}
