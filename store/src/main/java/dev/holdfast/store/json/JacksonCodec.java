package dev.holdfast.store.json;

import dev.holdfast.store.json.internal.PointerSegment;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A codec made with Jackson that is exact or fails: unknown properties, NaN and infinities, text for a number and a fraction for an
 * integer are refused rather than bent, and numbers in trees keep their digits. Safe for use by multiple threads; immutable.
 *
 * <p>In trees, and wherever the type is {@code Object} or {@code Number}, a number with a point or an exponent is read as a
 * {@link BigDecimal} with its trailing zeros, any other as the smallest of {@code int}, {@code long} and {@link BigInteger}. It is
 * written again with the same digits and scale: {@code 1.10} stays, {@code 1e5} becomes {@code 1E+5} and never 100000, {@code 1e0}
 * becomes 1. Only the sign of a negative zero is lost there. Where the type is {@code double}, a number becomes the nearest one that
 * there is, which is an infinity beyond its range.
 *
 * <p>Constants of enums are their {@code name()}, dates and times are ISO 8601 with their zone.
 *
 * @param <V> the type of the values
 */
public final class JacksonCodec<V> implements Codec<V> {

  private static final Set<Class<?>> IMMUTABLE = Set.of(
      String.class,
      Boolean.class,
      Character.class,
      Byte.class,
      Short.class,
      Integer.class,
      Long.class,
      Float.class,
      Double.class,
      BigDecimal.class,
      BigInteger.class,
      UUID.class);

  /** One for each class: who asks for a codec again gets the same, and what caches remember for it stays good. */
  private static final ClassValue<JacksonCodec<?>> OF_CLASS = new ClassValue<>() {
    @Override
    protected JacksonCodec<?> computeValue(Class<?> type) {
      return new JacksonCodec<>(Jackson.MAPPER, Jackson.MAPPER.constructType(type));
    }
  };

  private static final JacksonCodec<JsonNode> TREE = of(JsonNode.class);

  private final JsonMapper mapper;
  private final ObjectReader reader;
  private final ObjectWriter writer;
  private final String typeName;

  private JacksonCodec(JsonMapper mapper, JavaType type) {
    this.mapper = mapper;
    this.reader = mapper.readerFor(type);
    // The declared type tells what the elements are; for a plain class it would drop what a
    // subclass adds.
    this.writer =
        type.isContainerType() || type.hasGenericTypes() ? mapper.writerFor(type) : mapper.writer();
    this.typeName = type.toCanonical();
  }

  /** A codec for a class without type parameters, such as a record, {@code Integer} or {@code JsonNode}. */
  @SuppressWarnings("unchecked") // The codec for a class is of its type.
  public static <V> JacksonCodec<V> of(Class<V> type) {
    return (JacksonCodec<V>) OF_CLASS.get(type);
  }

  /** A codec for a type with parameters, such as {@code new TypeReference<List<Item>>() {}}. */
  public static <V> JacksonCodec<V> of(TypeReference<V> type) {
    return new JacksonCodec<>(Jackson.MAPPER, Jackson.MAPPER.constructType(type));
  }

  /**
   * A codec with the settings and modules of a given mapper instead of the ones above. Its bounds for reading do not apply, and
   * NaN and infinities are refused all the same; whether unknown properties fail, numbers are rounded and text is coerced is as
   * the mapper says.
   */
  public static <V> JacksonCodec<V> of(JsonMapper mapper, Class<V> type) {
    return new JacksonCodec<>(Jackson.withoutNumbersAsText(mapper), mapper.constructType(type));
  }

  /** The codec for trees; JSON null is null here too and never a {@code NullNode}. */
  public static Codec<JsonNode> tree() {
    return TREE;
  }

  static JacksonCodec<JsonNode> tree(JsonMapper mapper) {
    return new JacksonCodec<>(mapper, mapper.constructType(JsonNode.class));
  }

  /**
   * The value as compact JSON.
   *
   * @throws CodecException if Jackson cannot write the value, or it holds NaN, an infinity or a {@code MissingNode}
   */
  @Override
  public String encode(@Nullable V value) {
    if (value == null) {
      return "null";
    }
    String json = write(value);
    if (json.contains("NaN") || json.contains("Infinity")) {
      refuseNonFinite(json);
    }
    if (value instanceof JsonNode node && json.contains("null")) {
      refuseMissing(node, "");
    }
    return json;
  }

  /**
   * The value that one JSON document stands for, null for JSON null.
   *
   * @throws CodecException if the text is malformed, repeats a key, goes on after its end or is not of this type
   */
  @Override
  public @Nullable V decode(String json) {
    try (JsonParser parser = Jackson.parser(mapper, json)) {
      return read(parser);
    }
  }

  /** True for text, boxed primitives, big numbers, UUIDs, enums, the types of {@code java.time} and scalar tree nodes. */
  @Override
  public boolean isImmutable(V value) {
    if (value instanceof JsonNode node) {
      return node.isValueNode() && !node.isPojo() && !node.isBinary();
    }
    Class<?> type = value.getClass();
    return value instanceof Enum
        || IMMUTABLE.contains(type)
        || type.getPackageName().equals("java.time");
  }

  private String write(V value) {
    try {
      return writer.writeValueAsString(value);
    } catch (RuntimeException failure) {
      String path = failure instanceof JacksonException jackson ? Jackson.path(jackson) : "";
      throw new CodecException(
          "a value of type " + typeName + " cannot be written as JSON", path, failure);
    }
  }

  private @Nullable V read(JsonParser parser) {
    try {
      V value = parser.nextToken() == JsonToken.VALUE_NULL ? null : reader.readValue(parser);
      if (parser.nextToken() != null) {
        throw new StreamReadException(parser, "content after the end of the document");
      }
      return value;
    } catch (RuntimeException failure) {
      throw unreadable(parser, failure);
    }
  }

  private CodecException unreadable(JsonParser parser, RuntimeException failure) {
    String path = failure instanceof JacksonException jackson ? Jackson.path(jackson) : "";
    return new CodecException(
        "the JSON text cannot be read as " + typeName + ": " + reason(failure),
        path.isEmpty() ? parser.streamReadContext().pathAsPointer().toString() : path,
        failure);
  }

  private static String reason(RuntimeException failure) {
    if (failure instanceof UnrecognizedPropertyException) {
      return "the type has no such property";
    }
    if (failure instanceof StreamConstraintsException) {
      return "it is nested more deeply, or has a longer number, than is ever read";
    }
    return failure instanceof StreamReadException
        ? "it is malformed, or has a number out of range"
        : "it does not fit the type";
  }

  /** Tells a number from a text that merely contains the word: only the number is not JSON. */
  private void refuseNonFinite(String json) {
    try (JsonParser parser = Jackson.FACTORY.createParser(ObjectReadContext.empty(), json)) {
      skip(parser);
    }
  }

  private void skip(JsonParser parser) {
    try {
      JsonToken token = parser.nextToken();
      while (token != null) {
        token = parser.nextToken();
      }
    } catch (JacksonException failure) {
      throw new CodecException(
          "a value of type " + typeName + " holds a number that is not finite",
          parser.streamReadContext().pathAsPointer().toString(),
          failure);
    }
  }

  private static void refuseMissing(JsonNode node, String path) {
    if (node.isMissingNode()) {
      throw new CodecException("a MissingNode has no JSON form", path, null);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      refuseMissing(node.get(i), path + "/" + i);
    }
    node.forEachEntry(
        (key, child) -> refuseMissing(child, path + "/" + PointerSegment.escape(key)));
  }
}
