package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.Seed;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KeyOrderTest {

  /** Of one byte of UTF-8 to four, and the last ones of three bytes, which Java orders behind those of four. */
  private static final List<String> LETTERS = List.of(
      "a",
      "b",
      "\u007f",
      "\u0080",
      "\u07ff",
      "\u0800",
      "\ud7ff",
      "\ue000",
      "\uffff",
      "\ud800\udc00",
      "\ud83d\ude00",
      "\ud83d\ude01",
      "\udbff\udfff");

  private final Random random = new Random(Seed.next("key-order"));

  @Test
  void isThatOfTheBytes() {
    int different = 0;
    for (int i = 0; i < 100_000; i++) {
      String a = text();
      String b = text();
      int expected = Integer.signum(Arrays.compareUnsigned(
          a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)));
      assertThat(Integer.signum(KeyOrder.BYTEWISE.compare(a, b)))
          .as("%s and %s", a, b)
          .isEqualTo(expected);
      different += Integer.signum(a.compareTo(b)) == expected ? 0 : 1;
    }
    assertThat(different).as("pairs that Java orders otherwise").isGreaterThan(1_000);
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(LETTERS.get(random.nextInt(LETTERS.size())));
    }
    return text.toString();
  }
}
