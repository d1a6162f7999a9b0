package dev.holdfast.health;

import dev.holdfast.redaction.Redactor;
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
    String shown = redactor.redactText(text);
    return shown.length() <= MAX_TEXT ? shown : shown.substring(0, MAX_TEXT) + "…";
  }
}
