package dev.holdfast.validation;

import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which keys of which states a rule is for. Immutable.
 *
 * @param namespace matches the namespace
 * @param key matches the key
 * @param text both as they were given, for messages
 */
record KeyPattern(Pattern namespace, Pattern key, String text) {

  static KeyPattern of(String namespace, String key) {
    TextRules.requireText("namespace", namespace, StateId.MAX_BYTES);
    TextRules.requireText("key", key, StateId.MAX_BYTES);
    return new KeyPattern(pattern(namespace), pattern(key), namespace + "/" + key);
  }

  /** Several stars in a row are one: they match the same, and take no time to find out that something does not. */
  private static Pattern pattern(String given) {
    String regex = Arrays.stream(given.replaceAll("\\*+", "*").split("\\*", -1))
        .map(Pattern::quote)
        .collect(Collectors.joining(".*"));
    return Pattern.compile(regex, Pattern.DOTALL);
  }

  boolean matches(StateId state, String of) {
    return namespace.matcher(state.namespace()).matches() && key.matcher(of).matches();
  }
}
