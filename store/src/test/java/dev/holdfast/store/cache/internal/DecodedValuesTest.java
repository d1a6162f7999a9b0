package dev.holdfast.store.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.testkit.Seed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DecodedValuesTest {

  private static final Codec<Integer> CODEC = JacksonCodec.of(Integer.class);
  private static final int MOST_KEYS = 4_096;

  private static PersistentMap<Value> map(List<String> keys) {
    PersistentMap<Value> map = PersistentMap.empty();
    for (String key : keys) {
      map = map.with(key, new Value(new StoredEntry(key, 1, "1", Form.VALUE, null, 0)));
    }
    return map;
  }

  @SuppressWarnings("unchecked") // Made for this very codec.
  private static DecodedValues<Integer> of(List<String> keys) {
    DecodedValues<?> made = DecodedValues.of(map(keys), CODEC);
    assertThat(made.isOf(CODEC)).isTrue();
    return (DecodedValues<Integer>) made;
  }

  private static List<String> keys(int count) {
    return IntStream.range(0, count).mapToObj(number -> "key-" + number).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 40, 1_000, MOST_KEYS})
  void isAHashMapOfTheKeysThatAreThere(int count) {
    Random random = new Random(Seed.next("decoded values of " + count));
    DecodedValues<Integer> values = of(keys(count));
    Map<String, Optional<Integer>> model = new HashMap<>();
    for (int i = 0; i < 5 * count + 10; i++) {
      int number = random.nextInt(2 * count + 1);
      Optional<Integer> value = number % 7 == 0 ? Optional.empty() : Optional.of(i);
      values.put("key-" + number, value);
      if (number < count) {
        model.put("key-" + number, value);
      }
    }
    for (int number = 0; number <= 2 * count; number++) {
      assertThat((Object) values.get("key-" + number)).isEqualTo(model.get("key-" + number));
    }
  }

  @Test
  void knowsNoValueBeforeItIsPutIn() {
    DecodedValues<Integer> values = of(List.of("a", "b"));
    assertThat((Object) values.get("a")).isNull();
    values.put("a", Optional.of(1));
    assertThat((Object) values.get(String.valueOf(new char[] {'a'}))).isEqualTo(Optional.of(1));
    assertThat((Object) values.get("b")).isNull();
    assertThat((Object) values.get("c")).isNull();
  }

  @Test
  void isNotMadeOfTooManyKeys() {
    assertThat(DecodedValues.of(map(keys(MOST_KEYS + 1)), CODEC).isOf(CODEC)).isFalse();
  }

  /** "Aa" and "BB" have the same hash, and so have all texts that are made of them. */
  @Test
  void isNotMadeOfKeysThatCollide() {
    List<String> colliding = IntStream.range(0, 64)
        .mapToObj(number -> IntStream.range(0, 6)
            .mapToObj(bit -> (number >> bit & 1) == 0 ? "Aa" : "BB")
            .collect(Collectors.joining()))
        .toList();
    assertThat(colliding.stream().map(String::hashCode).distinct()).hasSize(1);
    assertThat(DecodedValues.of(map(colliding), CODEC).isOf(CODEC)).isFalse();
    DecodedValues<Integer> few = of(colliding.subList(0, 20));
    few.put(colliding.get(19), Optional.of(19));
    assertThat((Object) few.get(colliding.get(19))).isEqualTo(Optional.of(19));
    assertThat((Object) few.get(colliding.get(18))).isNull();
    assertThat((Object) few.get(colliding.get(63))).isNull();
  }
}
