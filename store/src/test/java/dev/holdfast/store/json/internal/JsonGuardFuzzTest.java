package dev.holdfast.store.json.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.json.TestingJson;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Random texts: whatever the guard accepts is stored as it is and read back, whatever it refuses it refuses as promised. */
class JsonGuardFuzzTest {

  private static final JsonLimits LIMITS = new JsonLimits(2_000, 8, 30, 400);
  private static final String[] PIECES = {
    "\"", "\\", "\\u0000", "\\ud83d", "\\ude00", "\uD83D", "\uDE00", "\u0000", "{", "}", "[", "]",
        ",", ":", "e", "E9999999999",
    "-", "+", ".", "0", "9", "1e400", "NaN", "null", " ", "\n", "/", "\"a\":1,", "[[[[[[[[", "é",
        "\uFEFF", "99999999999999999999"
  };

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void acceptsOnlyWhatIsReadBackAndThrowsNothingButItsOwn(long seed) {
    Random random = new Random(seed);
    TestingJson documents = new TestingJson(seed);
    int accepted = 0;
    for (int i = 0; i < 2_000; i++) {
      String json = mutated(Json.write(documents.document(4)), random);
      if (isAccepted(json)) {
        accepted++;
        checkReadBack(json, "seed %d, text %d".formatted(seed, i));
      }
    }
    assertThat(accepted).as("seed %d", seed).isBetween(200, 1_800);
  }

  private static boolean isAccepted(String json) {
    try {
      JsonGuard.check(json, LIMITS, "the value");
      return true;
    } catch (CodecException refused) {
      assertThat(refused.path()).matches("(?s)(/.*)?");
      return false;
    }
  }

  private static void checkReadBack(String json, String text) {
    byte[] stored = json.getBytes(StandardCharsets.UTF_8);
    assertThat(stored).as(text).hasSizeLessThanOrEqualTo(LIMITS.maxBytes());
    assertThat(new String(stored, StandardCharsets.UTF_8)).as(text).isEqualTo(json);
    JsonNode tree = Json.parse(json);
    JsonGuard.check(Json.write(tree), LIMITS, text);
    assertThat(Json.parse(Json.write(tree))).as(text).isEqualTo(tree);
  }

  private static String mutated(String json, Random random) {
    StringBuilder text = new StringBuilder(json);
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(3));
      text.replace(at, end, random.nextInt(3) == 0 ? "" : PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }
}
