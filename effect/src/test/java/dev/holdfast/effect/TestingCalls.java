package dev.holdfast.effect;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;

/** Objects of JDBC of which the results are changed, or lost, when the calls were made. */
public final class TestingCalls {

  private TestingCalls() {}

  /** What becomes of the result of a call. */
  @FunctionalInterface
  public interface Change {
    Object of(Object result, String method, List<?> arguments) throws Throwable;
  }

  /** An object whose calls reach the target before their results are changed. */
  public static <T> T changed(Class<T> type, Object target, Change change) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          try {
            return change.of(
                method.invoke(target, arguments),
                method.getName(),
                arguments == null ? List.of() : Arrays.asList(arguments));
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        }));
  }
}
