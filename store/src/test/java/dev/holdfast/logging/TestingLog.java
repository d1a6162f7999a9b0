package dev.holdfast.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Takes down what a logger of one name logs at every level. */
final class TestingLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final Logger logger;

  private TestingLog(Logger logger) {
    this.logger = logger;
  }

  static TestingLog of(Class<?> type) {
    Logger logger = (Logger) LoggerFactory.getLogger(type);
    TestingLog log = new TestingLog(logger);
    log.start();
    logger.setLevel(Level.TRACE);
    logger.setAdditive(false);
    logger.addAppender(log);
    return log;
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    events.add(event);
  }

  List<ILoggingEvent> events() {
    return events;
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(null);
    logger.setAdditive(true);
  }
}
