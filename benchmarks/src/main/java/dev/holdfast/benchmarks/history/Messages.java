package dev.holdfast.benchmarks.history;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Chat messages of half a kilobyte. Their words are made of random syllables, and a few of them are used far more often than the rest, so
 * that they compress about as well as English does. The same seed gives the same messages. Confined to one thread.
 */
public final class Messages {

  /** Bytes of one message as compact JSON. */
  public static final int BYTES = 512;

  private static final int VOCABULARY = 5_000;
  private static final List<String> CONSONANTS =
      List.of("b", "ch", "d", "f", "g", "l", "m", "n", "p", "r", "s", "st", "t", "th", "v", "w");
  private static final List<String> VOWELS = List.of("a", "e", "i", "o", "u", "ea", "io", "ou");

  private final Random random;
  private final List<String> words;
  private int count;

  /** Messages that are the same for the same seed. */
  public Messages(long seed) {
    this.random = new Random(seed);
    this.words = Stream.generate(this::newWord).limit(VOCABULARY).toList();
  }

  private String newWord() {
    StringBuilder word = new StringBuilder();
    int syllables = 1 + random.nextInt(3);
    IntStream.range(0, syllables)
        .forEach(i -> word.append(anyOf(CONSONANTS)).append(anyOf(VOWELS)));
    return word.append(anyOf(CONSONANTS)).toString();
  }

  private String anyOf(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** The next message. */
  public JsonNode next() {
    count++;
    ObjectNode message = JsonNodeFactory.instance.objectNode();
    message.put("id", String.format("msg_%016x", random.nextLong()));
    message.put("role", count % 2 == 0 ? "assistant" : "user");
    message.put("content", "");
    int room = BYTES - message.toString().getBytes(StandardCharsets.UTF_8).length;
    return message.put("content", text(room));
  }

  private String text(int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append(word()).append(random.nextInt(12) == 0 ? ". " : " ");
    }
    return text.substring(0, length);
  }

  /** The exponent makes the frequency of words fall about as in a natural language. */
  private String word() {
    return words.get((int) (VOCABULARY * Math.pow(random.nextDouble(), 3)));
  }
}
