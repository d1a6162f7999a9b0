package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.contract.Contracts;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@HoldfastTest
class AuditRedactionTest {

  private final TestDatabase database;

  AuditRedactionTest(TestDatabase database) {
    this.database = database;
  }

  private HikariConfig config() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.jdbcUrl());
    config.setUsername(database.user());
    config.setPassword(database.password());
    config.setMaximumPoolSize(4);
    return config;
  }

  /** Such pools roll back what nobody has committed, and their transactions may be read-only. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void thePolicyIsSetThroughAPoolThatDoesNotCommitByItself(boolean readOnly) {
    HikariConfig config = config();
    config.setAutoCommit(false);
    config.setReadOnly(readOnly);
    Contracts contracts = Contracts.of(
        Map.of("security", Map.of("redaction_placeholder", "[HIDDEN " + readOnly + "]")));
    try (HikariDataSource pool = new HikariDataSource(config);
        Holdfast opened =
            Holdfast.builder().dataSource(pool).contracts(contracts).build()) {
      assertThat(opened.contracts()).isEqualTo(contracts);
    }
    assertThat(database.queryStrings("SELECT placeholder FROM holdfast.redaction_policy"))
        .containsExactly("[HIDDEN " + readOnly + "]");
  }

  /** Processes of a new release start together, and one that waits for another one's policy must not fail when that is written. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRANSACTION_READ_COMMITTED",
        "TRANSACTION_REPEATABLE_READ",
        "TRANSACTION_SERIALIZABLE"
      })
  void whoeverStartsAtTheSameTimeSetsThePolicyAfterTheOther(String isolation) throws Exception {
    HikariConfig config = config();
    config.setTransactionIsolation(isolation);
    Contracts contracts =
        Contracts.of(Map.of("security", Map.of("redaction_placeholder", isolation)));
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection other = database.dataSource().getConnection();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("UPDATE holdfast.redaction_policy SET placeholder = 'of the other'");
      FutureTask<Holdfast> opening = new FutureTask<>(
          () -> Holdfast.builder().dataSource(pool).contracts(contracts).build());
      new Thread(opening).start();
      await().atMost(Duration.ofSeconds(60)).until(() -> opening.isDone() || isWaitedFor());
      other.commit();
      try (Holdfast opened = opening.get()) {
        assertThat(opened.contracts()).isEqualTo(contracts);
      }
    }
    assertThat(database.queryStrings("SELECT placeholder FROM holdfast.redaction_policy"))
        .containsExactly(isolation);
  }

  private boolean isWaitedFor() {
    return database.queryLong("""
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%redaction_policy%'""") > 0;
  }
}
