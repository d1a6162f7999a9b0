package dev.holdfast.benchmarks.memory;

import dev.holdfast.benchmarks.history.Messages;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.internal.ArrayText;
import dev.holdfast.store.json.internal.JsonGuard;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What is done with JSON on the way into the database and back. Confined to one thread. */
@State(Scope.Thread)
public class JsonBenchmarks {

  private static final int MEMBERS = 100;

  private final Codec<JsonNode> codec = JacksonCodec.tree();
  private final JsonNode message = new Messages(1).next();
  private final String messageText = codec.encode(message);
  private final List<String> appends = Stream.generate(new Messages(2)::next)
      .limit(128)
      .map(node -> "[" + node + "]")
      .toList();
  private final List<String> fewAppends = appends.subList(0, 16);
  private final ObjectNode before = object();
  private final ObjectNode after = before.deepCopy().put("member-50", "another text");
  private final JsonPatch patch = JsonPatch.between(before, after);

  private static ObjectNode object() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < MEMBERS; i++) {
      object.put("member-" + i, i % 2 == 0 ? "text " + i : String.valueOf(i));
    }
    return object;
  }

  /** The tree of a message as text. */
  @Benchmark
  public String encodeMessage() {
    return codec.encode(message);
  }

  /** The text of a message as a tree. */
  @Benchmark
  public Optional<JsonNode> decodeMessage() {
    return Optional.ofNullable(codec.decode(messageText));
  }

  /** The tree of a message in the form in which equal values have equal texts. */
  @Benchmark
  public String canonicalMessage() {
    return Json.canonical(message);
  }

  /** The look at a message that decides whether it may be stored. */
  @Benchmark
  public String guardMessage() {
    JsonGuard.check(messageText, JsonLimits.DEFAULT, "a message");
    return messageText;
  }

  /** A list of 16 messages from its appends. */
  @Benchmark
  public String fold16Appends() {
    return ArrayText.concat(fewAppends);
  }

  /** A list of 128 messages from its appends. */
  @Benchmark
  public String fold128Appends() {
    return ArrayText.concat(appends);
  }

  /** The difference between two objects of 100 members, one of which is another. */
  @Benchmark
  public JsonPatch diffObjects() {
    return JsonPatch.between(before, after);
  }

  /** One replacement in an object of 100 members. */
  @Benchmark
  public JsonNode applyPatch() {
    return patch.apply(before);
  }
}
