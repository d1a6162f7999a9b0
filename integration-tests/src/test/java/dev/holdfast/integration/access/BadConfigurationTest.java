package dev.holdfast.integration.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import dev.holdfast.testkit.TestEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is wrong at the start is said at once, once and by name, and never with the password. */
@HoldfastTest
@Tag("G12")
final class BadConfigurationTest {

  private static final String SECRET = "hunter2-never-shown";

  private final TestDatabase database;

  BadConfigurationTest(TestDatabase database) {
    this.database = database;
  }

  private Holdfast.Builder at(String url) {
    return Holdfast.builder().jdbcUrl(url, database.user(), SECRET);
  }

  private static Holdfast.Builder in(TestDatabase other) {
    return Holdfast.builder().jdbcUrl(other.jdbcUrl(), other.user(), other.password());
  }

  @Test
  void aHostThatDoesNotExist() {
    Refused.opening(
            () -> at("jdbc:postgresql://no-such-host.invalid:5432/holdfast").build())
        .with(ErrorCode.UNREACHABLE)
        .naming("no-such-host.invalid")
        .neverSaying(SECRET);
  }

  @Test
  void aPortThatNobodyListensOn() throws IOException {
    int port;
    try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = unused.getLocalPort();
    }
    Refused.opening(
            () -> at("jdbc:postgresql://127.0.0.1:" + port + "/holdfast").build())
        .with(ErrorCode.UNREACHABLE)
        .naming("127.0.0.1:" + port)
        .neverSaying(SECRET);
  }

  @Test
  void aServerThatNeverAnswers() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      Refused.opening(() -> at("jdbc:postgresql://" + address + "/holdfast").build())
          .with(ErrorCode.UNREACHABLE)
          .naming(address)
          .neverSaying(SECRET);
    }
  }

  @Test
  void aDatabaseThatDoesNotExist() {
    String url = database.jdbcUrl().replace(database.name(), "no_such_database");
    Refused.opening(() -> Holdfast.builder()
            .jdbcUrl(url, database.user(), database.password())
            .build())
        .with(ErrorCode.UNREACHABLE)
        .naming("no_such_database");
  }

  @Test
  void aUserThatDoesNotExist() {
    Refused.opening(() -> Holdfast.builder()
            .jdbcUrl(database.jdbcUrl(), "no_such_user", SECRET)
            .build())
        .with(ErrorCode.UNREACHABLE)
        .naming("no_such_user")
        .neverSaying(SECRET);
  }

  /** The embedded server lets everybody in, so it is told to ask this user for a password. */
  @Test
  void aWrongPassword() {
    assumeThat(database.engine()).isNotEqualTo(TestEngine.EXTERNAL);
    database.execute("CREATE ROLE holdfast_locked LOGIN PASSWORD 'the right one'");
    try {
      askForPassword("holdfast_locked");
      Refused.opening(() -> Holdfast.builder()
              .jdbcUrl(database.jdbcUrl(), "holdfast_locked", SECRET)
              .build())
          .with(ErrorCode.UNREACHABLE)
          .naming("holdfast_locked")
          .neverSaying(SECRET);
    } finally {
      database.execute("DROP ROLE holdfast_locked");
    }
  }

  private void askForPassword(String user) {
    String file = database.queryStrings("SHOW hba_file").get(0);
    // COPY empties the file before it reads, hence the table between.
    database.execute("""
        CREATE TEMPORARY TABLE hba AS
        SELECT 'host all %1$s all scram-sha-256' || E'\\n' || translate(pg_read_file('%2$s'), E'\\t\\\\', '  ') AS text;
        COPY (SELECT regexp_split_to_table(text, E'\\n') FROM hba) TO '%2$s';
        SELECT pg_reload_conf()""".formatted(user, file));
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !letsIn(user));
  }

  private boolean letsIn(String user) {
    try (Connection connection =
        DriverManager.getConnection(database.jdbcUrl(), user, "certainly wrong")) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"jdbc:mysql://localhost/holdfast", "localhost:5432", "postgres://localhost/x", ""})
  void anAddressThatIsNotOneOfPostgresql(String url) {
    Refused.opening(() -> at(url).build())
        .with(ErrorCode.CONFIGURATION)
        .naming("jdbc:postgresql:")
        .neverSaying(SECRET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:mysql://localhost/holdfast?password=" + SECRET,
        "jdbc:postgresql://no-such-host.invalid/holdfast?user=u&password=" + SECRET,
        "postgres://user:" + SECRET + "@localhost/holdfast"
      })
  void aPasswordInTheAddress(String url) {
    Refused.opening(() -> at(url).build()).neverSaying(SECRET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://localhost:54x32/holdfast?user=u&password=" + SECRET,
        "jdbc:postgresql://localhost:99999/holdfast?password=" + SECRET,
        "jdbc:postgresql://localhost/holdfast?options=%zz&password=" + SECRET,
        "jdbc:postgresql://u:" + SECRET + "@localhost/holdfast",
        "jdbc:postgresql://u:" + SECRET + "@" + SECRET + "@localhost:5432/holdfast"
      })
  void anAddressThatTheDriverCannotRead(String url) {
    Refused.opening(() -> at(url).build())
        .with(ErrorCode.CONFIGURATION)
        .naming("localhost", "jdbc:postgresql://host:port/database")
        .neverSaying(SECRET);
  }

  @Test
  void aUserWhoMayNotCreateTables() {
    TestDatabase fresh = database.freshDatabase();
    fresh.execute("DROP ROLE IF EXISTS holdfast_poor; CREATE ROLE holdfast_poor LOGIN PASSWORD '"
        + SECRET + "'");
    try {
      Refused.opening(() -> Holdfast.builder()
              .jdbcUrl(fresh.jdbcUrl(), "holdfast_poor", SECRET)
              .build())
          .with(ErrorCode.PERMISSION)
          .naming("holdfast_poor may not create the schema holdfast")
          .neverSaying(SECRET);
      fresh.execute("CREATE SCHEMA holdfast; GRANT USAGE ON SCHEMA holdfast TO holdfast_poor");
      Refused.opening(() -> Holdfast.builder()
              .jdbcUrl(fresh.jdbcUrl(), "holdfast_poor", SECRET)
              .build())
          .with(ErrorCode.PERMISSION)
          .naming("holdfast_poor may not create tables in the schema holdfast")
          .neverSaying(SECRET);
    } finally {
      fresh.execute("DROP SCHEMA IF EXISTS holdfast; DROP ROLE holdfast_poor");
    }
  }

  @Test
  void tablesThatWereNeverMade() {
    TestDatabase fresh = database.freshDatabase();
    Refused.opening(() -> in(fresh).migrations(MigrationMode.VALIDATE).build())
        .with(ErrorCode.SCHEMA)
        .naming("Schema holdfast was never migrated", "MigrationMode.MIGRATE");
    assertThat(fresh.queryLong("SELECT count(*) FROM pg_namespace WHERE nspname = 'holdfast'"))
        .isZero();

    fresh.execute("CREATE SCHEMA holdfast");
    Refused.opening(() -> in(fresh).migrations(MigrationMode.VALIDATE).build())
        .with(ErrorCode.SCHEMA)
        .naming("Schema holdfast was never migrated", "MigrationMode.MIGRATE");
  }

  @Test
  void tablesOfAnOlderLibrary() {
    TestDatabase fresh = migrated();
    fresh.execute("DELETE FROM holdfast.holdfast_schema_history"
        + " WHERE version = (SELECT max(version) FROM holdfast.holdfast_schema_history)");
    fresh.execute("UPDATE holdfast.holdfast_schema_history SET checksum = 1 WHERE version IS NULL");
    Refused.opening(() -> in(fresh).migrations(MigrationMode.VALIDATE).build())
        .with(ErrorCode.SCHEMA)
        .naming("Schema holdfast is older than this library", "MigrationMode.MIGRATE");
  }

  @Test
  void aMigrationThatWasChangedByHand() {
    TestDatabase fresh = migrated();
    fresh.execute("UPDATE holdfast.holdfast_schema_history SET checksum = 1 WHERE version = '002'");
    Refused.opening(() -> in(fresh).migrations(MigrationMode.VALIDATE).build())
        .with(ErrorCode.SCHEMA)
        .naming("Schema holdfast does not match this library", "002");
  }

  @Test
  void tablesThatWereNeverMadeAndNobodyLookedFor() {
    try (Holdfast holdfast =
        in(database.freshDatabase()).migrations(MigrationMode.OFF).build()) {
      assertThatThrownBy(() -> holdfast.state("a", "b").set("k", null))
          .isInstanceOfSatisfying(
              HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA))
          .hasMessageContaining("a/b");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
  void tablesOfANewerLibrary(MigrationMode mode) {
    TestDatabase fresh = migrated();
    fresh.execute("""
        INSERT INTO holdfast.holdfast_schema_history
          (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
        VALUES (1000, '999', 'from the future', 'SQL', 'V999__from_the_future.sql', 1, 'test', 1, true)""");
    Refused.opening(() -> in(fresh).migrations(mode).build())
        .with(ErrorCode.SCHEMA)
        .naming("holdfast", "999", "newer");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
  void aMissingTable(MigrationMode mode) {
    TestDatabase fresh = migrated();
    fresh.execute("DROP TABLE holdfast.change CASCADE");
    Refused.opening(() -> in(fresh).migrations(mode).build())
        .with(ErrorCode.SCHEMA)
        .naming("holdfast", "change");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
  void tablesWithoutTheirHistory(MigrationMode mode) {
    TestDatabase fresh = migrated();
    fresh.execute("DROP TABLE holdfast.holdfast_schema_history");
    Refused.opening(() -> in(fresh).migrations(mode).build())
        .with(ErrorCode.SCHEMA)
        .naming("holdfast", "holdfast_schema_history");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
  void aMissingTableOfHistoryCuts(MigrationMode mode) {
    TestDatabase fresh = migrated();
    fresh.execute("DROP TABLE holdfast.history_cut CASCADE");
    Refused.opening(() -> in(fresh).migrations(mode).build())
        .with(ErrorCode.SCHEMA)
        .naming("holdfast", "history_cut");
  }

  private TestDatabase migrated() {
    TestDatabase fresh = database.freshDatabase();
    in(fresh).build().close();
    return fresh;
  }

  @Test
  void aDriverThatPutsValuesIntoTheStatements() {
    String url = database.jdbcUrl() + (database.jdbcUrl().contains("?") ? "&" : "?");
    Refused.opening(() -> Holdfast.builder()
            .jdbcUrl(url + "preferQueryMode=simple", database.user(), database.password())
            .build())
        .with(ErrorCode.CONFIGURATION)
        .naming("preferQueryMode");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1001})
  void aPoolOfNoSensibleSize(int size) {
    Refused.opening(() -> in(database).maximumPoolSize(size).build())
        .with(ErrorCode.CONFIGURATION)
        .naming("maximumPoolSize", String.valueOf(size));
  }

  @Test
  void startsWithAPoolOfOneConnection() {
    try (Holdfast holdfast = in(database).maximumPoolSize(1).build()) {
      assertThat(holdfast.state("pool", "of-one").set("k", null)).isEqualTo(1);
    }
  }

  @Test
  void twoSources() {
    Refused.opening(() -> in(database).dataSource(database.dataSource()).build())
        .with(ErrorCode.CONFIGURATION)
        .naming("dataSource", "jdbcUrl", "embedded", "2");
  }

  @Test
  void noSource() {
    Refused.opening(() -> Holdfast.builder().build())
        .with(ErrorCode.CONFIGURATION)
        .naming("dataSource", "jdbcUrl", "embedded", "0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "x; DROP TABLE y", "pg_mine"})
  void aSchemaNameThatIsNone(String name) {
    Refused.opening(() -> in(database).schema(name).build()).with(ErrorCode.CONFIGURATION);
  }

  @Test
  void aFolderThatIsInUse(@TempDir Path folder) {
    try (Holdfast first = Holdfast.builder().embedded(folder).build()) {
      assertThat(first.state("a", "b").set("k", null)).isEqualTo(1);
      Refused.opening(() -> Holdfast.builder().embedded(folder).build())
          .with(ErrorCode.CONFIGURATION)
          .naming(folder.toString(), "in use");
    }
  }

  @Test
  void aFolderThatIsAFile(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("a-file"));
    Refused.opening(() -> Holdfast.builder().embedded(file).build())
        .with(ErrorCode.CONFIGURATION)
        .naming(file.toString());
  }
}
