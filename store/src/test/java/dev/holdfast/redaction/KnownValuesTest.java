package dev.holdfast.redaction;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Values that no name precedes, because they are known. */
class KnownValuesTest {

  private static final String SECRET = "hunter-2\"x";

  private final Redactor redactor = Redactor.standard();

  private static RuntimeException failure(String message) {
    return new IllegalStateException(message);
  }

  private String shown(JsonNode given, Throwable failure) {
    redactor.known().add(given).hideIn(failure);
    return redactor.describe(failure);
  }

  @Test
  void areHiddenAtAnyDepthAndAsTheyStandInJson() {
    JsonNode given =
        json(Map.of("a", List.of(Map.of("token", Map.of("old", List.of(SECRET)))), "b", "shown"));
    assertThat(shown(given, failure("no " + SECRET + ", shown, " + SECRET)))
        .endsWith(": no [REDACTED], shown, [REDACTED]");
    assertThat(shown(given, failure("no {\"x\":\"hunter-2\\\"x\"}")))
        .endsWith(": no {\"x\":\"[REDACTED]\"}");
    assertThat(redactor.describe(failure("no " + SECRET))).as("a control").contains(SECRET);
  }

  @Test
  void areThoseOfSensitiveKeysAndPatchesToo() {
    Throwable failure = failure("neither first nor second");
    redactor
        .known()
        .add("password", json(Map.of("plain", "first")))
        .add("big", json(List.of(Map.of("path", "/a/token", "value", "second"))))
        .add("other", json("neither"))
        .hideIn(failure);
    assertThat(redactor.line(failure)).endsWith(": neither [REDACTED] nor [REDACTED]");
  }

  /** Whatever throws it again with what it said, and whatever it was caused by. */
  @Test
  void areHiddenAboveAndBelow() {
    Throwable cause = failure("cause " + SECRET);
    Throwable failure = new IllegalStateException("failure " + SECRET, cause);
    failure.addSuppressed(failure("suppressed " + SECRET));
    redactor.known().add(json(Map.of("token", SECRET))).hideIn(failure);
    Throwable wrapper = new IllegalArgumentException("again: " + failure.getMessage(), failure);
    assertThat(redactor.describe(wrapper)).doesNotContain(SECRET).contains("again: failure [RED");
    assertThat(redactor.line(failure.getSuppressed()[0])).doesNotContain(SECRET);
    assertThat(cause.getMessage()).as("the failure itself").contains(SECRET);
    assertThat(wrapper.getMessage()).contains(SECRET);
  }

  @Test
  void leaveAFailureThatQuotesNoneOfThemAsItIs() {
    Throwable failure = failure("no abc");
    redactor.known().add(json(Map.of("token", SECRET, "password", "abc"))).hideIn(failure);
    assertThat(failure.getSuppressed()).isEmpty();
    assertThat(redactor.line(failure)).as("three letters").endsWith("no abc");
  }

  @Test
  void areSaidOnce() {
    Throwable failure = failure("no " + SECRET);
    for (int i = 0; i < 3; i++) {
      redactor.known().add(json(Map.of("token", SECRET))).hideIn(failure);
    }
    assertThat(failure.getSuppressed()).hasSize(1);
    assertThat(failure.getSuppressed()[0]).isInstanceOf(HiddenValues.class);
    assertThat(failure.getSuppressed()[0].toString()).doesNotContain(SECRET);
  }

  @Test
  void aLongerOneIsHiddenBeforeItsPart() {
    JsonNode given = json(Map.of("token", "abcd", "password", "abcdefgh"));
    assertThat(shown(given, failure("no abcdefgh"))).endsWith(": no [REDACTED]");
  }

  @Test
  void circlesOfFailuresEnd() {
    Throwable one = failure("one " + SECRET);
    Throwable two = new IllegalStateException("two " + SECRET, one);
    one.addSuppressed(two);
    assertThat(shown(json(Map.of("token", SECRET)), two)).doesNotContain(SECRET);
  }

  @Test
  void areShownWhereNothingIsHidden() {
    Throwable failure = failure("no " + SECRET);
    Redactor none = Redactor.none();
    none.known().add(json(Map.of("token", SECRET))).hideIn(failure);
    assertThat(none.describe(failure)).contains(SECRET);
    redactor.known().add(json(Map.of("token", SECRET))).hideIn(failure);
    assertThat(none.describe(failure)).contains(SECRET);
  }
}
