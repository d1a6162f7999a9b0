package dev.holdfast.error;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A passing failure: the database restarted, a connection was lost before anything was sent, a serialization failure outlived its
 * retries. Nothing was written by the call, so it may be repeated.
 */
public final class TransientException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  /** A passing failure with its cause. */
  public TransientException(String message, Map<String, ?> context, @Nullable Throwable cause) {
    super(ErrorCode.TRANSIENT, message, context, cause);
  }
}
