package dev.holdfast.logging;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.redaction.Redactor;
import org.slf4j.event.Level;

/**
 * How Holdfast logs. Immutable.
 *
 * @param level the least level that is logged, as far as the backend logs it; not above ERROR
 * @param form the form of messages
 * @param errorContext whether failures carry the code and the context of {@link HoldfastException}
 * @param ids whether the thread's MDC gets the ids of what it works for, see {@link Logs#EFFECT_ID}
 * @param buffer how many messages below ERROR wait to be written by another thread; 0 when the caller writes all
 * @param redactor hides sensitive fields in messages, failures and ids
 */
public record LogSettings(
    Level level, LogForm form, boolean errorContext, boolean ids, int buffer, Redactor redactor) {

  /** Every level that the backend logs, as text, with everything, written by the caller, and {@link Redactor#standard()}. */
  public static final LogSettings STANDARD =
      new LogSettings(Level.DEBUG, LogForm.TEXT, true, true, 0, Redactor.standard());

  /** Refuses a negative buffer. */
  public LogSettings {
    if (buffer < 0) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION, "The buffer of log messages is 0 or more, not " + buffer);
    }
  }
}
