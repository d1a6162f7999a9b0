package dev.holdfast.migrations;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables in the database are not those of this library: missing, older, newer or half there, or their record
 * of migrations is not this library's.
 */
public final class SchemaVersionException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  SchemaVersionException(String message, String schema, @Nullable Throwable cause) {
    super(ErrorCode.SCHEMA, message, Map.of("schema", schema), cause);
  }
}
