package dev.holdfast.integration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.Holdfast;
import dev.holdfast.contract.ContractViolationException;
import dev.holdfast.contract.Contracts;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@HoldfastTest
class ContractUseTest {

  private final TestDatabase database;

  ContractUseTest(TestDatabase database) {
    this.database = database;
  }

  private Holdfast open(String section, String field, Object value) {
    return builder()
        .contracts(Contracts.of(Map.of(section, Map.of(field, value))))
        .build();
  }

  private Holdfast.Builder builder() {
    return Holdfast.builder().dataSource(database.dataSource());
  }

  private static String setting(Holdfast holdfast, String name) throws SQLException {
    return holdfast.<String, SQLException>transaction(tx -> {
      try (Statement statement = tx.connection().createStatement();
          ResultSet rows = statement.executeQuery("SHOW " + name)) {
        rows.next();
        return rows.getString(1);
      }
    });
  }

  @Test
  void transactionsCanBeSwitchedOff() {
    try (Holdfast holdfast = open("transaction", "transaction_enabled", false)) {
      assertThatThrownBy(() -> holdfast.transaction(Isolation.SERIALIZABLE, tx -> 1))
          .isInstanceOfSatisfying(
              HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
          .hasMessageContaining("transaction_enabled");
      assertThat(holdfast.state("contracts", "off").set("a", Json.json(1))).isEqualTo(1);
    }
  }

  @Test
  void theEndOfTransactionsIsLogged() {
    assertThat(loggedOf(true))
        .anyMatch(line -> line.contains("SERIALIZABLE is committed"))
        .anyMatch(line -> line.contains("READ_COMMITTED failed"));
    assertThat(loggedOf(false)).noneMatch(line -> line.contains("transaction at"));
  }

  private List<String> loggedOf(boolean logs) {
    Contracts contracts = Contracts.of(Map.of(
        "transaction", Map.of("enable_transaction_logging", logs),
        "logging", Map.of("log_level", "DEBUG", "log_format", "text")));
    Logger logger = (Logger) LoggerFactory.getLogger(Holdfast.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    try (Holdfast holdfast = builder().contracts(contracts).build()) {
      holdfast.transaction(Isolation.SERIALIZABLE, tx -> 1);
      assertThatThrownBy(() -> holdfast.transaction(Isolation.READ_COMMITTED, tx -> {
            throw new IllegalStateException("no");
          }))
          .hasMessage("no");
    } finally {
      logger.setLevel(null);
      logger.setAdditive(true);
      logger.detachAppender(lines);
    }
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void theIsolationLevelIsThatOfTheContract() throws SQLException {
    try (Holdfast holdfast = open("transaction", "isolation_level", "SERIALIZABLE")) {
      assertThat(setting(holdfast, "transaction_isolation")).isEqualTo("serializable");
    }
    try (Holdfast holdfast = builder().build()) {
      assertThat(setting(holdfast, "transaction_isolation")).isEqualTo("read committed");
    }
  }

  @Test
  void theTimeoutIsThatOfTheContract() {
    try (Holdfast holdfast = open("transaction", "transaction_timeout_ms", 1000)) {
      assertThatThrownBy(() ->
              holdfast.<Boolean, SQLException>transaction(Isolation.READ_COMMITTED, tx -> {
                try (Statement statement = tx.connection().createStatement()) {
                  return statement.execute("SELECT pg_sleep(20)");
                }
              }))
          .hasStackTraceContaining("timeout");
    }
  }

  @Test
  void theInputLengthBoundsValuesUnlessTheBuilderSaysOtherwise() {
    String value = "x".repeat(2_000);
    Contracts contracts = Contracts.of(Map.of("security", Map.of("max_input_length", 1024)));
    try (Holdfast holdfast = builder().contracts(contracts).build()) {
      assertThatThrownBy(() -> holdfast.state("contracts", "long", String.class).set("a", value))
          .isInstanceOf(CodecException.class);
    }
    try (Holdfast holdfast =
        builder().contracts(contracts).limits(JsonLimits.DEFAULT).build()) {
      assertThat(holdfast.state("contracts", "long", String.class).set("a", value))
          .isEqualTo(1);
    }
  }

  @Test
  void aWrongFileOpensNothing(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("holdfast.yaml"), "retry: {max_retry: 1}");
    Holdfast.Builder builder = builder();
    assertThatThrownBy(() -> builder.contracts(file))
        .isInstanceOf(ContractViolationException.class)
        .hasMessageContaining("holdfast.yaml:1:20 retry.max_retry is not known");
  }
}
