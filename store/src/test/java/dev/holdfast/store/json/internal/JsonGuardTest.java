package dev.holdfast.store.json.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.JsonLimits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonGuardTest {

  private static final String WHAT = "the value of key \"phase\"";
  private static final char HIGH = '\uD83D';
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
        "null",
        "true",
        " 1 ",
        "-0",
        "-0.0",
        "0E+400",
        "1.5e-3",
        "\"\"",
        "[]",
        "{}",
        "{\"\":[{}]}",
        "\"\uD83D\uDE00\"",
        "\"\\ud83d\\ude00\"",
        "{\"\\ud83d\\ude00\":1}",
        "\"\\u0001\\n\"",
        "{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
        "\t[1 ,\n2 ]\r\n",
        "\"\\\\u0000\"",
        "1.7976931348623157E308",
        "4.9E-324",
        "{\"\uD83D\uDE00\":1}",
        "\"\uFFFF\""
      })
  void acceptsWhatCanBeReadBack(String json) {
    check(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "nul",
        "truE",
        "{",
        "}",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "\"",
        "\"a",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\n\"",
        "\"\t\"",
        "01",
        "-",
        "-a",
        "1.",
        ".5",
        "1.e5",
        "1e",
        "1e+",
        "+1",
        "0x1",
        "1_0",
        "NaN",
        "-Infinity",
        "Infinity",
        "-NaN",
        "1a",
        "\u0000",
        "\uFEFF1",
        "\u00a01",
        "//\n1",
        "/**/1",
        "#\n1",
        "\uD83D",
        "[1}",
        "{\"a\":1]",
        "{\"a\" 1}",
        "\u000b1"
      })
  void refusesWhatIsNotJson(String json) {
    assertThatThrownBy(() -> check(json))
        .isInstanceOf(CodecException.class)
        .hasMessageStartingWith(WHAT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 2", "[] []", "{},", "null null", "\"a\" \"b\"", "[1]]", "1 x", "{}}"})
  void refusesWhatFollowsTheDocument(String json) {
    assertThatThrownBy(() -> check(json)).isInstanceOf(CodecException.class);
  }

  @Test
  void saysWhereTextIsMalformed() {
    assertRefused("{\"a\":[1,NaN]}", JsonLimits.DEFAULT, "not well-formed", "/a/1");
    assertRefused("[] []", JsonLimits.DEFAULT, "goes on after the end", "");
    assertRefused(" ", JsonLimits.DEFAULT, "is empty", "");
  }

  @Test
  void refusesKeysGivenTwice() {
    assertRefused("{\"a\":1,\"a\":1}", JsonLimits.DEFAULT, "repeats a key", "/a");
    assertRefused("{\"a\":1,\"\\u0061\":1}", JsonLimits.DEFAULT, "repeats a key", "/a");
    assertRefused(
        "[{\"x\":{\"a\":1,\"b\":2,\"c\":3,\"b\":4}}]",
        JsonLimits.DEFAULT,
        "repeats a key",
        "/0/x/b");
  }

  static List<Arguments> unstorableText() {
    return List.of(
        arguments("\"\\u0000\"", "U+0000", ""),
        arguments("{\"a/b\":[\"x\",\"a\\u0000b\"]}", "U+0000", "/a~1b/1"),
        arguments("{\"x\":{\"a\\u0000\":1}}", "key that holds U+0000", "/x"),
        arguments("\"\\ud83d\"", "surrogate", ""),
        arguments("\"\\ude00\\ud83d\"", "surrogate", ""),
        arguments("\"a\uD83D\"", "surrogate", ""),
        arguments("[\"\uDE00\"]", "surrogate", "/0"),
        arguments("[\"a\",\"" + HIGH + "\\ude00\"]", "surrogate", "/1"),
        arguments("[\"a\",\"\\ud83d\uDE00\", \"b\"]", "surrogate", "/1"),
        arguments("{\"x\":{\"\uD83D\":1}}", "key that holds half", "/x"),
        arguments("{\"x\":{\"\\ud83d\":1}}", "key that holds half", "/x"),
        arguments("{\"x\":{\"" + HIGH + "\\ude00\":\"y\"}}", "key that holds half", "/x"),
        arguments("[\"\uD83D\uDE00\",1,\"\uD83D\"]", "surrogate", "/2"));
  }

  @ParameterizedTest
  @MethodSource("unstorableText")
  void refusesTextThatIsNotStoredAsItIs(String json, String problem, String path) {
    assertRefused(json, JsonLimits.DEFAULT, problem, path);
  }

  @Test
  void refusesTextInLongDocumentsToo() {
    String filler = "\"" + "x".repeat(100_000) + "\",";
    assertRefused("[" + filler + "\"\uD83D\"]", JsonLimits.DEFAULT, "surrogate", "/1");
    assertRefused(
        "[" + filler + "\"" + HIGH + "\\ude00\"," + filler + "1]",
        JsonLimits.DEFAULT,
        "surrogate",
        "/1");
    assertRefused("[" + filler + "\"\\u0000\"]", JsonLimits.DEFAULT, "U+0000", "/1");
  }

  @Test
  void refusesMoreBytesThanAllowed() {
    JsonGuard.check("\"" + "a".repeat(61) + "\"", SMALL, WHAT);
    JsonGuard.check("\"" + "a".repeat(62) + "\"", SMALL, WHAT);
    assertRefused("\"" + "a".repeat(63) + "\"", SMALL, "more than 64 bytes", "");
    JsonGuard.check("\"" + "é".repeat(31) + "\"", SMALL, WHAT);
    assertRefused("\"" + "é".repeat(31) + "a\"", SMALL, "more than 64 bytes", "");
    JsonGuard.check("\"" + "€".repeat(20) + "ab\"", SMALL, WHAT);
    assertRefused("\"" + "€".repeat(20) + "abc\"", SMALL, "more than 64 bytes", "");
    JsonGuard.check("\"" + "\uD83D\uDE00".repeat(15) + "ab\"", SMALL, WHAT);
    assertRefused("\"" + "\uD83D\uDE00".repeat(15) + "abc\"", SMALL, "more than 64 bytes", "");
  }

  @Test
  void refusesNestingDeeperThanAllowed() {
    JsonGuard.check("[[1]]", SMALL, WHAT);
    JsonGuard.check("[[[1],[2]]]", SMALL, WHAT);
    assertRefused("[0,[[[1]]]]", SMALL, "more than 3 levels", "/1/0/0");
    JsonGuard.check("{\"a\":[{\"b\":1}]}", SMALL, WHAT);
    assertRefused("{\"a\":[{\"b\":{}}]}", SMALL, "more than 3 levels", "/a/0/b");
    assertRefused(
        "[".repeat(500_000), JsonLimits.DEFAULT, "more than 200 levels", "/0".repeat(200));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[s3cret]",
        "{\"a\":s3cret}",
        "\"s3cret\\u0000\"",
        "\"s3cret",
        "[\"s3cret\"] 1",
        "{\"a\":\"s3cret\",\"a\":1}",
        "[[[[\"s3cret\"]]]]",
        "\"s3cret\uD83D\"",
        "\"s3cret\n\"",
        "truthy s3cret"
      })
  void neverQuotesTheValue(String json) {
    assertThatThrownBy(() -> JsonGuard.check(json, SMALL, WHAT))
        .isInstanceOf(CodecException.class)
        .hasNoCause()
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void showsLongAndHostilePathsShortened() {
    assertThatThrownBy(() -> check("{\"\\n" + "k".repeat(1_000) + "\":NaN}"))
        .hasMessageContaining("\\u000akkk")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400).doesNotContain("\n"));
  }
}
