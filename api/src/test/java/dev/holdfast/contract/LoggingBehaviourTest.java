package dev.holdfast.contract;

import static dev.holdfast.contract.TestingContracts.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.LogScope;
import dev.holdfast.logging.Logs;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.json.Json;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** What the fields of the logging contract make of a log line; that of redaction is with those of the security contract. */
class LoggingBehaviourTest {

  /** Closing waits a few seconds for lines that are written behind the caller; so many are waited for before, and there may be no more. */
  private static List<ILoggingEvent> logged(LoggingContract contract, int expected) {
    CountDownLatch written = new CountDownLatch(expected);
    Logger logger = (Logger) LoggerFactory.getLogger(LoggingBehaviourTest.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>() {
      @Override
      protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing(); // thread and MDC are those of now
        super.append(event);
        written.countDown();
      }
    };
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
    logger.setLevel(ch.qos.logback.classic.Level.TRACE);
    try (Logs logs = new Logs(contract.settings("[HIDDEN]"))) {
      LogScope scope = logs.scope("book-trip/42", "c-1");
      HoldfastException failure =
          new HoldfastException(ErrorCode.CONFLICT, "it moved", Map.of("expected", 7), null);
      logs.of(LoggingBehaviourTest.class).debug("one");
      logs.of(LoggingBehaviourTest.class).info("two");
      logs.of(LoggingBehaviourTest.class).error("three, token={}", "abc", failure);
      scope.close();
      assertThat(written.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(null);
      logger.setAdditive(true);
    }
    return List.copyOf(lines.list);
  }

  private static ILoggingEvent error(LoggingContract contract) {
    return logged(contract, 2).stream()
        .filter(line -> line.getLevel().levelStr.equals("ERROR"))
        .findFirst()
        .orElseThrow();
  }

  private static ILoggingEvent info(LoggingContract contract) {
    return logged(contract, 2).stream()
        .filter(line -> line.getLevel().levelStr.equals("INFO"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void withoutContractsTheSameIsHidden() {
    SecurityContract security = Contract.defaults(SecurityContract.class);
    assertThat(security.sensitiveFieldPatterns()).isEqualTo(Redactor.STANDARD_PATTERNS);
    assertThat(security.redactionPlaceholder()).isEqualTo(Redactor.STANDARD_PLACEHOLDER);
    assertThat(Contract.defaults(LoggingContract.class).sensitiveFieldPatterns())
        .isEqualTo(Redactor.STANDARD_PATTERNS);
  }

  @Test
  @Drives("logging.log_level")
  void nothingBelowTheLevelIsLogged() {
    assertThat(logged(with(LoggingContract.class, "log_level", "DEBUG"), 3)).hasSize(3);
    assertThat(logged(Contract.defaults(LoggingContract.class), 2)).hasSize(2);
    assertThat(logged(with(LoggingContract.class, "log_level", "WARNING"), 1)).hasSize(1);
    assertThat(logged(with(LoggingContract.class, "log_level", "ERROR"), 1)).hasSize(1);
    assertThatThrownBy(() -> TestingContracts.contracts("logging", "log_level", "CRITICAL"))
        .isInstanceOf(ContractViolationException.class)
        .hasMessageContaining("a rollback failure is logged at ERROR");
  }

  @Test
  @Drives("logging.log_format")
  void theFormatIsThatOfMessages() {
    String json = error(Contract.defaults(LoggingContract.class)).getFormattedMessage();
    assertThat(Json.parse(json).path("effect_id").stringValue()).isEqualTo("book-trip/42");
    assertThat(error(with(LoggingContract.class, "log_format", "text")).getFormattedMessage())
        .isEqualTo("three, token=[HIDDEN]");
    assertThat(error(with(LoggingContract.class, "log_format", "structured")).getKeyValuePairs())
        .hasSize(2);
  }

  @Test
  @Drives("logging.enable_context_logging")
  void failuresCarryTheirContext() {
    Map<String, Object> text = Map.of("log_format", "text");
    ILoggingEvent with = error(Contract.of(LoggingContract.class, text));
    assertThat(ThrowableProxyUtil.asString(with.getThrowableProxy())).contains("expected=7");
    ILoggingEvent without = error(Contract.of(
        LoggingContract.class, Map.of("log_format", "text", "enable_context_logging", false)));
    assertThat(ThrowableProxyUtil.asString(without.getThrowableProxy()))
        .contains("it moved")
        .doesNotContain("expected");
  }

  @Test
  @Drives("logging.enable_correlation_tracking")
  void idsAreInTheMdc() {
    assertThat(error(Contract.defaults(LoggingContract.class)).getMDCPropertyMap())
        .containsEntry("effect_id", "book-trip/42")
        .containsEntry("correlation_id", "c-1");
    assertThat(error(with(LoggingContract.class, "enable_correlation_tracking", false))
            .getMDCPropertyMap())
        .isEmpty();
    assertThat(MDC.get("effect_id")).isNull();
  }

  /** What the buffer does is in LogsTest. */
  @Test
  @Drives({"logging.enable_async_logging", "logging.log_buffer_size"})
  void linesBelowErrorAreWrittenBehindTheCaller() {
    String here = Thread.currentThread().getName();
    LoggingContract behind = Contract.defaults(LoggingContract.class);
    assertThat(info(behind).getThreadName()).isNotEqualTo(here);
    assertThat(error(behind).getThreadName()).isEqualTo(here);
    assertThat(info(with(LoggingContract.class, "enable_async_logging", false)).getThreadName())
        .isEqualTo(here);
    assertThat(with(LoggingContract.class, "log_buffer_size", 17).settings("x").buffer())
        .isEqualTo(17);
  }
}
