package dev.holdfast.store.json;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.internal.TextRules;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value cannot be encoded as JSON, breaks a limit of the store, or stored JSON cannot be read as the type asked for. The message
 * never holds any part of the value, only where in it the trouble is; the message of the cause may.
 */
public final class CodecException extends HoldfastException {

  private static final long serialVersionUID = 1L;
  private static final int MAX_PATH_SHOWN = 200;

  private final String problem;
  private final String path;

  /**
   * An exception for the part of a document at a path.
   *
   * @param path JSON Pointer (RFC 6901) of the offending value, empty for the whole document
   */
  public CodecException(String message, String path, @Nullable Throwable cause) {
    super(ErrorCode.CODEC, message + location(path), Map.of("path", path), cause);
    this.problem = message;
    this.path = path;
  }

  /** JSON Pointer (RFC 6901) of the offending value, empty for the whole document. */
  public String path() {
    return path;
  }

  /**
   * The same trouble, said of a certain value.
   *
   * @param what what the value is, such as {@code the value of key "phase"}
   */
  public CodecException in(String what) {
    return new CodecException(what + ": " + problem, path, getCause());
  }

  private static String location(String path) {
    return path.isEmpty() ? "" : " at " + TextRules.shown(path, MAX_PATH_SHOWN);
  }
}
