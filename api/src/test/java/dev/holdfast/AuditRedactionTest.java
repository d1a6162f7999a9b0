package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.contract.Contracts;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.Test;

@HoldfastTest
class AuditRedactionTest {

  private final TestDatabase database;

  AuditRedactionTest(TestDatabase database) {
    this.database = database;
  }

  /** Such pools roll back what nobody has committed. */
  @Test
  void thePolicyIsSetThroughAPoolThatDoesNotCommitByItself() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.jdbcUrl());
    config.setUsername(database.user());
    config.setPassword(database.password());
    config.setMaximumPoolSize(4);
    config.setAutoCommit(false);
    Contracts contracts =
        Contracts.of(Map.of("security", Map.of("redaction_placeholder", "[HIDDEN]")));
    try (HikariDataSource pool = new HikariDataSource(config);
        Holdfast opened =
            Holdfast.builder().dataSource(pool).contracts(contracts).build()) {
      assertThat(opened.contracts()).isEqualTo(contracts);
    }
    assertThat(database.queryStrings("SELECT placeholder FROM holdfast.redaction_policy"))
        .containsExactly("[HIDDEN]");
  }
}
