package dev.holdfast.migrations;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.SqlFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.ValidateResult;
import org.jspecify.annotations.Nullable;

/**
 * Creates, upgrades and checks the tables of one schema. Safe for use by several threads and processes at once: a lock in the database
 * lets one migrate while the others wait. All methods block.
 *
 * <p>Errors: {@link SchemaVersionException} when the tables are not those of this library, otherwise {@link HoldfastException} with
 * {@link ErrorCode#CONFIGURATION}, {@link ErrorCode#UNREACHABLE} or {@link ErrorCode#PERMISSION}, each naming what is wrong. A failed migration is rolled back by
 * PostgreSQL and leaves the tables as they were.
 */
public final class Migrations {

  private static final String HISTORY_TABLE = "holdfast_schema_history";
  /** Those of the first release only: what a later migration adds is rightly missing before an upgrade. */
  private static final List<String> TABLES =
      List.of("state", "change", "history_cut", "feed_consumer", "dead_letter");
  /** The migration after which all of them are there. */
  private static final String FIRST_RELEASE = "005";

  /** Of a migration that this library has and the schema has not. */
  private static final Set<CoreErrorCode> MISSING = Set.of(
      CoreErrorCode.RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED,
      CoreErrorCode.RESOLVED_REPEATABLE_MIGRATION_NOT_APPLIED,
      CoreErrorCode.OUTDATED_REPEATABLE_MIGRATION);

  private static final String MIGRATE_IT =
      "; migrate it with Migrations.migrate(), or start with MigrationMode.MIGRATE";

  /**
   * Whether the schema can be made, or tables in it; the user; whether the schema is there; whether its name is a word that SQL takes for no
   * schema, or PL/pgSQL for the begin of a loop.
   */
  private static final String RIGHT_TO_CREATE = """
      SELECT CASE WHEN there.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
          ELSE has_schema_privilege(there.oid, 'CREATE') END, current_user, there.oid IS NOT NULL,
        EXISTS (SELECT FROM pg_get_keywords() AS k WHERE k.word = given.name AND k.catcode <> 'U')
          OR given.name = 'loop'
      FROM (VALUES (?)) AS given (name) LEFT JOIN pg_namespace AS there ON there.nspname = given.name""";

  private static final int OLDEST_SERVER = 14;

  private final DataSource dataSource;
  private final SchemaName schema;
  private final Flyway flyway;

  private Migrations(DataSource dataSource, SchemaName schema) {
    this.dataSource = dataSource;
    this.schema = schema;
    this.flyway = Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(dataSource)
        .defaultSchema(schema.value())
        .schemas(schema.value())
        .createSchemas(true)
        .table(HISTORY_TABLE)
        .locations("classpath:dev/holdfast/migrations/sql")
        .placeholders(Map.of("schema", schema.value()))
        .cleanDisabled(true)
        .validateMigrationNaming(true)
        .validateOnMigrate(true)
        .load();
  }

  /** The migrations of a schema, reached through a data source whose user may create objects in it. */
  public static Migrations of(DataSource dataSource, SchemaName schema) {
    return new Migrations(dataSource, schema);
  }

  /**
   * Creates the schema when it is missing and brings its tables up to this library's version.
   *
   * @return how many migrations were applied, 0 when the tables were up to date
   */
  public int migrate() {
    requireReachableServer(true);
    try {
      requireNotNewer();
      return flyway.migrate().migrationsExecuted;
    } catch (FlywayException e) {
      throw translate(e);
    }
  }

  /**
   * Checks that exactly the migrations of this library were applied, as the schema's history table has it, and changes nothing; needs only to
   * read that table. What somebody has done to the tables by hand is not looked at.
   */
  public void validate() {
    requireReachableServer(false);
    try {
      requireNotNewer();
      ValidateResult result = flyway.validateWithResult();
      if (!result.validationSuccessful) {
        throw notMatching(result);
      }
    } catch (FlywayException e) {
      throw translate(e);
    }
  }

  /** The version that the tables are at, as the schema's history table has it; empty when nothing was applied yet. Costs one query. */
  public Optional<String> version() {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT version FROM " + schema + "." + HISTORY_TABLE
                + " WHERE success AND version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1")) {
      return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "reading the version of the schema " + schema);
    }
  }

  /**
   * Creates the roles {@code holdfast_app}, {@code holdfast_auditor} and {@code holdfast_retention} unless they exist, and grants them their
   * rights on the schema. The first may write and read but neither change nor remove history; the second may read the views only; the third
   * may remove history and not write. All in one transaction; of several that do it at once, one does and the others wait.
   */
  public void grantRoles() {
    // PostgreSQL lets nobody wait for a grant on the same object: whoever comes second fails.
    String lock =
        "SELECT pg_advisory_xact_lock(hashtextextended('holdfast_roles " + schema + "', 0))";
    try (Connection connection = dataSource.getConnection()) {
      inTransaction(connection, () -> {
        try (Statement statement = connection.createStatement()) {
          statement.execute(lock);
          statement.execute(rolesSql(schema));
        }
      });
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "granting the roles of schema " + schema);
    }
  }

  /**
   * Leaves the connection as it came: not every pool looks after what is given back. Whatever its transactions are by default, this one writes, and
   * sees what those have done that it has waited for.
   */
  private static void inTransaction(Connection connection, Work work) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    boolean readOnly = connection.isReadOnly();
    connection.setReadOnly(false);
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
      work.run();
      connection.commit();
    } catch (Throwable e) {
      giveUp(connection, autoCommit, readOnly, e);
      throw e;
    }
    connection.setAutoCommit(autoCommit);
    connection.setReadOnly(readOnly);
  }

  private interface Work {

    void run() throws SQLException;
  }

  private static void giveUp(
      Connection connection, boolean autoCommit, boolean readOnly, Throwable cause) {
    try {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
      connection.setReadOnly(readOnly);
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** The SQL that {@link #grantRoles()} runs, for those who apply it by hand. */
  public static String rolesSql(SchemaName schema) {
    try (InputStream in = Migrations.class.getResourceAsStream("roles.sql")) {
      if (in == null) {
        throw new IllegalStateException("roles.sql is missing from the library's jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("${schema}", schema.value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Says what the views and their functions hide from those who ask, for all processes, from now on; nothing else is changed. Needs the owner
   * of the schema.
   *
   * @param patterns names whose values are hidden, by whole words, such as {@code api_key}; none for hiding nothing
   * @param placeholder what stands in the place of a value, not empty
   */
  public void setRedaction(List<String> patterns, String placeholder) {
    String sql = """
        UPDATE %1$s.redaction_policy AS p
        SET patterns = n.patterns, placeholder = ?, changed_at = now()
        FROM (%2$s) AS n
        WHERE (p.patterns, p.placeholder) IS DISTINCT FROM (n.patterns, ?)""".formatted(schema.value(), words());
    try (Connection connection = dataSource.getConnection()) {
      inTransaction(connection, () -> {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          statement.setString(1, placeholder);
          statement.setArray(2, connection.createArrayOf("text", patterns.toArray()));
          statement.setString(3, placeholder);
          statement.executeUpdate();
        }
      });
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "setting the redaction policy of schema " + schema);
    }
  }

  /** Those of some patterns that the views and their functions do not hide. */
  public List<String> unredacted(List<String> patterns) {
    String sql = "SELECT given.pattern FROM unnest(?) AS given (pattern) WHERE NOT EXISTS ("
        + "SELECT FROM %1$s.redaction_policy AS p WHERE array_to_string(%1$s.name_words(given.pattern), '') = ANY (p.patterns))"
            .formatted(schema.value());
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("text", patterns.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        List<String> shown = new ArrayList<>();
        while (rows.next()) {
          shown.add(rows.getString(1));
        }
        return shown;
      }
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "reading the redaction policy of schema " + schema);
    }
  }

  /** The words of patterns, as the policy has them. */
  private String words() {
    return ("SELECT coalesce(array_agg(DISTINCT w.word ORDER BY w.word), '{}') AS patterns FROM ("
            + "SELECT array_to_string(%1$s.name_words(given.pattern), '') AS word FROM unnest(?) AS given (pattern)"
            + ") AS w WHERE w.word <> ''")
        .formatted(schema.value());
  }

  private void requireReachableServer(boolean isToBeMigrated) {
    try (Connection connection = dataSource.getConnection()) {
      int version = connection.getMetaData().getDatabaseMajorVersion();
      if (version < OLDEST_SERVER) {
        throw new HoldfastException(
            ErrorCode.CONFIGURATION,
            "PostgreSQL " + version + " is too old, " + OLDEST_SERVER + " is the oldest that works",
            Map.of("serverVersion", version),
            null);
      }
      requireWhole(connection);
      if (isToBeMigrated) {
        requireRightToCreate(connection);
      }
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "checking the schema " + schema);
    }
  }

  /**
   * Asked first, because Flyway tries for ten seconds to make what it may not make, and leaves an empty schema behind when no table can be made
   * under its name.
   */
  private void requireRightToCreate(Connection connection) throws SQLException {
    if (hasTable(connection, HISTORY_TABLE)) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(RIGHT_TO_CREATE)) {
      statement.setString(1, schema.value());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return;
        }
        if (row.getBoolean(4)) {
          throw new HoldfastException(
              ErrorCode.CONFIGURATION,
              "The schema name \"" + schema
                  + "\" is a word that PostgreSQL keeps for itself; use another one",
              Map.of("schema", schema.value()),
              null);
        }
        if (!row.getBoolean(1)) {
          throw new HoldfastException(
              ErrorCode.PERMISSION,
              "The database user " + row.getString(2) + " may not create "
                  + (row.getBoolean(3) ? "tables in " : "") + "the schema " + schema,
              Map.of("schema", schema.value(), "user", row.getString(2)),
              null);
        }
      }
    }
  }

  /**
   * Tables without their history, or a history without its tables, come from a copy or a clean-up that stopped half-way. A first migration
   * that is under way, or was interrupted, looks like that too, and is to go on: it makes the history first, then each table, and the row for
   * the last of them at the end. Looking in the opposite order finds nothing missing that another process is just making.
   */
  private void requireWhole(Connection connection) throws SQLException {
    boolean complete = hasFirstRelease(connection);
    List<String> there = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String table : TABLES) {
      (hasTable(connection, table) ? there : missing).add(table);
    }
    if (there.isEmpty()) {
      return;
    }
    if (!hasTable(connection, HISTORY_TABLE)) {
      throw halfMigrated("it holds tables of Holdfast but not " + HISTORY_TABLE);
    }
    if (complete && !missing.isEmpty()) {
      throw halfMigrated("it lacks " + String.join(", ", missing));
    }
  }

  /** Whether all tables of the first release were made once. */
  private boolean hasFirstRelease(Connection connection) throws SQLException {
    if (!hasTable(connection, HISTORY_TABLE)) {
      return false;
    }
    try (PreparedStatement statement = connection.prepareStatement(
        "SELECT 1 FROM " + schema + "." + HISTORY_TABLE + " WHERE success AND version = ?")) {
      statement.setString(1, FIRST_RELEASE);
      try (ResultSet found = statement.executeQuery()) {
        return found.next();
      }
    }
  }

  private boolean hasTable(Connection connection, String table) throws SQLException {
    DatabaseMetaData metaData = connection.getMetaData();
    try (ResultSet found = metaData.getTables(
        null, literally(metaData, schema.value()), literally(metaData, table), new String[] {"TABLE"
        })) {
      return found.next();
    }
  }

  /** A name as a pattern that stands for nothing else: an underscore would stand for any character, and names are full of them. */
  private static String literally(DatabaseMetaData metaData, String name) throws SQLException {
    String escape = metaData.getSearchStringEscape();
    return name.replace(escape, escape + escape).replace("_", escape + "_");
  }

  private SchemaVersionException halfMigrated(String what) {
    return new SchemaVersionException(
        "Schema " + schema + " is half migrated: " + what
            + "; restore it from a backup, or use another schema",
        schema.value(),
        null);
  }

  private void requireNotNewer() {
    MigrationInfo current = flyway.info().current();
    if (current == null || current.getVersion() == null) {
      return;
    }
    if (current.getState().isResolved()) {
      return;
    }
    throw new SchemaVersionException(
        "Schema " + schema + " is at version " + current.getVersion()
            + ", newer than this library knows; upgrade the library",
        schema.value(),
        null);
  }

  private SchemaVersionException notMatching(ValidateResult result) {
    String why;
    if (flyway.info().applied().length == 0) {
      why = " was never migrated" + MIGRATE_IT;
    } else if (result.invalidMigrations.stream()
        .allMatch(invalid -> MISSING.contains(invalid.errorDetails.errorCode))) {
      why = " is older than this library" + MIGRATE_IT;
    } else {
      why = " does not match this library: " + result.getAllErrorMessages();
    }
    return new SchemaVersionException("Schema " + schema + why, schema.value(), null);
  }

  private HoldfastException translate(FlywayException failure) {
    SQLException sql = sqlCause(failure);
    if (sql != null && SqlFailure.of(sql) != SqlFailure.OTHER) {
      return SqlFailure.translate(sql, "migrating the schema " + schema);
    }
    boolean invalid = failure instanceof FlywayValidateException;
    String advice = invalid ? " does not match this library: " : " could not be migrated: ";
    return new SchemaVersionException(
        "Schema " + schema + advice + failure.getMessage(), schema.value(), failure);
  }

  private static @Nullable SQLException sqlCause(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }
}
