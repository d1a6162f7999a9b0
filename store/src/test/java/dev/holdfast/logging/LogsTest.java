package dev.holdfast.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.json.Json;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class LogsTest {

  private static final String SECRET = "hunter2";

  private final TestingLog log = TestingLog.of(LogsTest.class);

  @AfterEach
  void close() {
    log.close();
    MDC.clear();
  }

  private static LogSettings settings(LogForm form, int buffer) {
    return new LogSettings(Level.INFO, form, true, true, buffer, Redactor.standard());
  }

  private ILoggingEvent only() {
    assertThat(log.events()).hasSize(1);
    return log.events().get(0);
  }

  private static String failure(ILoggingEvent event) {
    IThrowableProxy failure = event.getThrowableProxy();
    return failure == null ? "" : ThrowableProxyUtil.asString(failure);
  }

  private static HoldfastException nested() {
    SQLException row =
        new SQLException("ERROR: duplicate key\n  Detail: Key (name)=(" + SECRET + ") exists.");
    IllegalStateException cause = new IllegalStateException("token=" + SECRET, row);
    cause.addSuppressed(new IllegalArgumentException("my_password: " + SECRET));
    return new HoldfastException(
        ErrorCode.CODEC,
        "refused {\"secret\": \"" + SECRET + "\"}",
        Map.of("apiKey", SECRET, "state", "trips/42"),
        cause);
  }

  @Test
  void hidesSecretsInMessagesArgumentsAndFailuresWithAllTheirCauses() {
    new Logs(settings(LogForm.TEXT, 0))
        .of(LogsTest.class)
        .warn("Login of {} failed, password={}", "mia", SECRET, nested());
    assertThat(only().getFormattedMessage()).isEqualTo("Login of mia failed, password=[REDACTED]");
    assertThat(failure(only()))
        .doesNotContain(SECRET)
        .contains("HoldfastException: refused", "duplicate key", "token=[REDACTED]")
        .contains("code=CODEC", "state=trips/42", "my_password: [REDACTED]")
        .contains("LogsTest.nested(LogsTest.java");
  }

  @Test
  void showsThemWhenNothingIsHidden() {
    LogSettings open = new LogSettings(Level.INFO, LogForm.TEXT, false, true, 0, Redactor.none());
    new Logs(open).of(LogsTest.class).warn("password={}", SECRET, nested());
    assertThat(only().getFormattedMessage()).contains(SECRET);
    assertThat(failure(only())).contains("Key (name)=(" + SECRET + ")").doesNotContain("code=");
  }

  @Test
  void aFailureThatGoesRoundInACircleIsShownOnce() {
    IllegalStateException one = new IllegalStateException("one");
    IllegalStateException two = new IllegalStateException("two", one);
    one.addSuppressed(two);
    Logs.standard().of(LogsTest.class).error("circle", two);
    assertThat(failure(only())).contains("two", "one");
  }

  /** As code that knows no checked exceptions throws them. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E undeclared(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private static Stream<Throwable> unspeakable() {
    return Stream.of(
        new IllegalStateException("told") {
          @Override
          public StackTraceElement[] getStackTrace() {
            throw new NullPointerException("no stack");
          }
        },
        new IllegalStateException("told") {
          @Override
          @SuppressWarnings("NullAway") // On purpose.
          public StackTraceElement[] getStackTrace() {
            return null;
          }
        },
        new IllegalStateException("told") {
          @Override
          public StackTraceElement[] getStackTrace() {
            return new StackTraceElement[] {null, new StackTraceElement("Here", "it", "H.java", 1)};
          }
        },
        new IllegalStateException() {
          @Override
          public String getMessage() {
            throw LogsTest.<RuntimeException>undeclared(new IOException("no text"));
          }

          @Override
          public synchronized Throwable getCause() {
            throw LogsTest.<RuntimeException>undeclared(new IOException("no cause"));
          }

          @Override
          public StackTraceElement[] getStackTrace() {
            throw LogsTest.<RuntimeException>undeclared(new IOException("no stack"));
          }
        },
        new HoldfastException(
            ErrorCode.CODEC,
            "told",
            Map.of("fact", new Object() {
              @Override
              public String toString() {
                throw new NullPointerException("no fact");
              }
            }),
            null));
  }

  /** What a failure says of itself is code of the application. */
  @ParameterizedTest
  @MethodSource("unspeakable")
  void aFailureThatCannotBeToldAsAWholeIsLoggedAsFarAsItCan(Throwable unspeakable) {
    Logs.standard()
        .of(LogsTest.class)
        .error("It failed", new IllegalStateException("outer", unspeakable));
    assertThat(only().getFormattedMessage()).isEqualTo("It failed");
    assertThat(failure(only()))
        .containsAnyOf("told", "the message cannot be told: java.io.IOException");
  }

  @Test
  void whatIsThereOfAStackTraceWithGapsIsLogged() {
    Throwable gaps = unspeakable().toList().get(2);
    Logs.standard().of(LogsTest.class).error("It failed", gaps);
    assertThat(failure(only())).contains("Here.it(H.java:1)");
  }

  @Test
  void nothingBelowTheLevelIsLogged() {
    Log silent = new Logs(settings(LogForm.TEXT, 0)).of(LogsTest.class);
    silent.debug("one");
    assertThat(log.events()).isEmpty();
    silent.info("two");
    assertThat(only().getFormattedMessage()).isEqualTo("two");
  }

  @Test
  void jsonIsOneLineWithEverythingInIt() {
    Logs logs = new Logs(settings(LogForm.JSON, 0));
    LogScope scope = logs.scope("book-trip/42", "c-1");
    logs.of(LogsTest.class).warn("It \"failed\"", nested());
    scope.close();
    String line = only().getFormattedMessage();
    JsonNode json = Json.parse(line);
    assertThat(line).doesNotContain("\n", SECRET);
    assertThat(json.path("message").stringValue()).isEqualTo("It \"failed\"");
    assertThat(json.path("effect_id").stringValue()).isEqualTo("book-trip/42");
    assertThat(json.path("correlation_id").stringValue()).isEqualTo("c-1");
    assertThat(json.path("failure").stringValue()).contains("duplicate key");
    assertThat(only().getThrowableProxy()).isNull();
  }

  @Test
  void structuredLinesCarryIdsAsPairs() {
    Logs logs = new Logs(settings(LogForm.STRUCTURED, 0));
    LogScope scope = logs.scope("book-trip/42", "c-1");
    logs.of(LogsTest.class).warn("It failed");
    scope.close();
    assertThat(only().getFormattedMessage()).isEqualTo("It failed");
    assertThat(only().getKeyValuePairs().stream().map(Object::toString))
        .containsExactly("correlation_id=\"c-1\"", "effect_id=\"book-trip/42\"");
  }

  @Test
  void aScopeRestoresWhatWasThereAndKeepsTheIdOfTheApplication() {
    MDC.put(Logs.CORRELATION_ID, "request-7");
    MDC.put(Logs.EFFECT_ID, "outer/1");
    LogScope scope = Logs.standard().scope("inner/2", "c-1");
    assertThat(MDC.get(Logs.EFFECT_ID)).isEqualTo("inner/2");
    assertThat(MDC.get(Logs.CORRELATION_ID)).isEqualTo("request-7");
    scope.close();
    scope.close();
    assertThat(MDC.get(Logs.EFFECT_ID)).isEqualTo("outer/1");
    assertThat(MDC.get(Logs.CORRELATION_ID)).isEqualTo("request-7");
  }

  @Test
  void workIsCarriedToAnotherThreadAndLeavesNothingThere() throws InterruptedException {
    MDC.put("request", "7");
    List<String> seen = new ArrayList<>();
    Runnable carried = Logs.standard().carried(() -> seen.add(String.valueOf(MDC.get("request"))));
    MDC.put("request", "8");
    Thread other = new Thread(() -> {
      MDC.put("own", "1");
      carried.run();
      seen.add(MDC.get("request") + " " + MDC.get("own"));
    });
    other.start();
    other.join();
    assertThat(seen).containsExactly("7", "null 1");
  }

  @Test
  void withoutIdsNothingIsPutIntoTheMdc() {
    Logs logs =
        new Logs(new LogSettings(Level.INFO, LogForm.TEXT, true, false, 0, Redactor.standard()));
    LogScope scope = logs.scope("book-trip/42", "c-1");
    assertThat(MDC.get(Logs.EFFECT_ID)).isNull();
    assertThat(MDC.get(Logs.CORRELATION_ID)).isNull();
    scope.close();
  }

  /** Takes a line and does not come back until it is let go. */
  private static final class StuckBackend extends AppenderBase<ILoggingEvent> {

    private final CountDownLatch taken = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicReference<String> writer = new AtomicReference<>();

    StuckBackend() {
      start();
    }

    @Override
    protected void append(ILoggingEvent event) {
      writer.compareAndSet(null, Thread.currentThread().getName());
      taken.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void aStuckBackendHoldsUpNobodyUntilTheBufferIsFullAndNoLineIsLost() throws Exception {
    StuckBackend stuck = new StuckBackend();
    ch.qos.logback.classic.Logger logger =
        (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(LogsTest.class);
    logger.addAppender(stuck);
    Logs logs = new Logs(settings(LogForm.TEXT, 10));
    try {
      MDC.put("request", "7");
      Log behind = logs.of(LogsTest.class);
      behind.info("line 0");
      stuck.taken.await();
      for (int line = 1; line <= 10; line++) {
        behind.info("line {}", line);
      }
      Thread full = new Thread(() -> behind.info("line 11"));
      full.start();
      // It has given the line to a backend by itself, and the next one does not come back.
      await().until(() -> hasWritten("line 11"));
      assertThat(full.isAlive()).isTrue();
      stuck.open.countDown();
      full.join();
    } finally {
      stuck.open.countDown();
      logs.close();
      logger.detachAppender(stuck);
    }
    assertThat(stuck.writer.get()).isEqualTo("holdfast-log");
    assertThat(log.events()).hasSize(12);
    assertThat(log.events().stream()
            .filter(event -> "holdfast-log".equals(event.getThreadName()))
            .map(event -> event.getMDCPropertyMap().get("request")))
        .hasSize(11)
        .containsOnly("7");
  }

  /** As backends do, this one lets one thread write at a time. */
  @Test
  void whoClosesIsNotHeldUpByABackendThatStaysStuck() throws InterruptedException {
    StuckBackend stuck = new StuckBackend();
    ch.qos.logback.classic.Logger root =
        (ch.qos.logback.classic.Logger) LoggerFactory.getLogger("dev.holdfast.logging");
    TestingLog closing = TestingLog.of(Logs.class);
    ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(LogsTest.class)).setAdditive(true);
    ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logs.class)).setAdditive(true);
    root.addAppender(stuck);
    try {
      Logs logs = new Logs(settings(LogForm.TEXT, 10));
      logs.of(LogsTest.class).info("line 0");
      stuck.taken.await();
      Thread closer = new Thread(logs::close);
      closer.start();
      closer.join(30_000);
      assertThat(closer.isAlive()).isFalse();
      // Told by a thread of its own, which nobody waits for.
      await().until(() -> !closing.events().isEmpty());
      assertThat(closing.events())
          .singleElement()
          .satisfies(event -> assertThat(event.getFormattedMessage()).contains("still wait"));
    } finally {
      stuck.open.countDown();
      root.detachAppender(stuck);
      closing.close();
    }
  }

  private boolean hasWritten(String line) {
    return log.events().stream().anyMatch(event -> event.getFormattedMessage().contains(line));
  }

  @Test
  void errorsAreWrittenBeforeTheCallerGoesOn() {
    Logs logs = new Logs(settings(LogForm.TEXT, 10));
    logs.of(LogsTest.class).error("told");
    assertThat(only().getThreadName()).isEqualTo(Thread.currentThread().getName());
    logs.close();
    logs.of(LogsTest.class).info("after the end");
    assertThat(log.events()).hasSize(2);
  }
}
