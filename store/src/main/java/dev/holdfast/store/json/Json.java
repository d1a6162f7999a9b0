package dev.holdfast.store.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.node.NullNode;

/**
 * Helpers for JSON trees. Made for static import: {@code trip.set("phase", json("booking"))}. All are safe for use by multiple
 * threads as long as no thread changes a tree that another one reads.
 */
public final class Json {

  private static final Codec<JsonNode> TREE = JacksonCodec.tree();
  private static final Codec<JsonNode> SORTED = JacksonCodec.tree(
      Jackson.MAPPER.rebuild().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build());
  private static final Codec<Object> ANY = JacksonCodec.of(Object.class);

  private Json() {}

  /**
   * Anything that Jackson can write, as a tree of its own: a new one that shares nothing with the argument and equals what reading
   * it back from the store gives. Null gives a {@code NullNode}.
   *
   * @throws CodecException if the object has no JSON form
   */
  public static JsonNode json(@Nullable Object value) {
    return parse(ANY.encode(value));
  }

  /**
   * The tree of one strict JSON document: no comments, no repeated keys, nothing after its end. JSON null gives a
   * {@code NullNode}. Numbers keep their digits, see {@link JacksonCodec}.
   *
   * @throws CodecException if the text is anything else
   */
  public static JsonNode parse(String json) {
    JsonNode node = TREE.decode(json);
    return node == null ? NullNode.instance : node;
  }

  /**
   * A tree as compact text, keys in the order they have.
   *
   * @throws CodecException if it holds NaN, an infinity or a {@code MissingNode}
   */
  public static String write(JsonNode node) {
    return TREE.encode(node);
  }

  /**
   * A tree as the one text that all equal trees have, to compare or hash byte by byte: keys sorted by UTF-16 code unit, no
   * whitespace, numbers with the digits they were written with, so that 1 and 1.0 differ. A tree with {@code POJONode}s must go
   * through {@link #json} first.
   *
   * @throws CodecException if it holds NaN, an infinity or a {@code MissingNode}
   */
  public static String canonical(JsonNode node) {
    return SORTED.encode(node);
  }

  /**
   * The canonical text of a document, see {@link #canonical(JsonNode)}.
   *
   * @throws CodecException if the text is not one strict JSON document
   */
  public static String canonical(String json) {
    return canonical(parse(json));
  }
}
