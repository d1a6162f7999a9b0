package dev.holdfast.contract.internal;

import dev.holdfast.redaction.SensitiveNames;
import java.util.List;

/** The rule for lists of sensitive names. */
public final class Patterns {

  /** What the rule asks for. */
  public static final String RULE =
      "needs names of letters and digits, each different from the others when case and separators do not count";

  private Patterns() {}

  /** Whether each has a word, and no two have the same words. */
  public static boolean areDistinctWords(List<String> patterns) {
    List<List<String>> words = patterns.stream().map(SensitiveNames::words).toList();
    return words.stream().noneMatch(List::isEmpty)
        && words.stream().distinct().count() == words.size();
  }
}
