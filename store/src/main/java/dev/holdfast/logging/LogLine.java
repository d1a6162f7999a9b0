package dev.holdfast.logging;

import dev.holdfast.store.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One message, with everything hidden that has to be. Immutable.
 *
 * @param logger where it goes
 * @param level its level
 * @param form how it looks
 * @param text what it says
 * @param failure of what it tells; null for none
 */
record LogLine(
    Logger logger,
    Level level,
    LogForm form,
    String text,
    @Nullable LoggedFailure failure) {

  private static final List<String> IDS = List.of(Logs.CORRELATION_ID, Logs.EFFECT_ID);

  void write() {
    LoggingEventBuilder event = logger.atLevel(level);
    switch (form) {
      case TEXT -> failure(event).log(text);
      case STRUCTURED -> {
        for (Map.Entry<String, Object> id : ids().entrySet()) {
          event = event.addKeyValue(id.getKey(), id.getValue());
        }
        failure(event).log(text);
      }
      case JSON -> event.log(json());
    }
  }

  private LoggingEventBuilder failure(LoggingEventBuilder event) {
    return failure == null ? event : event.setCause(failure);
  }

  private static Map<String, Object> ids() {
    Map<String, Object> ids = new LinkedHashMap<>();
    for (String key : IDS) {
      String id = MDC.get(key);
      if (id != null) {
        ids.put(key, id);
      }
    }
    return ids;
  }

  private String json() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("message", text);
    line.putAll(ids());
    if (failure != null) {
      StringWriter stack = new StringWriter();
      failure.printStackTrace(new PrintWriter(stack));
      line.put("failure", stack.toString());
    }
    return Json.write(Json.json(line));
  }
}
