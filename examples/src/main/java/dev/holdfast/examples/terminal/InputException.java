package dev.holdfast.examples.terminal;

import org.jspecify.annotations.Nullable;

/** What was given on the command line or in a file cannot be used; the message is one line for the person who gave it. */
public final class InputException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** An exception without a cause. */
  public InputException(String message) {
    this(message, null);
  }

  /** An exception with a cause. */
  public InputException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
