package dev.holdfast.store.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.TestingCpu;
import dev.holdfast.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PersistentMapTest {

  private static final int STEPS = 20_000;

  /** Few keys make many replacements and removals, many make deep nodes. */
  @ParameterizedTest
  @ValueSource(ints = {3, 40, 2_000})
  void isAHashMap(int keys) {
    Random random = new Random(Seed.next("persistent map of " + keys));
    Map<String, Integer> model = new HashMap<>();
    PersistentMap<Integer> map = PersistentMap.empty();
    for (int i = 0; i < STEPS; i++) {
      String key = key(random.nextInt(keys));
      if (random.nextInt(3) == 0) {
        model.remove(key);
        map = map.without(key);
      } else {
        model.put(key, i);
        map = map.with(key, i);
      }
      assertThat(map.size()).isEqualTo(model.size());
      assertThat(map.get(key)).isEqualTo(model.get(key));
    }
    assertThat(contents(map)).isEqualTo(model);
    for (int i = 0; i < keys; i++) {
      assertThat(map.get(key(i))).isEqualTo(model.get(key(i)));
    }
  }

  /** A third of the keys have the hash of another one. */
  private static String key(int number) {
    return switch (number % 3) {
      case 0 -> "Aa" + number / 3;
      case 1 -> "BB" + number / 3;
      default -> "key-" + number;
    };
  }

  @Test
  void aMapThatOthersWereMadeFromIsAsItWas() {
    Random random = new Random(Seed.next("versions of a persistent map"));
    List<PersistentMap<Integer>> maps = new ArrayList<>();
    List<Map<String, Integer>> models = new ArrayList<>();
    maps.add(PersistentMap.empty());
    models.add(new HashMap<>());
    for (int i = 0; i < 1_000; i++) {
      int from = random.nextInt(maps.size());
      Map<String, Integer> model = new HashMap<>(models.get(from));
      String key = key(random.nextInt(60));
      if (random.nextBoolean()) {
        model.put(key, i);
        maps.add(maps.get(from).with(key, i));
      } else {
        model.remove(key);
        maps.add(maps.get(from).without(key));
      }
      models.add(model);
    }
    for (int i = 0; i < maps.size(); i++) {
      assertThat(contents(maps.get(i))).isEqualTo(models.get(i));
    }
  }

  /** Made to have one hash: a list of them would take a billion comparisons to fill. */
  @Test
  void keysThatCollideCostNoMoreThanOthers() {
    int count = 1 << 15;
    PersistentMap<Integer> filled = PersistentMap.empty();
    for (int i = 0; i < count; i++) {
      filled = filled.with(colliding(i), i);
    }
    PersistentMap<Integer> map = filled;
    assertThat(colliding(0).hashCode()).isEqualTo(colliding(count - 1).hashCode());
    Duration took = TestingCpu.timeOf(() -> {
      for (int i = 0; i < count; i++) {
        assertThat(map.get(colliding(i))).isEqualTo(i);
      }
    });
    assertThat(map.size()).isEqualTo(count);
    assertThat(took).isLessThan(Duration.ofSeconds(5));
  }

  private static String colliding(int number) {
    StringBuilder key = new StringBuilder();
    for (int bit = 0; bit < 15; bit++) {
      key.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return key.toString();
  }

  @Test
  void removingWhatIsNotThereChangesNothing() {
    PersistentMap<Integer> map = PersistentMap.<Integer>empty().with("a", 1);
    assertThat(map.without("b")).isSameAs(map);
    assertThat(map.without("a").size()).isZero();
    assertThat(map.without("a").get("a")).isNull();
  }

  private static Map<String, Integer> contents(PersistentMap<Integer> map) {
    Map<String, Integer> contents = new HashMap<>();
    map.forEach((key, value) -> assertThat(contents.put(key, value)).isNull());
    return contents;
  }
}
