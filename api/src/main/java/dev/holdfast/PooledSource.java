package dev.holdfast;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.internal.FailureFacts;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.store.internal.Closing;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/** A pool of our own. */
final class PooledSource implements Source {

  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);
  private static final int MOST_CAUSES = 100;
  /** The driver reads no other ones, and logs them as a whole, with the password. */
  private static final Pattern SHAPE =
      Pattern.compile("jdbc:postgresql:(//([^/?@]*/[^/?]*)?|[^/?][^?]*)?(\\?.*)?", Pattern.DOTALL);

  private final HikariDataSource pool;
  private final DataSource unpooled;

  private PooledSource(HikariDataSource pool, DataSource unpooled) {
    this.pool = pool;
    this.unpooled = unpooled;
  }

  static PooledSource open(JdbcAddress address, int size) {
    if (!address.url().startsWith("jdbc:postgresql:")) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "\"" + address + "\" is not a URL of PostgreSQL; it begins with jdbc:postgresql:",
          Map.of("url", address.toString()),
          null);
    }
    DataSource unpooled = unpooled(address);
    try {
      return new PooledSource(new HikariDataSource(config(address, size)), unpooled);
    } catch (PoolInitializationException e) {
      throw unreachable(address, e);
    }
  }

  /**
   * What the URL says by itself. The pool and the driver's data source would refuse one that cannot be read with an exception that shows all
   * of it. The driver logs what it takes for a port when there is a user before the host, and all of a URL that has another shape.
   */
  private static Properties parametersOf(JdbcAddress address) {
    Properties parameters =
        SHAPE.matcher(address.url()).matches() ? Driver.parseURL(address.url(), null) : null;
    if (parameters == null) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "\"" + address
              + "\" cannot be read; it is jdbc:postgresql://host:port/database, then ? and parameters,"
              + " with user and password apart from it",
          Map.of("url", address.toString()),
          null);
    }
    return parameters;
  }

  private static HikariConfig config(JdbcAddress address, int size) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("holdfast");
    config.setJdbcUrl(address.url());
    config.setUsername(address.user());
    config.setPassword(address.password());
    config.setMaximumPoolSize(size);
    config.setConnectionTimeout(CONNECT_PATIENCE.toMillis());
    config.setKeepaliveTime(Duration.ofSeconds(60).toMillis());
    config.setDataSourceProperties(driverProperties());
    return config;
  }

  /** The driver's data source would keep what it was told before its URL, and overwrite with what it is told after. */
  static DataSource unpooled(JdbcAddress address) {
    Properties parameters = parametersOf(address);
    Properties ours = driverProperties();
    // It migrates and listens, and both may wait for the server for long.
    ours.remove("socketTimeout");
    if (address.user() != null) {
      ours.setProperty("user", address.user());
    }
    if (address.password() != null) {
      ours.setProperty("password", address.password());
    }
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(address.url());
    try {
      for (String name : ours.stringPropertyNames()) {
        if (parameters.getProperty(name) == null) {
          dataSource.setProperty(name, ours.getProperty(name));
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the driver does not know a setting of ours", e);
    }
    return dataSource;
  }

  /** The driver waits for ever on a dead connection, connects to a standby and shows values in errors unless told otherwise. */
  private static Properties driverProperties() {
    Properties properties = new Properties();
    properties.setProperty("ApplicationName", "holdfast");
    properties.setProperty("connectTimeout", "5");
    // The socket's timeout is meant for statements; a server that accepts and never answers has to
    // fail sooner.
    properties.setProperty("loginTimeout", "5");
    properties.setProperty("socketTimeout", "60");
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("targetServerType", "primary");
    properties.setProperty("logServerErrorDetail", "false");
    return properties;
  }

  private static HoldfastException unreachable(
      JdbcAddress address, PoolInitializationException failure) {
    String doing = "connecting to " + address;
    for (Throwable cause : FailureFacts.chain(failure, MOST_CAUSES)) {
      if (cause instanceof SQLException sql) {
        return SqlFailure.translate(sql, doing);
      }
    }
    return new HoldfastException(
        ErrorCode.UNREACHABLE, "The database cannot be reached while " + doing, Map.of(), failure);
  }

  @Override
  public DataSource dataSource() {
    return pool;
  }

  @Override
  public DataSource migrationDataSource() {
    return unpooled;
  }

  @Override
  public Optional<PoolUse> pool() {
    HikariPoolMXBean use = pool.getHikariPoolMXBean();
    return use == null
        ? Optional.empty()
        : Optional.of(new PoolUse(
            use.getActiveConnections(),
            use.getIdleConnections(),
            use.getThreadsAwaitingConnection(),
            pool.getMaximumPoolSize()));
  }

  @Override
  public DataSource watchDataSource() {
    return unpooled;
  }

  @Override
  public void close() {
    Closing.uninterrupted(pool::close);
  }
}
