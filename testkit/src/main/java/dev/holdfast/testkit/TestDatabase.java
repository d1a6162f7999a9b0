package dev.holdfast.testkit;

import dev.holdfast.migrations.SchemaName;
import java.util.List;
import javax.sql.DataSource;

/**
 * A PostgreSQL database of one test class, dropped when the class ends. Obtained as a parameter, see {@link HoldfastTest}.
 *
 * <p>Immutable and safe for use by several threads; its methods that run SQL open a connection each time, commit at once, block, and
 * throw {@link dev.holdfast.error.HoldfastException} with the {@link java.sql.SQLException} as its cause.
 */
public final class TestDatabase {

  private final ClassDatabases owner;
  private final String name;
  private final DatabaseAddress address;
  private final DatabaseAddress libraryAddress;
  private final DataSource dataSource;

  TestDatabase(
      ClassDatabases owner, String name, DatabaseAddress address, DatabaseAddress libraryAddress) {
    this.owner = owner;
    this.name = name;
    this.address = address;
    this.libraryAddress = libraryAddress;
    this.dataSource = address.dataSource();
  }

  /** The name of the database, unique on its server. */
  public String name() {
    return name;
  }

  /** The JDBC URL, without user and password. */
  public String jdbcUrl() {
    return address.url();
  }

  /** The user to connect as; a superuser unless the server is {@link TestEngine#EXTERNAL}. */
  public String user() {
    return address.user();
  }

  /** The password of the {@link #user()}, empty when it has none. */
  public String password() {
    return address.password();
  }

  /**
   * The user for the library under test to connect as: the {@link #user()}, or with {@code -Dholdfast.test.role=app} a member of the role
   * {@code holdfast_app}, which can write and read but neither change nor remove history.
   */
  public String libraryUser() {
    return libraryAddress.user();
  }

  /** The password of the {@link #libraryUser()}, empty when it has none. */
  public String libraryPassword() {
    return libraryAddress.password();
  }

  /**
   * A data source without a pool: each connection is new. A connection attempt gives up after 10 seconds, a wait for the server's answer
   * after 5 minutes. The same object is returned each time, so do not change its settings.
   */
  public DataSource dataSource() {
    return dataSource;
  }

  /** The schema in which the tables of Holdfast are, or would be in a {@linkplain #freshDatabase() fresh database}. */
  public SchemaName schema() {
    return SchemaName.DEFAULT;
  }

  /** Where the server runs. */
  public TestEngine engine() {
    return owner.engine();
  }

  /** The version of the server, as in {@code 18.6}. */
  public String serverVersion() {
    return owner.serverVersion();
  }

  /** Runs one or more statements and ignores their results. */
  public void execute(String sql) {
    Sql.execute(dataSource, sql);
  }

  /**
   * Runs a query that yields one whole number.
   *
   * @throws IllegalStateException when it does not yield exactly one row
   * @throws NumberFormatException when the row is anything but one whole number
   */
  public long queryLong(String sql) {
    return Long.parseLong(Sql.row(dataSource, sql));
  }

  /**
   * Runs a query and returns its rows as text, in order. Several columns are joined by {@code |}, a null is the word {@code null}.
   */
  public List<String> queryStrings(String sql) {
    return Sql.rows(dataSource, sql);
  }

  /** Creates another database, without any tables, on the same server; it is dropped when the test class ends. */
  public TestDatabase freshDatabase() {
    return owner.fresh();
  }

  /**
   * How many bytes the server added to its write-ahead log while some work ran. The log belongs to the whole server: what other sessions
   * write at the same time is counted too. When the work throws, so does this method.
   *
   * @param <X> what the work may throw
   */
  public <X extends Exception> long walBytesDuring(Work<X> work) throws X {
    String before = Sql.row(dataSource, "SELECT pg_current_wal_insert_lsn()");
    work.run();
    return Long.parseLong(Sql.row(
        dataSource, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), ?::pg_lsn)", before));
  }

  @Override
  public String toString() {
    return jdbcUrl();
  }

  /**
   * Something to measure.
   *
   * @param <X> what it may throw
   */
  @FunctionalInterface
  public interface Work<X extends Exception> {

    /** Does the work. */
    void run() throws X;
  }
}
