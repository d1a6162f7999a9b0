package dev.holdfast.store;

import dev.holdfast.store.json.internal.TextRules;

/** Text of users in messages: what does not print is escaped, so that nobody forges a line of a log, and what is long is cut. */
final class Shown {

  private static final int CHARACTERS = 100;

  private Shown() {}

  static String key(String key) {
    return TextRules.shown(key, CHARACTERS);
  }
}
