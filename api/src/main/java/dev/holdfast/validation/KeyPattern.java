package dev.holdfast.validation;

import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;
import java.util.List;

/**
 * Which keys of which states a rule is for. Immutable.
 *
 * @param namespace what stands between the stars of the namespace; one part when there is no star
 * @param key the same of the key
 * @param text both as they were given, for messages
 */
record KeyPattern(List<String> namespace, List<String> key, String text) {

  static KeyPattern of(String namespace, String key) {
    TextRules.requireText("namespace", namespace, StateId.MAX_BYTES);
    TextRules.requireText("key", key, StateId.MAX_BYTES);
    return new KeyPattern(parts(namespace), parts(key), namespace + "/" + key);
  }

  private static List<String> parts(String given) {
    return List.of(given.split("\\*", -1));
  }

  boolean matches(StateId state, String of) {
    return matches(namespace, state.namespace()) && matches(key, of);
  }

  /**
   * The first part has to be at the beginning and the last one at the end. Each one between is taken where it is found first, which leaves
   * the most to those behind it: no other place has to be tried.
   */
  private static boolean matches(List<String> parts, String given) {
    String first = parts.get(0);
    if (parts.size() == 1) {
      return given.equals(first);
    }
    String last = parts.get(parts.size() - 1);
    int end = given.length() - last.length();
    if (!given.startsWith(first) || !given.endsWith(last)) {
      return false;
    }
    int from = first.length();
    for (String part : parts.subList(1, parts.size() - 1)) {
      int found = given.indexOf(part, from);
      if (found < 0) {
        return false;
      }
      from = found + part.length();
    }
    return from <= end;
  }
}
