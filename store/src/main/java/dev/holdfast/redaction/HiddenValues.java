package dev.holdfast.redaction;

import java.util.List;

/**
 * Says which sensitive values the text of a failure quotes. It travels with the failure among its suppressed exceptions, says nothing of the values
 * itself, and a {@link Redactor} hides them wherever it shows the text. Immutable.
 */
public final class HiddenValues extends Throwable {

  private static final long serialVersionUID = 1L;

  /** Not written anywhere: a copy that was read back hides nothing. */
  private final transient List<String> values;

  HiddenValues(List<String> values) {
    super("Holdfast hides sensitive values in this text", null, false, false);
    this.values = List.copyOf(values);
  }

  @SuppressWarnings("NullAway") // Null in a copy that was read back.
  List<String> values() {
    return values == null ? List.of() : values;
  }
}
