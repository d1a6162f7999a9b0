package dev.holdfast.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Set;

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
          try {
            return method.invoke(connection, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @SuppressWarnings("ReferenceEquality") // A proxy equals itself.
  private static Object ofObject(
      Object proxy, Method method, Object[] arguments, StoredTransaction transaction) {
    return switch (method.getName()) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> "Connection[" + transaction + "]";
    };
  }
}
