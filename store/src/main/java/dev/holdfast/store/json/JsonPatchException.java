package dev.holdfast.store.json;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.internal.TextRules;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON Patch is malformed, or does not apply to a document. Nothing was changed. */
public final class JsonPatchException extends HoldfastException {

  private static final long serialVersionUID = 1L;
  private static final int MAX_PATH_SHOWN = 200;

  private final String problem;
  private final int index;
  private final String path;

  JsonPatchException(String problem, int index, String path, @Nullable Throwable cause) {
    super(
        ErrorCode.INVALID_ARGUMENT,
        problem + location(index, path),
        Map.of("index", index, "path", path),
        cause);
    this.problem = problem;
    this.index = index;
    this.path = path;
  }

  /** The position of the operation that failed, from 0; -1 if it is about the patch as a whole or an operation of no patch. */
  public int index() {
    return index;
  }

  /** The path of the operation that failed, empty if it has none. */
  public String path() {
    return path;
  }

  /** The same problem, found in an operation of a patch. */
  JsonPatchException at(int operation) {
    return new JsonPatchException(problem, operation, path, this);
  }

  private static String location(int index, String path) {
    String operation = index < 0 ? "" : " in operation " + index;
    return path.isEmpty() ? operation : operation + " at " + TextRules.shown(path, MAX_PATH_SHOWN);
  }
}
