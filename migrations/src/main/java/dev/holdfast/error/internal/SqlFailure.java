package dev.holdfast.error.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.LockTimeoutException;
import dev.holdfast.error.TransientException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import org.postgresql.util.PSQLException;

/**
 * What a failure of the database means. This is the only class that reads a SQLSTATE; the codes are those of PostgreSQL's appendix
 * "PostgreSQL Error Codes".
 */
public enum SqlFailure {
  /** 40001 and 40P01: the whole transaction can be run again. */
  SERIALIZATION,
  /** 55P03: a lock was not granted within {@code lock_timeout}, or NOWAIT. */
  LOCK_TIMEOUT,
  /** 57014: {@code statement_timeout}, or somebody cancelled the statement. */
  CANCELLED,
  /** The connection is gone; if a commit was under way its outcome is unknown. */
  CONNECTION_LOST,
  /** No connection could be had, so nothing was sent. */
  UNREACHABLE,
  /** 28xxx and 3D000: the server refuses the user, or there is no such database. */
  REFUSED,
  /** 42501: a privilege is missing. */
  PERMISSION,
  /** 42P01, 3F000 and 42703: a table, schema or column is missing. */
  MISSING_OBJECT,
  /** 53xxx: disk full, out of memory, too many connections. */
  RESOURCES,
  /** 25006: the server is a standby or the transaction is read-only. */
  READ_ONLY,
  /** Everything else. */
  OTHER;

  private static final int MAX_CAUSES = 100;

  /** What this failure means. */
  public static SqlFailure of(SQLException failure) {
    String state = failure.getSQLState();
    if (state == null) {
      return failure instanceof SQLTransientConnectionException ? UNREACHABLE : OTHER;
    }
    return switch (state) {
      case "40001", "40P01" -> SERIALIZATION;
      case "55P03" -> LOCK_TIMEOUT;
      case "57014" -> CANCELLED;
      case "57P01", "57P02", "57P05", "25P03", "25P04" -> CONNECTION_LOST;
      case "08001", "08004", "57P03" -> UNREACHABLE;
      case "3D000" -> REFUSED;
      case "42501" -> PERMISSION;
      case "42P01", "3F000", "42703", "42883" -> MISSING_OBJECT;
      case "25006" -> READ_ONLY;
      default -> ofClass(state, failure);
    };
  }

  private static SqlFailure ofClass(String state, SQLException failure) {
    if (state.startsWith("08")) {
      // HikariCP reports an exhausted or unreachable pool with the state of the last attempt.
      return failure instanceof SQLTransientConnectionException ? UNREACHABLE : CONNECTION_LOST;
    }
    if (state.startsWith("28")) {
      return REFUSED;
    }
    return state.startsWith("53") ? RESOURCES : OTHER;
  }

  /**
   * Whether what was sent may have been done although it failed so. A server that cannot write its log says why (58030, 53100) and ends; what it has
   * written of the log may still count when it is back. The driver reports that, and behind it that the connection is gone. And it says 53200 by
   * itself when it has no memory to read the answer to what was done.
   */
  public static boolean leavesInDoubt(SQLException failure) {
    SQLException next = failure;
    for (int i = 0; next != null && i < MAX_CAUSES; i++) {
      if (of(next) == CONNECTION_LOST || isOutOfMemoryOfDriver(next)) {
        return true;
      }
      next = next.getNextException();
    }
    return false;
  }

  private static boolean isOutOfMemoryOfDriver(SQLException failure) {
    return "53200".equals(failure.getSQLState())
        && failure instanceof PSQLException own
        && own.getServerErrorMessage() == null;
  }

  /** Whether a failure, or one that caused it, means that the whole transaction can be run again. */
  public static boolean isSerialization(Throwable failure) {
    return FailureFacts.chain(failure, MAX_CAUSES).stream()
        .anyMatch(cause -> cause instanceof SQLException sql && of(sql) == SERIALIZATION);
  }

  /** 22023: what was given is not taken; of the driver, that a statement has no such parameter. */
  public static boolean isInvalidParameter(SQLException failure) {
    return "22023".equals(failure.getSQLState());
  }

  /** What follows the first line may quote the row. */
  private static String firstLine(SQLException failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  /**
   * The exception to throw for a failure that is known to have written nothing.
   *
   * @param doing what was being done, as in "reading trips/trip-42"
   */
  public static HoldfastException translate(SQLException failure, String doing) {
    String because = ": " + firstLine(failure);
    Map<String, ?> context =
        failure.getSQLState() == null ? Map.of() : Map.of("sqlState", failure.getSQLState());
    return switch (of(failure)) {
      case SERIALIZATION, RESOURCES, CONNECTION_LOST ->
        new TransientException(
            "The database failed in passing while " + doing + because, context, failure);
      case LOCK_TIMEOUT ->
        new LockTimeoutException(
            "A lock was not granted in time while " + doing + because, context, failure);
      case CANCELLED ->
        new TransientException(
            "The statement was cancelled while " + doing + because, context, failure);
      case UNREACHABLE ->
        new HoldfastException(
            ErrorCode.UNREACHABLE,
            "The database cannot be reached while " + doing + because,
            context,
            failure);
      case REFUSED ->
        new HoldfastException(
            ErrorCode.UNREACHABLE,
            "The database refuses the connection while " + doing + because,
            context,
            failure);
      case PERMISSION, READ_ONLY ->
        new HoldfastException(
            ErrorCode.PERMISSION,
            "The database user lacks a right while " + doing + because,
            context,
            failure);
      case MISSING_OBJECT ->
        new HoldfastException(
            ErrorCode.SCHEMA,
            "The schema is not migrated, or not the one configured, while " + doing + because,
            context,
            failure);
      case OTHER ->
        new HoldfastException(
            ErrorCode.DATABASE, "The database failed while " + doing + because, context, failure);
    };
  }
}
