package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.migrations.Migrations;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@HoldfastTest
final class TestDatabaseTest {

  private final TestDatabase database;

  TestDatabaseTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void isTheSameInConstructorAndMethod(TestDatabase parameter) {
    assertThat(parameter).isSameAs(database);
  }

  @Test
  void isMigrated() {
    Migrations.of(database.dataSource(), database.schema()).validate();
  }

  @Test
  void isReachedWithUrlUserAndPassword() throws SQLException {
    assertThat(database.jdbcUrl()).doesNotContain("user=", "password=");
    try (Connection connection =
        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password())) {
      assertThat(connection.getCatalog()).isEqualTo(database.name());
    }
  }

  @Test
  void namesTheServer() {
    assertThat(database.serverVersion())
        .isEqualTo(database.queryStrings("SHOW server_version").get(0).replaceFirst(" .*", ""))
        .matches("\\d+\\.\\d+.*");
  }

  @Test
  void writesThroughToDiskAsInProduction() {
    assertThat(setting("fsync")).isEqualTo("on");
    assertThat(setting("synchronous_commit")).isEqualTo("on");
    assertThat(setting("full_page_writes")).isEqualTo("on");
  }

  @Test
  void hasATimeZoneWithAnOddOffset() {
    // A session of this driver takes the zone of the JVM, so ask what others get.
    assertThat(database.queryStrings("""
            SELECT unnest(s.setconfig)
            FROM pg_db_role_setting AS s
            JOIN pg_database AS d ON d.oid = s.setdatabase
            WHERE d.datname = current_database() AND s.setrole = 0
            """)).containsExactly("TimeZone=America/St_Johns");
    assertThat(setting("TimeZone")).isEqualTo("Asia/Kolkata");
  }

  @Test
  void hidesStoredValuesFromErrorMessages() {
    assertThatThrownBy(() -> database.execute("""
            CREATE TABLE secret (value text PRIMARY KEY);
            INSERT INTO secret VALUES ('hunter2'), ('hunter2')
            """))
        .isInstanceOf(HoldfastException.class)
        .hasCauseInstanceOf(SQLException.class)
        .rootCause()
        .hasMessageContaining("secret_pkey")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void joinsColumnsAndShowsNulls() {
    assertThat(database.queryStrings("VALUES (1, 'a'), (2, NULL)"))
        .containsExactly("1|a", "2|null");
  }

  @Test
  void refusesALongThatIsNoSingleRow() {
    assertThatThrownBy(() -> database.queryLong("VALUES (1), (2)"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("found 2");
  }

  @Test
  void measuresTheWriteAheadLog() {
    database.execute("CREATE TABLE bulk (value text)");

    long little = database.walBytesDuring(() -> database.queryLong("SELECT 1"));
    long much = database.walBytesDuring(() -> database.execute(
        "INSERT INTO bulk SELECT repeat('x', 1000) FROM generate_series(1, 1000)"));

    assertThat(much).isGreaterThan(1_000_000).isGreaterThan(little);
  }

  @Test
  void passesOnWhatTheMeasuredWorkThrows() {
    SQLException failure = new SQLException("planted");

    assertThatThrownBy(() -> database.<SQLException>walBytesDuring(() -> {
          throw failure;
        }))
        .isSameAs(failure);
  }

  @Test
  void makesFreshDatabasesWithoutTables() {
    TestDatabase fresh = database.freshDatabase();

    assertThat(fresh.name()).isNotEqualTo(database.name());
    assertThat(fresh.queryStrings("SELECT to_regclass('holdfast.state')")).containsExactly("null");
    assertThat(Migrations.of(fresh.dataSource(), fresh.schema()).migrate()).isPositive();
  }

  private String setting(String name) {
    return database.queryStrings("SHOW " + name).get(0);
  }

  @Nested
  final class InANestedClass {

    @Test
    void isThatOfTheOuterClass(TestDatabase parameter) {
      assertThat(parameter).isSameAs(database);
    }
  }
}
