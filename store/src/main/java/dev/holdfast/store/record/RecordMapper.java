package dev.holdfast.store.record;

import dev.holdfast.store.Snapshot;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.Json;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/** Turns a record into keys and values and back. Immutable. */
final class RecordMapper<R extends Record> {

  private static final Names NAMES = new Names();

  /**
   * Keys that are no component are left out, because a record may be the view of a part of a state. Nothing else is bent: an update compares
   * every component with what is stored, so that a value which was read as another one would be written back though nobody has touched it.
   */
  private static final JsonMapper MAPPER = JsonMapper.builder()
      .propertyNamingStrategy(NAMES)
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
      .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
      .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
      .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
      .withCoercionConfigDefaults(config -> config
          .setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail)
          .setCoercion(CoercionInputShape.EmptyArray, CoercionAction.Fail))
      .withCoercionConfig(
          LogicalType.Textual,
          config -> config
              .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
              .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
              .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
      .disable(DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
      .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .build();

  private final JacksonCodec<R> codec;
  private final List<String> keys;

  RecordMapper(Class<R> type) {
    this.codec = JacksonCodec.of(MAPPER, type);
    this.keys = Stream.of(type.getRecordComponents())
        .map(component -> NAMES.translate(component.getName()))
        .toList();
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
   * The record as one object with a value for every key.
   *
   * @throws CodecException when a component cannot be JSON
   */
  ObjectNode write(R value) {
    return (ObjectNode) Json.parse(codec.encode(value));
  }

  boolean isSame(Snapshot<JsonNode> snapshot, String key, @Nullable JsonNode wanted) {
    if (wanted == null || !snapshot.has(key)) {
      return wanted == null;
    }
    JsonNode stored = snapshot.getRequired(key);
    return stored == null ? wanted.isNull() : Json.canonical(stored).equals(Json.canonical(wanted));
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
