package dev.holdfast.redaction;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Names whose values are sensitive, by whole words. A name is split into words where the case changes, at digits, and at everything that is
 * neither letter nor digit: {@code apiKey}, {@code API_KEY} and {@code api-key} are the words {@code api}, {@code key}. A pattern is meant
 * when some words of the name that follow each other, written together, are the pattern's words written together. So {@code api_key} hides
 * {@code apiKey}, {@code my_api_key_2} and {@code apikey}, and neither {@code key} nor {@code primary_key}; {@code token} hides {@code
 * access_token}, and not {@code max_tokens}. Immutable.
 */
public final class SensitiveNames {

  /** No pattern and no name is looked at beyond so many words; the rest of a longer name is looked at in pieces of that length. */
  private static final int MAX_RUN = 8;

  private final Set<String> patterns = new HashSet<>();

  /** Names by patterns, in any order. A pattern without letter or digit means nothing. */
  public SensitiveNames(List<String> patterns) {
    for (String pattern : patterns) {
      List<String> words = words(pattern);
      if (!words.isEmpty()) {
        this.patterns.add(String.join("", words));
      }
    }
  }

  /** The words of a name, in lower case. */
  public static List<String> words(String name) {
    List<String> words = new ArrayList<>();
    int[] characters = name.codePoints().toArray();
    int start = 0;
    for (int i = 1; i <= characters.length; i++) {
      if (i == characters.length || isBoundary(characters, i)) {
        if (kind(characters[start]) != 0) {
          words.add(new String(characters, start, i - start).toLowerCase(Locale.ROOT));
        }
        start = i;
      }
    }
    return words;
  }

  /** Between {@code i} and {@code K} of {@code apiKey}, and between {@code I} and {@code K} of {@code APIKey}. */
  private static boolean isBoundary(int[] name, int i) {
    int before = name[i - 1];
    int here = name[i];
    if (kind(before) != kind(here)) {
      return true;
    }
    boolean rises = Character.isLowerCase(before) && Character.isUpperCase(here);
    boolean falls = Character.isUpperCase(before)
        && Character.isUpperCase(here)
        && i + 1 < name.length
        && Character.isLowerCase(name[i + 1]);
    return rises || falls;
  }

  /** Of a whole code point: half of an emoji would look like a letter or like none, whichever is assumed. */
  private static int kind(int character) {
    if (Character.isLetter(character)) {
      return 1;
    }
    return Character.isDigit(character) ? 2 : 0;
  }

  /** Whether the value of a name is sensitive. */
  public boolean contains(String name) {
    if (patterns.isEmpty()) {
      return false;
    }
    List<String> words = words(name);
    for (int from = 0; from < words.size(); from++) {
      StringBuilder run = new StringBuilder();
      for (int to = from; to < Math.min(words.size(), from + MAX_RUN); to++) {
        run.append(words.get(to));
        if (patterns.contains(run.toString())) {
          return true;
        }
      }
    }
    return false;
  }
}
