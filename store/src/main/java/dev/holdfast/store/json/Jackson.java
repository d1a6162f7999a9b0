package dev.holdfast.store.json;

import dev.holdfast.store.json.internal.ExactMapping;
import dev.holdfast.store.json.internal.PointerSegment;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Jackson, set so that what was written is read back equal or not at all. Its defaults lose data in silence: unknown properties are
 * dropped, 1.5 becomes 1 for an {@code int}, the text "" becomes null, time zones are moved to UTC, and names of enum constants
 * follow {@code toString}. Its default bounds are narrower than {@link JsonLimits}, so that a key of 60,000 characters could be
 * written and never be read.
 */
final class Jackson {

  /** Room for the arrays and objects that patches, and lists of appended elements, put around a value. */
  private static final int WRAPPING_DEPTH = 24;

  private static final int MAX_DEPTH = JsonLimits.HIGHEST_DEPTH + WRAPPING_DEPTH;
  private static final int MAX_NUMBER_LENGTH =
      2 * (JsonLimits.HIGHEST_DIGITS + JsonLimits.HIGHEST_EXPONENT);

  static final JsonFactory FACTORY = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      // Many keys of one hash would make a stored document unreadable; without this it is merely
      // slower.
      .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
      .disable(JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxNumberLength(MAX_NUMBER_LENGTH)
          .maxStringLength(JsonLimits.HIGHEST_BYTES)
          .maxNameLength(JsonLimits.HIGHEST_BYTES)
          .build())
      .streamWriteConstraints(
          StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
      .build();

  static final JsonMapper MAPPER = exact(JsonMapper.builder(FACTORY)).build();

  private Jackson() {}

  /** The mapper with numbers that are not finite written as they are, so that they can be found and refused. */
  static JsonMapper withoutNumbersAsText(JsonMapper mapper) {
    return mapper
        .rebuild()
        .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS, JsonWriteFeature.WRITE_NUMBERS_AS_STRINGS)
        .build();
  }

  /** A parser within the bounds above that works for a mapper, whatever the bounds of the mapper's own factory. */
  @SuppressWarnings("ReferenceEquality") // Another factory has other bounds.
  static JsonParser parser(ObjectMapper mapper, String json) {
    if (mapper.tokenStreamFactory() == FACTORY) {
      return mapper.createParser(json);
    }
    // A mapper cannot be given another factory, but any factory takes the context that a mapper
    // makes for its own parsers.
    try (JsonParser own = mapper.createParser("")) {
      return FACTORY.createParser(own.objectReadContext(), json);
    }
  }

  /** The JSON Pointer of the value that a failure is about, empty if not known. */
  static String path(JacksonException failure) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : failure.getPath()) {
      if (step.getPropertyName() != null) {
        path.append('/').append(PointerSegment.escape(step.getPropertyName()));
      } else if (step.getIndex() >= 0) {
        path.append('/').append(step.getIndex());
      }
    }
    return path.toString();
  }

  private static JsonMapper.Builder exact(JsonMapper.Builder builder) {
    return ExactMapping.of(builder)
        .nodeFactory(ExactNodes.INSTANCE)
        .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(MapperFeature.INFER_RECORD_GETTERS_FROM_COMPONENTS_ONLY)
        .disable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING);
  }
}
