package dev.holdfast.contract;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.internal.TextRules;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version as semver.org 2.0.0 defines it. Immutable. The build part counts neither for order nor for equality.
 *
 * @param major breaking changes, 0 or more
 * @param minor additions, 0 or more
 * @param patch corrections, 0 or more
 * @param prerelease what sorts below the release, say {@code rc.1}; empty for a release
 * @param build anything; may be empty
 */
public record SemanticVersion(int major, int minor, int patch, String prerelease, String build)
    implements Comparable<SemanticVersion> {

  /** Possessive: otherwise a long one takes as deep a stack. */
  private static final String WORDS = "[0-9A-Za-z-]++(?:\\.[0-9A-Za-z-]++)*+";

  private static final String NUMBER = "(0|[1-9][0-9]{0,8})";
  private static final Pattern SHAPE = Pattern.compile(
      NUMBER + "\\." + NUMBER + "\\." + NUMBER + "(?:-(" + WORDS + "))?(?:\\+(" + WORDS + "))?");
  private static final int SHOWN = 100;
  private static final Pattern DIGITS = Pattern.compile("[0-9]+");

  /**
   * A version of five parts.
   *
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when a part is not what the standard allows
   */
  public SemanticVersion {
    boolean sound = major >= 0
        && minor >= 0
        && patch >= 0
        && (prerelease.isEmpty() || isPrerelease(prerelease))
        && (build.isEmpty() || build.matches(WORDS));
    if (!sound) {
      throw invalid(text(major, minor, patch, prerelease, build));
    }
  }

  /** A release. */
  public static SemanticVersion of(int major, int minor, int patch) {
    return new SemanticVersion(major, minor, patch, "", "");
  }

  /**
   * The version that a text stands for.
   *
   * @throws HoldfastException with {@link ErrorCode#INVALID_ARGUMENT} when it stands for none
   */
  public static SemanticVersion parse(String text) {
    Matcher shape = SHAPE.matcher(text);
    if (!shape.matches()) {
      throw invalid(text);
    }
    return new SemanticVersion(
        Integer.parseInt(shape.group(1)),
        Integer.parseInt(shape.group(2)),
        Integer.parseInt(shape.group(3)),
        Objects.requireNonNullElse(shape.group(4), ""),
        Objects.requireNonNullElse(shape.group(5), ""));
  }

  private static boolean isPrerelease(String text) {
    if (!text.matches(WORDS)) {
      return false;
    }
    for (String word : text.split("\\.", -1)) {
      if (word.length() > 1 && word.startsWith("0") && DIGITS.matcher(word).matches()) {
        return false;
      }
    }
    return true;
  }

  private static HoldfastException invalid(String text) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT,
        "\"" + TextRules.shown(text, SHOWN)
            + "\" is not a semantic version such as 1.0.0 or 1.2.0-rc.1");
  }

  /** Whether what was written for another version can be read by this one: the same major version, and not a later one. */
  public boolean reads(SemanticVersion other) {
    return major == other.major && compareTo(other) >= 0;
  }

  @Override
  public int compareTo(SemanticVersion other) {
    int[] order = {
      Integer.compare(major, other.major),
      Integer.compare(minor, other.minor),
      Integer.compare(patch, other.patch),
      Boolean.compare(prerelease.isEmpty(), other.prerelease.isEmpty()),
      comparePrerelease(prerelease.split("\\.", -1), other.prerelease.split("\\.", -1))
    };
    for (int step : order) {
      if (step != 0) {
        return step;
      }
    }
    return 0;
  }

  private static int comparePrerelease(String[] left, String[] right) {
    for (int i = 0; i < Math.min(left.length, right.length); i++) {
      int step = compareWords(left[i], right[i]);
      if (step != 0) {
        return step;
      }
    }
    return Integer.compare(left.length, right.length);
  }

  /** Numbers sort as numbers, and below words. A number has no leading zero, so the longer one is the larger one. */
  private static int compareWords(String left, String right) {
    boolean leftNumber = DIGITS.matcher(left).matches();
    boolean rightNumber = DIGITS.matcher(right).matches();
    if (leftNumber != rightNumber) {
      return leftNumber ? -1 : 1;
    }
    if (leftNumber && left.length() != right.length()) {
      return Integer.compare(left.length(), right.length());
    }
    return left.compareTo(right);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SemanticVersion version && compareTo(version) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(major, minor, patch, prerelease);
  }

  private static String text(int major, int minor, int patch, String prerelease, String build) {
    return major + "." + minor + "." + patch + (prerelease.isEmpty() ? "" : "-" + prerelease)
        + (build.isEmpty() ? "" : "+" + build);
  }

  @Override
  public String toString() {
    return text(major, minor, patch, prerelease, build);
  }
}
