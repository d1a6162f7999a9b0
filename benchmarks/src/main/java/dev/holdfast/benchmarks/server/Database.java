package dev.holdfast.benchmarks.server;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * The database under measurement: a pool, schemas for the suites, and the server when it is our own. Confined to one thread, except for the
 * data source and {@link #sql()}.
 */
public final class Database implements AutoCloseable {

  private static final int CONNECTIONS = 96;

  private final Address address;
  private final boolean isOurs;
  private final Runnable stop;
  private final HikariDataSource pool;
  private final Sql sql;
  private final List<SchemaName> schemas = new ArrayList<>();

  private Database(Address address, boolean isOurs, Runnable stop) {
    this.address = address;
    this.pool = new HikariDataSource(config(address, CONNECTIONS));
    this.isOurs = isOurs;
    this.sql = new Sql(pool);
    this.stop = stop;
  }

  /** A durable server of our own in a folder that is emptied first and removed at the end. */
  public static Database embedded(Path folder) {
    EmbeddedServer server = EmbeddedServer.start(folder);
    try {
      return open(new Address(server.url(), "postgres", "postgres"), true, server::close);
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** A server that runs already. The user must be allowed to create schemas and to checkpoint. */
  public static Database external(String url, String user, String password) {
    return open(new Address(url, user, password), false, () -> {});
  }

  private static Database open(Address address, boolean isOurs, Runnable stop) {
    try {
      return new Database(address, isOurs, stop);
    } catch (PoolInitializationException e) {
      throw new IllegalStateException("The database cannot be reached: " + e.getMessage(), e);
    }
  }

  private static HikariConfig config(Address address, int connections) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("benchmarks");
    config.setJdbcUrl(address.url);
    config.setUsername(address.user);
    config.setPassword(address.password);
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
    return config;
  }

  /**
   * A pool of its own for a contender, with all its connections open already. Its round trips are counted; the caller closes it.
   *
   * @param connections how many
   */
  public HikariDataSource newPool(int connections) {
    HikariConfig config = config(address, connections);
    config.setPoolName("contender");
    config.setMinimumIdle(connections);
    config.addDataSourceProperty("socketFactory", CountingSocketFactory.class.getName());
    config.setConnectionTimeout(Duration.ofSeconds(60).toMillis());
    HikariDataSource contender = new HikariDataSource(config);
    open(contender, connections);
    return contender;
  }

  /** Borrows all connections at once, because a pool opens them one after the other in the background. */
  private static void open(HikariDataSource contender, int connections) {
    List<Connection> borrowed = new ArrayList<>();
    try {
      for (int i = 0; i < connections; i++) {
        borrowed.add(contender.getConnection());
      }
      for (Connection connection : borrowed) {
        connection.close();
      }
    } catch (SQLException e) {
      contender.close();
      throw SqlFailure.translate(e, "opening a pool of " + connections + " connections");
    }
  }

  /** The pool, large enough for 64 threads. */
  public DataSource dataSource() {
    return pool;
  }

  /** For other processes that are to use it. */
  public Address address() {
    return address;
  }

  /** Plain SQL through the pool. */
  public Sql sql() {
    return sql;
  }

  /** What the server says about itself now. */
  public ServerFacts facts() {
    return ServerFacts.read(sql);
  }

  /** A new schema with the tables of Holdfast, dropped when the database is closed. */
  public SchemaName newSchema() {
    SchemaName schema = newEmptySchema();
    Migrations.of(pool, schema).migrate();
    return schema;
  }

  /** The name of a schema that is not there yet, for who makes tables of his own; dropped when the database is closed. */
  public SchemaName newEmptySchema() {
    String random = UUID.randomUUID().toString().substring(0, 8);
    SchemaName schema = new SchemaName("holdfast_benchmark_" + random);
    schemas.add(schema);
    return schema;
  }

  /**
   * Runs work that measures what the whole server does, without the server working for itself meanwhile: an embedded one does not vacuum.
   * A server that is not ours goes on as it does.
   */
  public void quietly(Runnable work) {
    if (!isOurs) {
      work.run();
      return;
    }
    configure("ALTER SYSTEM SET autovacuum = off");
    try {
      work.run();
    } finally {
      configure("ALTER SYSTEM RESET autovacuum");
    }
  }

  private void configure(String change) {
    sql.execute(change);
    sql.execute("SELECT pg_reload_conf()");
  }

  @Override
  public void close() {
    try {
      schemas.forEach(
          schema -> sql.execute("DROP SCHEMA IF EXISTS " + schema.value() + " CASCADE"));
    } finally {
      pool.close();
      stop.run();
    }
  }

  /** Where it is and who is to connect. Immutable. */
  public record Address(String url, String user, String password) {}
}
