package dev.holdfast.logging;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** Ids in the MDC of a thread, for a while. Confined to the thread that opened it. */
public final class LogScope implements AutoCloseable {

  private final Deque<Before> before = new ArrayDeque<>();

  LogScope() {}

  void put(String key, String value) {
    before.push(new Before(key, MDC.get(key)));
    MDC.put(key, value);
  }

  /** Restores what was there before. Closing again does nothing. */
  @Override
  public void close() {
    while (!before.isEmpty()) {
      Before each = before.pop();
      if (each.value() == null) {
        MDC.remove(each.key());
      } else {
        MDC.put(each.key(), each.value());
      }
    }
  }

  private record Before(String key, @Nullable String value) {}
}
