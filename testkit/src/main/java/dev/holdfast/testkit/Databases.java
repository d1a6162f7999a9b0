package dev.holdfast.testkit;

import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Creates and drops databases on one server. Their names begin with a prefix of this run, so that several runs can share the server.
 * Safe for use by several threads.
 */
final class Databases {

  // PostgreSQL cuts names at 63 bytes.
  private static final int MAX_LENGTH = 63;
  private static final String SESSIONS = """
      SELECT format('process %s of application "%s", %s since %s, last statement: %s',
        pid, application_name, state, state_change, left(query, 120))
      FROM pg_stat_activity
      WHERE datname = ? AND backend_type = 'client backend'
      ORDER BY pid
      """;

  private final DatabaseAddress address;
  private final DataSource admin;
  private final String prefix = "holdfast_" + UUID.randomUUID().toString().substring(0, 8);
  private final String template = prefix + "_template";
  private final String libraryUser = prefix + "_app";
  private final String libraryPassword = UUID.randomUUID().toString();
  private final boolean restrictsLibrary;
  private final Duration sessionEndLimit;
  private final AtomicInteger count = new AtomicInteger();

  private Databases(DatabaseAddress address, Settings settings) {
    this.address = address;
    this.restrictsLibrary = settings.isLibraryRestricted();
    this.sessionEndLimit = settings.sessionEndLimit();
    this.admin = address.dataSource();
  }

  /**
   * The databases of a server, on which a migrated template is created for them, and a member of {@code holdfast_app} when the library is to
   * connect as one.
   */
  static Databases on(DatabaseAddress address, Settings settings) {
    Databases databases = new Databases(address, settings);
    try {
      databases.createTemplate();
      return databases;
    } catch (RuntimeException e) {
      databases.dropAll();
      throw e;
    }
  }

  /** The version of the server, as in {@code 18.6}. */
  String serverVersion() {
    return Sql.row(admin, "SELECT split_part(current_setting('server_version'), ' ', 1)");
  }

  DatabaseAddress address(String name) {
    return address.withDatabase(name);
  }

  /** The same for the library under test. */
  DatabaseAddress libraryAddress(String name) {
    DatabaseAddress owner = address(name);
    return restrictsLibrary
        ? new DatabaseAddress(owner.url(), libraryUser, libraryPassword)
        : owner;
  }

  /** Creates a database with up-to-date tables and no rows. */
  String createMigrated(String label) {
    return create(nextName(label), " TEMPLATE " + template);
  }

  /** Creates a database without any tables. */
  String createEmpty(String label) {
    return create(nextName(label), "");
  }

  /** Drops a database, whoever is connected to it. */
  void drop(String name) {
    Sql.execute(admin, "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
  }

  /** Drops the template, and the role that was created for the library. */
  void dropAll() {
    drop(template);
    if (restrictsLibrary) {
      Sql.execute(admin, "DROP ROLE IF EXISTS " + libraryUser);
    }
  }

  /** The sessions of a database that do not end in the time they have for it. */
  List<String> remainingSessions(String name) {
    return Poll.untilEmpty(sessionEndLimit, () -> Sql.rows(admin, SESSIONS, name));
  }

  private void createTemplate() {
    create(template, "");
    Migrations migrations = Migrations.of(address(template).dataSource(), SchemaName.DEFAULT);
    migrations.migrate();
    if (restrictsLibrary) {
      migrations.grantRoles();
      Sql.execute(
          admin,
          "CREATE ROLE " + libraryUser + " LOGIN PASSWORD '" + libraryPassword
              + "' IN ROLE holdfast_app");
    }
    // A template can be copied only while nobody is connected to it.
    Sql.execute(admin, "ALTER DATABASE " + template + " WITH ALLOW_CONNECTIONS false");
  }

  private String create(String name, String options) {
    Sql.execute(admin, "CREATE DATABASE " + name + options);
    // Not part of what a copy takes from its template; and an external server has a time zone of
    // its own.
    Sql.execute(
        admin, "ALTER DATABASE " + name + " SET timezone TO '" + PostgresServer.TIME_ZONE + "'");
    return name;
  }

  private String nextName(String label) {
    String words = label.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    String name = prefix + "_" + count.incrementAndGet() + "_" + words;
    return name.substring(0, Math.min(name.length(), MAX_LENGTH));
  }
}
