package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.Seed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;

/** What is written is read back equal, by somebody else's parser, and equal trees give equal bytes. */
class DocumentWriterTest {

  private static final int TREES = 3_000;

  @TempDir
  private Path folder = Path.of("");

  private static SerializationContract contract(SplittableRandom random) {
    return Contract.of(
        SerializationContract.class,
        Map.of(
            "serialization_format",
            random.nextBoolean() ? "yaml" : "json",
            "enable_unicode",
            random.nextBoolean(),
            "indent_size",
            1 + random.nextInt(8),
            "line_width",
            80 + random.nextInt(121)));
  }

  @Test
  void randomTreesAreReadBackEqual() {
    SplittableRandom random = new SplittableRandom(Seed.next("documents"));
    int yaml = 0;
    for (int i = 0; i < TREES; i++) {
      JsonNode tree = Json.json(value(random, 4));
      SerializationContract contract = contract(random);
      String text = new String(new DocumentWriter(contract).write(tree), StandardCharsets.UTF_8);
      Object read = new Load(LoadSettings.builder().build()).loadFromString(text);
      assertThat(Json.json(read)).as(text).isEqualTo(tree);
      if (contract.serializationFormat() == SerializationContract.Format.JSON) {
        assertThat(Json.parse(text)).isEqualTo(tree);
      } else {
        yaml++;
      }
    }
    assertThat(yaml).isGreaterThan(TREES / 4);
  }

  /** Like a message of an agent: each word once took a piece of the stack. */
  @Test
  void longTextsAreReadBackEqual() {
    String text = "word ".repeat(50_000) + "word";
    JsonNode tree = Json.json(Map.of("message", text, text, 1));
    LoadSettings settings =
        LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
    String yaml = new String(
        new DocumentWriter(Contract.defaults(SerializationContract.class)).write(tree),
        StandardCharsets.UTF_8);
    assertThat(Json.json(new Load(settings).loadFromString(yaml))).isEqualTo(tree);
  }

  /** What stands before a colon may be 1,024 characters long, quotes and escapes counted, or no reader takes it for a key. */
  @Test
  void longKeysAreReadBackEqual() {
    SplittableRandom random = new SplittableRandom(Seed.next("long keys"));
    for (int i = 0; i < 300; i++) {
      Map<String, Object> map = map(random, 2);
      map.put(longKey(random), value(random, 3));
      map.put(longKey(random), map(random, 2));
      JsonNode tree = Json.json(random.nextBoolean() ? map : List.of(Map.of("within", map), 1));
      SerializationContract contract = contract(random);
      String text = new String(new DocumentWriter(contract).write(tree), StandardCharsets.UTF_8);
      if (contract.serializationFormat() == SerializationContract.Format.JSON) {
        assertThat(Json.parse(text)).isEqualTo(tree);
      } else {
        Object read = new Load(LoadSettings.builder().build()).loadFromString(text);
        assertThat(Json.json(read)).as(text).isEqualTo(tree);
      }
    }
  }

  private static String longKey(SplittableRandom random) {
    String piece = List.of("k", "é", "😀", "\n", "a b").get(random.nextInt(5));
    int length = random.nextBoolean() ? 1_015 + random.nextInt(20) : random.nextInt(4_000);
    return piece.repeat(Math.max(1, length / piece.length()));
  }

  @Test
  void theOrderOfKeysDoesNotChangeABit() {
    SplittableRandom random = new SplittableRandom(Seed.next("order"));
    int different = 0;
    for (int i = 0; i < 300; i++) {
      Map<String, Object> map = map(random, 3);
      JsonNode tree = Json.json(map);
      JsonNode shuffled = Json.json(shuffled(map, new Random(random.nextLong())));
      SerializationContract contract = contract(random);
      assertThat(new DocumentWriter(contract).write(shuffled))
          .isEqualTo(new DocumentWriter(contract).write(tree));
      different += Json.write(tree).equals(Json.write(shuffled)) ? 0 : 1;
    }
    assertThat(different).as("control: the order did differ").isGreaterThan(100);
  }

  private static Map<String, Object> shuffled(Map<String, Object> map, Random random) {
    List<String> keys = new ArrayList<>(map.keySet());
    Collections.shuffle(keys, random);
    Map<String, Object> result = new LinkedHashMap<>();
    keys.forEach(key -> result.put(key, map.get(key)));
    return result;
  }

  private static Map<String, Object> map(SplittableRandom random, int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      map.put(text(random), value(random, depth - 1));
    }
    return map;
  }

  @SuppressWarnings("NullAway") // Null is a value.
  private static Object value(SplittableRandom random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextInt(-1_000_000, 1_000_000);
      case 3 -> random.nextInt() + 0.5; // a double that any parser reads exactly
      case 6 -> list(random, depth);
      case 7 -> map(random, depth);
      default -> text(random);
    };
  }

  private static List<Object> list(SplittableRandom random, int depth) {
    List<Object> list = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      list.add(value(random, depth - 1));
    }
    return list;
  }

  private static String text(SplittableRandom random) {
    String[] pieces = {
      "a",
      "word",
      " ",
      "  ",
      "true",
      "null",
      "12",
      "-",
      ": ",
      "#",
      "é",
      "\n",
      "\t",
      "\"",
      "'",
      "\\",
      "~",
      "yes",
      "*",
      "&",
      "!",
      "😀",
      "\u2028",
      "\u0085",
      "\ufeff",
      "lorem ipsum dolor ",
      "{",
      "]",
      ",",
      ".5",
      "0x1",
      "=",
      "\r"
    };
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(10) == 0 ? 60 : random.nextInt(5);
    for (int i = 0; i < length; i++) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  @Test
  void contractsAreReadBackEqualFromTheirOwnText() {
    for (String format : List.of("yaml", "json")) {
      Contracts contracts = Contracts.of(Map.of(
          "serialization", Map.of("serialization_format", format),
          "retry", Map.of("max_retries", 9, "base_delay_seconds", 0.25),
          "caching", TestingContracts.fields("compute_cache.ttl_seconds", null),
          "security", Map.of("redaction_placeholder", "- \"x\": #")));
      Path file = TestingContracts.write(folder, format, contracts.toText());
      assertThat(Contracts.load(file)).isEqualTo(contracts).isNotEqualTo(Contracts.defaults());
    }
  }
}
