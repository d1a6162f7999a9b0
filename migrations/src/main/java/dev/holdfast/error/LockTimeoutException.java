package dev.holdfast.error;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A lock of the database was not granted within the lock timeout. Nothing was written by the call, so it may be repeated. */
public final class LockTimeoutException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  /** A lock timeout with its cause. */
  public LockTimeoutException(String message, Map<String, ?> context, @Nullable Throwable cause) {
    super(ErrorCode.LOCK_TIMEOUT, message, context, cause);
  }
}
