package dev.holdfast.integration.redaction;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Takes down everything that is logged by anybody, failures and ids included; of Holdfast also what nobody wants to see. */
final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private static final String HOLDFAST = "dev.holdfast";

  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

  private LogCapture() {}

  static LogCapture begin() {
    LogCapture capture = new LogCapture();
    capture.start();
    root().addAppender(capture);
    logger().setLevel(Level.DEBUG);
    return capture;
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(HOLDFAST);
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    events.add(event);
  }

  List<ILoggingEvent> events() {
    return events;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (ILoggingEvent event : events) {
      text.append(event.getFormattedMessage())
          .append(' ')
          .append(event.getMDCPropertyMap())
          .append(event.getKeyValuePairs())
          .append('\n');
      if (event.getThrowableProxy() != null) {
        text.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    root().detachAppender(this);
    logger().setLevel(null);
  }
}
