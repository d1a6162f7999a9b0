package dev.holdfast.integration.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.Holdfast;
import dev.holdfast.contract.ContractViolationException;
import dev.holdfast.contract.Contracts;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.event.Event;
import dev.holdfast.health.CheckReport;
import dev.holdfast.health.HealthStatus;
import dev.holdfast.store.State;
import dev.holdfast.store.cache.ReadMode;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

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
    Event event = Event.of("contracts.long", Json.json(value));
    Contracts contracts = Contracts.of(Map.of("security", Map.of("max_input_length", 1024)));
    try (Holdfast holdfast = builder().contracts(contracts).build()) {
      assertThatThrownBy(() -> holdfast.state("contracts", "long", String.class).set("a", value))
          .isInstanceOf(CodecException.class);
      assertThatThrownBy(() -> holdfast.events().publish(event))
          .isInstanceOf(HoldfastException.class);
    }
    try (Holdfast holdfast =
        builder().contracts(contracts).limits(JsonLimits.DEFAULT).build()) {
      assertThat(holdfast.state("contracts", "long", String.class).set("a", value))
          .isEqualTo(1);
      assertThat(holdfast.events().publish(event)).isZero();
    }
  }

  private static boolean isLoaded(Holdfast holdfast, String namespace, String name) {
    State<JsonNode> cached = holdfast.state(namespace, name).reading(ReadMode.CACHED);
    long hits = holdfast.readCacheMetrics().hits();
    assertThat(cached.get("a")).contains(Json.json(1));
    return holdfast.readCacheMetrics().hits() > hits;
  }

  /** Before anybody reads them, those of a namespace and the one named are in memory, and what is missing is said. */
  @Test
  void statesAreLoadedAtTheStart() {
    try (Holdfast writing = builder().build()) {
      for (String name : List.of("a", "b", "c")) {
        writing.state("warm", name).set("a", Json.json(1));
        writing.state("warm/2", name).set("a", Json.json(1));
        writing.state("cold", name).set("a", Json.json(1));
      }
    }
    Map<String, Object> caching = Map.of(
        "warm_up_enabled",
        true,
        "warm_up_batch_size",
        2,
        "warm_up_sources",
        List.of("warm/*", "cold/b", "cold/never"));
    Logger logger = (Logger) LoggerFactory.getLogger("dev.holdfast.WarmUp");
    List<String> lines = new CopyOnWriteArrayList<>();
    AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
      @Override
      protected void append(ILoggingEvent event) {
        lines.add(event.getFormattedMessage());
      }
    };
    appender.start();
    logger.addAppender(appender);
    logger.setLevel(Level.INFO);
    try (Holdfast holdfast =
        builder().contracts(Contracts.of(Map.of("caching", caching))).build()) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> lines.stream().anyMatch(line -> line.contains("Loaded 4 states")));
      assertThat(lines)
          .anyMatch(
              line -> line.contains("cold/never to be loaded at the start was never written"));
      assertThat(isLoaded(holdfast, "warm", "a")).isTrue();
      assertThat(isLoaded(holdfast, "warm", "c")).isTrue();
      assertThat(isLoaded(holdfast, "cold", "b")).isTrue();
      assertThat(isLoaded(holdfast, "cold", "a")).isFalse();
      assertThat(isLoaded(holdfast, "warm/2", "a")).isFalse();
    } finally {
      logger.setLevel(null);
      logger.detachAppender(appender);
    }
    try (Holdfast holdfast = builder().build()) {
      assertThat(isLoaded(holdfast, "warm", "a")).isFalse();
    }
  }

  @Test
  void fewHitsDegradeHealth() {
    assertThat(statusAfterReads(0.1)).contains(HealthStatus.HEALTHY);
    assertThat(statusAfterReads(1)).contains(HealthStatus.DEGRADED);
    try (Holdfast uncounted = open("caching", "metrics_enabled", false)) {
      assertThat(uncounted.health().check().check("read_cache")).isEmpty();
    }
    try (Holdfast uncached = open("caching", "caching_enabled", false)) {
      assertThat(uncached.health().check().check("read_cache")).isEmpty();
    }
  }

  /** 2,000 reads of one state, the first of which misses. */
  private Optional<HealthStatus> statusAfterReads(double threshold) {
    try (Holdfast holdfast = open("caching", "hit_ratio_threshold", threshold)) {
      State<JsonNode> cached = holdfast.state("hits", "one").reading(ReadMode.CACHED);
      for (int i = 0; i < 2_000; i++) {
        cached.get("a");
      }
      return holdfast.health().check().check("read_cache").map(CheckReport::status);
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
