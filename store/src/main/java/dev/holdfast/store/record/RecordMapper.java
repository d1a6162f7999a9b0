package dev.holdfast.store.record;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.internal.ExactMapping;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import tools.jackson.databind.node.ObjectNode;

/** Turns a record into keys and values and back. Immutable. */
final class RecordMapper<R extends Record> {

  private static final Names NAMES = new Names();

  /**
   * Keys that are no component are left out, because a record may be the view of a part of a state. Nothing else is bent: who sets a record
   * compares every component with what is stored, so that a value which was read as another one would be written back though nobody has
   * touched it; and a getter beside the components has no say.
   */
  private static final JsonMapper MAPPER = ExactMapping.of(JsonMapper.builder())
      .propertyNamingStrategy(NAMES)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .enable(MapperFeature.INFER_RECORD_GETTERS_FROM_COMPONENTS_ONLY)
      .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
      .build();

  private final Class<R> type;
  private final JacksonCodec<R> codec;
  private final List<String> keys;

  RecordMapper(Class<R> type) {
    this.type = type;
    this.codec = JacksonCodec.of(MAPPER, type);
    this.keys = Stream.of(type.getRecordComponents())
        .map(component -> NAMES.translate(component.getName()))
        .toList();
    requireWritten(type, keys);
  }

  /** A state has something to view; and what an annotation renames or ignores would be written under no key, and lost without a word. */
  private static void requireWritten(Class<?> type, List<String> keys) {
    if (keys.isEmpty()) {
      throw refused(type, "it has no components", null);
    }
    Properties properties = new Properties();
    try {
      MAPPER.acceptJsonFormatVisitor(type, properties);
    } catch (JacksonException e) {
      throw refused(type, "it has no form as JSON", e);
    }
    List<String> lost =
        keys.stream().filter(key -> !properties.names.contains(key)).toList();
    if (!lost.isEmpty()) {
      throw refused(
          type,
          "as JSON it has no " + String.join(", no ", lost)
              + "; do not rename or ignore components by annotations",
          null);
    }
  }

  private static HoldfastException refused(
      Class<?> type, String problem, @Nullable Throwable cause) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT,
        "Record " + type.getName() + " cannot be the view of a state: " + problem,
        Map.of(),
        cause);
  }

  Class<R> type() {
    return type;
  }

  List<String> keys() {
    return keys;
  }

  R read(ObjectNode state) {
    R value = codec.decode(Json.write(state.retain(keys)));
    if (value == null) {
      throw new IllegalStateException("An object was read as null");
    }
    return value;
  }

  /**
   * The record as one object with a value for every key that it does not leave out because of its value.
   *
   * @throws CodecException when a component cannot be JSON
   */
  ObjectNode write(R value) {
    return (ObjectNode) Json.parse(codec.encode(value));
  }

  boolean isSame(Snapshot<JsonNode> snapshot, String key, @Nullable JsonNode wanted) {
    if (wanted == null || !snapshot.has(key)) {
      return wanted == null && !snapshot.has(key);
    }
    JsonNode stored = snapshot.getRequired(key);
    return stored == null ? wanted.isNull() : Json.canonical(stored).equals(Json.canonical(wanted));
  }

  /** Collects the names under which a type is written. Confined to one thread. */
  private static final class Properties extends JsonFormatVisitorWrapper.Base {

    private final Set<String> names = new HashSet<>();

    @Override
    public JsonObjectFormatVisitor expectObjectFormat(JavaType type) {
      return new JsonObjectFormatVisitor.Base(getContext()) {
        @Override
        public void property(BeanProperty property) {
          names.add(property.getName());
        }

        @Override
        public void optionalProperty(BeanProperty property) {
          names.add(property.getName());
        }
      };
    }
  }

  /** Jackson's own rule, made callable. */
  private static final class Names extends PropertyNamingStrategies.SnakeCaseStrategy {

    private static final long serialVersionUID = 1L;

    @Override
    public String translate(String component) {
      return super.translate(component);
    }
  }
}
