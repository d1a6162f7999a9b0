package dev.holdfast.store.json.internal;

import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.JsonLimits;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Refuses JSON text that could be stored and never be read back as it was.
 *
 * <p>One pass over the tokens that makes no values. Strings are looked into only if the text has an escape that could hide
 * something, or half of a surrogate pair as it stands; Jackson refuses raw control characters by itself. The position is worked out
 * on failure only. A guard is used once and confined to one thread; {@link #check} is safe for use by multiple threads.
 */
public final class JsonGuard {

  /** Unbounded, because what is unbounded here is bounded by {@link JsonLimits}, and this is where it is refused. */
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .disable(TokenStreamFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(Integer.MAX_VALUE)
          .maxNumberLength(Integer.MAX_VALUE)
          .maxStringLength(Integer.MAX_VALUE)
          .maxNameLength(Integer.MAX_VALUE)
          .build())
      .build();

  /** Room in the text of a number for its sign, its point and the zeros that people put into exponents. */
  private static final int NUMBER_PUNCTUATION = 16;

  private final JsonParser parser;
  private final JsonLimits limits;
  private final Supplier<String> what;
  private final int loneSurrogate;
  private final boolean looksIntoText;

  private JsonGuard(JsonParser parser, String json, JsonLimits limits, Supplier<String> what) {
    this.parser = parser;
    this.limits = limits;
    this.what = what;
    this.loneSurrogate = Utf8.loneSurrogate(json);
    this.looksIntoText = loneSurrogate >= 0 || json.contains("\\u");
  }

  /**
   * Returns if the text may be stored.
   *
   * @param what what the text is, to name it in the message, such as {@code the value of key "phase"}
   * @throws CodecException if the text takes more bytes than allowed, which is looked at first; is not one well-formed document;
   *     repeats a key in an object; is nested too deeply; has a number that is not finite or too long; or has U+0000 or half of a
   *     surrogate pair in a string or key, escaped or not. No message holds anything of the text but the path to the value.
   */
  public static void check(String json, JsonLimits limits, String what) {
    check(json, limits, () -> what);
  }

  /** The same with a name that is asked for on failure only. */
  public static void check(String json, JsonLimits limits, Supplier<String> what) {
    // A character takes a byte at least, so that a text much too long is refused unseen.
    if (json.length() > limits.maxBytes() || Utf8.size(json) > limits.maxBytes()) {
      throw new CodecException(
          what.get() + " takes more than " + limits.maxBytes() + " bytes in UTF-8", "", null);
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      new JsonGuard(parser, json, limits, what).walk();
    }
  }

  private void walk() {
    inspect(next());
    while (!parser.streamReadContext().inRoot()) {
      inspect(next());
    }
    if (next() != null) {
      throw refused("goes on after the end of its JSON document");
    }
  }

  private @Nullable JsonToken next() {
    try {
      return parser.nextToken();
    } catch (JacksonException failure) {
      throw malformed(failure);
    }
  }

  private void inspect(@Nullable JsonToken token) {
    if (token == null) {
      throw refused("is empty");
    }
    switch (token) {
      case START_OBJECT, START_ARRAY -> inspectDepth();
      case PROPERTY_NAME -> inspectKey();
      case VALUE_STRING -> inspectText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> inspectNumber();
      default -> {}
    }
  }

  private void inspectDepth() {
    if (parser.streamReadContext().getNestingDepth() > limits.maxDepth()) {
      throw refused("is nested more than " + limits.maxDepth() + " levels deep");
    }
  }

  private void inspectKey() {
    if (looksIntoText) {
      String key = parser.currentName();
      // The path to the object, because that to the key would hold what is wrong.
      TokenStreamContext object = parser.streamReadContext().getParent();
      refuseIf(key.indexOf('\0') >= 0, "has a key that holds U+0000", object);
      refuseIf(
          Utf8.loneSurrogate(key) >= 0 || passedLoneSurrogate(),
          "has a key that holds half of a surrogate pair",
          object);
    }
  }

  private void inspectText() {
    if (looksIntoText) {
      String text = text();
      refuseIf(text.indexOf('\0') >= 0, "holds U+0000", parser.streamReadContext());
      refuseIf(
          Utf8.loneSurrogate(text) >= 0 || passedLoneSurrogate(),
          "holds half of a surrogate pair",
          parser.streamReadContext());
    }
  }

  private String text() {
    try {
      return parser.getString();
    } catch (JacksonException failure) {
      throw malformed(failure);
    }
  }

  /** Half of a pair as it stands next to an escaped other half makes a whole one when read, but not when stored. */
  private boolean passedLoneSurrogate() {
    return loneSurrogate >= 0 && parser.currentLocation().getCharOffset() > loneSurrogate;
  }

  private void inspectNumber() {
    int length = parser.getStringLength();
    int digits = limits.maxNumberDigits();
    int exponent = limits.maxNumberExponent();
    NumberText number =
        new NumberText(parser.getStringCharacters(), parser.getStringOffset(), length);
    if (number.significantDigits() > digits || length > digits + exponent + NUMBER_PUNCTUATION) {
      throw refused("has a number of more than " + digits + " digits");
    }
    if (Math.abs(number.adjustedExponent()) > exponent) {
      throw refused("has a number with an exponent beyond " + exponent);
    }
  }

  private void refuseIf(boolean broken, String problem, TokenStreamContext context) {
    if (broken) {
      throw new CodecException(
          what.get() + " " + problem, context.pathAsPointer().toString(), null);
    }
  }

  private CodecException refused(String problem) {
    return new CodecException(
        what.get() + " " + problem, parser.streamReadContext().pathAsPointer().toString(), null);
  }

  /** Without the cause: Jackson quotes the text in its messages, and those end up in logs. */
  private CodecException malformed(JacksonException failure) {
    String problem = String.valueOf(failure.getOriginalMessage());
    if (problem.startsWith("Duplicate Object property")) {
      return refused("repeats a key of an object");
    }
    if (problem.contains("surrogate")) {
      return refused("has a key that holds half of a surrogate pair");
    }
    long character = parser.currentLocation().getCharOffset();
    return refused("is not well-formed JSON (near character " + character + ")");
  }
}
