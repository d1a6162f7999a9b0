package dev.holdfast.logging;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/**
 * Where the log lines of one Holdfast go: to SLF4J, as the settings say. Lines at ERROR are written by the thread that logs, before it goes
 * on: what has to be told must not be lost with the process. Other lines may wait in a bounded buffer; when it is full, the thread that logs
 * writes its line itself, so none is dropped. Safe for use by multiple threads.
 */
public final class Logs implements AutoCloseable {

  /** The MDC key of the effect transaction that a thread works for, as {@code name/id}. */
  public static final String EFFECT_ID = "effect_id";

  /**
   * The MDC key of the id that ties log lines together: what the application has put there, else the identity of the effect transaction, or
   * of the transaction whose changes a consumer handles.
   */
  public static final String CORRELATION_ID = "correlation_id";

  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
  private static final Duration TELL_PATIENCE = Duration.ofMillis(500);

  private final LogSettings settings;
  private final @Nullable ThreadPoolExecutor writer;

  /** Logs with settings. */
  public Logs(LogSettings settings) {
    this.settings = settings;
    this.writer = settings.buffer() == 0 ? null : writer(settings.buffer());
  }

  /** Logs with {@link LogSettings#STANDARD}; there is nothing to close. */
  public static Logs standard() {
    return new Logs(LogSettings.STANDARD);
  }

  private static ThreadPoolExecutor writer(int buffer) {
    ThreadPoolExecutor writer = new ThreadPoolExecutor(
        1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(buffer), work -> {
          Thread thread = new Thread(work, "holdfast-log");
          thread.setDaemon(true);
          return thread;
        });
    writer.allowCoreThreadTimeOut(true);
    writer.setRejectedExecutionHandler((line, full) -> line.run());
    return writer;
  }

  /** How lines are written. */
  public LogSettings settings() {
    return settings;
  }

  /** The log of a class, under its name. */
  public Log of(Class<?> type) {
    return new Log(LoggerFactory.getLogger(type), this);
  }

  void write(Level level, LogLine line) {
    if (writer == null || level == Level.ERROR) {
      line.write();
      return;
    }
    Map<String, String> ids = MDC.getCopyOfContextMap();
    writer.execute(() -> with(ids, line::write));
  }

  private static void with(@Nullable Map<String, String> ids, Runnable work) {
    Map<String, String> before = MDC.getCopyOfContextMap();
    set(ids);
    try {
      work.run();
    } finally {
      set(before);
    }
  }

  private static void set(@Nullable Map<String, String> ids) {
    if (ids == null) {
      MDC.clear();
    } else {
      MDC.setContextMap(ids);
    }
  }

  /**
   * Puts ids into the MDC of this thread until the scope is closed, which restores what was there. A correlation id that the application
   * has put there stays.
   *
   * @param effect the effect transaction; null for none, which leaves what is there
   * @param correlation what ties lines together unless the application has said so
   */
  public LogScope scope(@Nullable String effect, String correlation) {
    LogScope scope = new LogScope();
    if (settings.ids()) {
      if (effect != null) {
        scope.put(EFFECT_ID, settings.redactor().redactText(effect));
      }
      if (MDC.get(CORRELATION_ID) == null) {
        scope.put(CORRELATION_ID, correlation);
      }
    }
    return scope;
  }

  /** The same work with the MDC of this thread, whichever thread runs it; that thread's own is restored afterwards. */
  public Runnable carried(Runnable work) {
    if (!settings.ids()) {
      return work;
    }
    Map<String, String> ids = MDC.getCopyOfContextMap();
    return () -> with(ids, work);
  }

  /** Writes the lines that wait, for about five seconds at most; later lines are written by who logs them. Closing again does nothing. */
  @Override
  public void close() {
    if (writer == null) {
      return;
    }
    writer.shutdown();
    try {
      if (!writer.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        tellThatLinesWait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The backend is slow, or stuck, and most let one thread write at a time: who closes must not be stuck as well. */
  private void tellThatLinesWait() throws InterruptedException {
    Thread telling = new Thread(
        () -> of(Logs.class).error("Log lines still wait to be written after {}", CLOSE_PATIENCE),
        "holdfast-log-close");
    telling.setDaemon(true);
    telling.start();
    telling.join(TELL_PATIENCE.toMillis());
  }
}
