package dev.holdfast.error;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The root of all exceptions of Holdfast, unchecked. The message names the thing that is wrong and what to do; {@link #code()} and
 * {@link #context()} say the same for programs. Immutable apart from what {@link Throwable} itself allows.
 */
public class HoldfastException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient Map<String, Object> context;
  private final @Nullable String correlationId;

  /** An exception with a code and a message. */
  public HoldfastException(ErrorCode code, String message) {
    this(code, message, Map.of(), null);
  }

  /** An exception with a code, a message, facts about its subject and a cause. */
  public HoldfastException(
      ErrorCode code, String message, Map<String, ?> context, @Nullable Throwable cause) {
    this(code, message, context, null, cause);
  }

  /** An exception with everything, the id that ties it to a request or run included. */
  public HoldfastException(
      ErrorCode code,
      String message,
      Map<String, ?> context,
      @Nullable String correlationId,
      @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.context = Collections.unmodifiableMap(new LinkedHashMap<>(context));
    this.correlationId = correlationId;
  }

  /** What went wrong, as a stable name. */
  public ErrorCode code() {
    return code;
  }

  /** Facts about the subject, such as the state, the key, the version expected and the version found; never a stored value. */
  public Map<String, Object> context() {
    return context == null ? Map.of() : context;
  }

  /**
   * The id that ties this failure to a request or run, when there is one; of an effect transaction the UUID that is in the MDC and in its tables.
   */
  public Optional<String> correlationId() {
    return Optional.ofNullable(correlationId);
  }
}
