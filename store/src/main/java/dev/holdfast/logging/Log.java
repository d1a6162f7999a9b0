package dev.holdfast.logging;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.FormattingTuple;
import org.slf4j.helpers.MessageFormatter;

/**
 * The log of one class. Messages have SLF4J's placeholders {@code {}}; a failure as the last argument is logged as such. Costs one test
 * when the level is off. Safe for use by multiple threads.
 */
public final class Log {

  private final Logger logger;
  private final Logs logs;

  Log(Logger logger, Logs logs) {
    this.logger = logger;
    this.logs = logs;
  }

  /** Logs what helps to find a mistake. */
  public void debug(String message, @Nullable Object... arguments) {
    log(Level.DEBUG, message, arguments);
  }

  /** Logs what happens. */
  public void info(String message, @Nullable Object... arguments) {
    log(Level.INFO, message, arguments);
  }

  /** Logs what may need attention. */
  public void warn(String message, @Nullable Object... arguments) {
    log(Level.WARN, message, arguments);
  }

  /** Logs what failed; written when it returns. */
  public void error(String message, @Nullable Object... arguments) {
    log(Level.ERROR, message, arguments);
  }

  private void log(Level level, String message, @Nullable Object[] arguments) {
    LogSettings settings = logs.settings();
    if (level.toInt() < settings.level().toInt() || !logger.isEnabledForLevel(level)) {
      return;
    }
    FormattingTuple formatted = MessageFormatter.arrayFormat(message, arguments);
    logs.write(
        level,
        new LogLine(
            logger,
            level,
            settings.form(),
            settings.redactor().redactText(formatted.getMessage()),
            formatted.getThrowable() == null
                ? null
                : new LoggedFailure(formatted.getThrowable(), settings)));
  }
}
