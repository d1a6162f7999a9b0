package dev.holdfast.effect.crash;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Passes a point before and after every message to the server, and can change what is sent. */
final class TappedDataSource {

  private static final Set<String> MESSAGES =
      Set.of("execute", "executeQuery", "executeUpdate", "commit", "rollback");

  private final Points points;
  private final UnaryOperator<String> rewriting;

  private TappedDataSource(Points points, UnaryOperator<String> rewriting) {
    this.points = points;
    this.rewriting = rewriting;
  }

  static DataSource on(DataSource dataSource, Points points, UnaryOperator<String> rewriting) {
    TappedDataSource tap = new TappedDataSource(points, rewriting);
    return proxy(DataSource.class, (proxy, method, arguments) -> {
      Object result = tap.call(dataSource, method, arguments);
      return result instanceof Connection connection ? tap.connection(connection) : result;
    });
  }

  private Connection connection(Connection connection) {
    return proxy(Connection.class, (proxy, method, arguments) -> {
      if (method.getName().startsWith("prepareStatement")) {
        arguments[0] = rewriting.apply((String) arguments[0]);
        Object statement = Objects.requireNonNull(call(connection, method, arguments));
        return statement(
            PreparedStatement.class, (PreparedStatement) statement, label((String) arguments[0]));
      }
      if (method.getName().equals("createStatement")) {
        Object statement = Objects.requireNonNull(call(connection, method, arguments));
        return statement(Statement.class, (Statement) statement, "plain");
      }
      return tapped(connection, method, arguments, method.getName());
    });
  }

  private <S extends Statement> S statement(Class<S> type, S statement, String label) {
    return proxy(type, (proxy, method, arguments) -> tapped(statement, method, arguments, label));
  }

  private @Nullable Object tapped(
      Object target, Method method, @Nullable Object @Nullable [] arguments, String label)
      throws Throwable {
    if (!MESSAGES.contains(method.getName())) {
      return call(target, method, arguments);
    }
    points.pass("before " + label);
    Object result = call(target, method, arguments);
    points.pass("after " + label);
    return result;
  }

  /** The verb and the table, which is enough to know a statement by. */
  private static String label(String sql) {
    String flat = sql.replaceAll("\\s+", " ").strip();
    return flat.substring(0, Math.min(60, flat.length()));
  }

  private @Nullable Object call(
      Object target, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
