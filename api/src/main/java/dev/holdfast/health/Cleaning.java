package dev.holdfast.health;

import dev.holdfast.redaction.Redactor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes what a check found fit to be shown: without secrets that a name gives away, immutable, and not endless. Immutable. */
final class Cleaning {

  private static final int MAX_TEXT = 1_000;
  private static final int MAX_DETAILS = 50;

  private final Redactor redactor;

  Cleaning(Redactor redactor) {
    this.redactor = redactor;
  }

  HealthResult clean(HealthResult result) {
    Map<String, Object> details = new LinkedHashMap<>();
    result.details().entrySet().stream()
        .limit(MAX_DETAILS)
        .forEach(detail -> details.put(
            text(detail.getKey()),
            redactor.isSensitive(detail.getKey())
                ? redactor.placeholder()
                : value(detail.getValue())));
    return new HealthResult(result.status(), text(result.message()), details);
  }

  private Object value(Object value) {
    return value instanceof String text ? text(text) : value;
  }

  private String text(String text) {
    String shown = writable(redactor.redactText(text));
    return shown.length() <= MAX_TEXT ? shown : shown.substring(0, end(shown)) + "…";
  }

  /** An event whose payload holds half of a surrogate pair, or U+0000, is refused. */
  private static String writable(String text) {
    String whole = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    return whole.replace('\0', '?');
  }

  private static int end(String shown) {
    return Character.isHighSurrogate(shown.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
  }
}
