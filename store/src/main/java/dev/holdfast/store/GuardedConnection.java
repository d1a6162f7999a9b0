package dev.holdfast.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Hands a transaction's connection to the caller, without what would end the transaction or change what it relies on. */
final class GuardedConnection {

  private static final Set<String> REFUSED = Set.of(
      "commit",
      "rollback",
      "close",
      "abort",
      "setAutoCommit",
      "setTransactionIsolation",
      "setReadOnly",
      "setSavepoint",
      "releaseSavepoint",
      "beginRequest",
      "endRequest");

  /** What has a way back to its connection; the most special first. */
  private static final List<Class<?>> LEADING_BACK = List.of(
      CallableStatement.class,
      PreparedStatement.class,
      Statement.class,
      ResultSet.class,
      DatabaseMetaData.class,
      Array.class);

  private GuardedConnection() {}

  static Connection of(Connection connection, StoredTransaction transaction) {
    return (Connection) Proxy.newProxyInstance(
        GuardedConnection.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, arguments) -> {
          if (method.getDeclaringClass() == Object.class) {
            return ofObject(proxy, method, arguments, transaction);
          }
          transaction.requireUsable();
          if (REFUSED.contains(method.getName())) {
            throw transaction.misuse(
                "Connection." + method.getName() + " is the business of " + transaction);
          }
          return invoke(connection, method, arguments, (Connection) proxy);
        });
  }

  /** Invokes, and leads to the guarded connection from whatever leads back to it. */
  private static @Nullable Object invoke(
      Object target, Method method, Object[] arguments, Connection guarded) throws Throwable {
    Object result;
    try {
      result = method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    // What is unwrapped stays as it is.
    if (method.getName().equals("unwrap")) {
      return result;
    }
    // Not by the declared type: an array or a cursor also comes as an object.
    return result instanceof Connection
        ? guarded
        : LEADING_BACK.stream()
            .filter(type -> type.isInstance(result))
            .findFirst()
            .map(type -> leadingBack(type, result, guarded))
            .orElse(result);
  }

  private static Object leadingBack(Class<?> type, Object target, Connection guarded) {
    return Proxy.newProxyInstance(
        GuardedConnection.class.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> method.getName().equals("equals")
            ? (Object) isSame(proxy, arguments[0])
            : invoke(target, method, arguments, guarded));
  }

  @SuppressWarnings("ReferenceEquality") // A proxy equals itself.
  private static boolean isSame(Object proxy, Object other) {
    return proxy == other;
  }

  private static Object ofObject(
      Object proxy, Method method, Object[] arguments, StoredTransaction transaction) {
    return switch (method.getName()) {
      case "equals" -> isSame(proxy, arguments[0]);
      case "hashCode" -> System.identityHashCode(proxy);
      default -> "Connection[" + transaction + "]";
    };
  }
}
