package dev.holdfast.logging;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.redaction.HiddenValues;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A failure as it may be logged: the names, messages and stack traces of a failure, of its causes and of what it suppressed, with sensitive
 * fields hidden. A backend prints the messages of what it is given, so it must not be given the failure itself.
 */
@SuppressWarnings(
    "OverrideThrowableToString") // The message has the class name of the original already.
final class LoggedFailure extends Throwable {

  private static final long serialVersionUID = 1L;
  private static final int MAX_SHOWN = 100;

  LoggedFailure(Throwable failure, LogSettings settings) {
    this(failure, settings, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  /** Failures can go round in a circle: each is shown once. */
  private LoggedFailure(Throwable failure, LogSettings settings, Set<Throwable> shown) {
    super(text(failure, settings), next(FailureFacts.cause(failure), settings, shown), true, true);
    setStackTrace(FailureFacts.stackTrace(failure));
    for (Throwable suppressed : failure.getSuppressed()) {
      LoggedFailure copy = next(suppressed, settings, shown);
      if (copy != null) {
        addSuppressed(copy);
      }
    }
  }

  private static @Nullable LoggedFailure next(
      @Nullable Throwable failure, LogSettings settings, Set<Throwable> shown) {
    return failure != null
            && !(failure instanceof HiddenValues)
            && shown.size() < MAX_SHOWN
            && shown.add(failure)
        ? new LoggedFailure(failure, settings, shown)
        : null;
  }

  private static String text(Throwable failure, LogSettings settings) {
    String line = settings.redactor().line(failure);
    return settings.errorContext() && failure instanceof HoldfastException holdfast
        ? line + told(holdfast, settings)
        : line;
  }

  /** The facts may be objects of the application, and so may the exception be. */
  private static String told(HoldfastException failure, LogSettings settings) {
    try {
      return context(failure, settings);
    } catch (Throwable e) {
      return " (the context cannot be told: " + e.getClass().getName() + ")";
    }
  }

  private static String context(HoldfastException failure, LogSettings settings) {
    StringBuilder context = new StringBuilder(" (code=").append(failure.code());
    for (Map.Entry<String, Object> fact : failure.context().entrySet()) {
      Object value = settings.redactor().isSensitive(fact.getKey())
          ? settings.redactor().placeholder()
          : settings.redactor().redactText(String.valueOf(fact.getValue()));
      context.append(", ").append(fact.getKey()).append('=').append(value);
    }
    return context.append(')').toString();
  }

  /** The copy is filled from the original. */
  @Override
  public Throwable fillInStackTrace() {
    return this;
  }

  /** What the original prints, but for what is hidden. */
  @Override
  public String toString() {
    return String.valueOf(getMessage());
  }
}
