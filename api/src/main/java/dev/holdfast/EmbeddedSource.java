package dev.holdfast;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.internal.Closing;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/** A PostgreSQL started by ourselves, with a pool to it. */
final class EmbeddedSource implements Source {

  /** As pg_ctl has for a server. */
  private static final Duration START_PATIENCE = Duration.ofMinutes(1);

  /**
   * After a crash the server first does again what its log has, a gigabyte and more. If it was given up before the end, so would the next one
   * be, which begins anew, and the folder would never open.
   */
  private static final Duration RECOVERY_PATIENCE = Duration.ofMinutes(10);

  private final DataFolder folder;
  private final EmbeddedPostgres server;
  private final PooledSource pool;

  private EmbeddedSource(DataFolder folder, EmbeddedPostgres server, PooledSource pool) {
    this.folder = folder;
    this.server = server;
    this.pool = pool;
  }

  static EmbeddedSource open(Path path, int poolSize) {
    DataFolder folder = DataFolder.lock(path);
    try {
      folder.stopOrphan();
      folder.requireFree();
      EmbeddedPostgres server =
          start(folder, folder.isShutDown() ? START_PATIENCE : RECOVERY_PATIENCE);
      return new EmbeddedSource(folder, server, pool(server, path, poolSize));
    } catch (IOException | IllegalStateException e) {
      // A program of the server that fails is no failure of input or output to the dependency.
      HoldfastException failure = failure(path, String.valueOf(e.getMessage()), e);
      Closing.after(failure, List.of(folder::close));
      throw failure;
    } catch (RuntimeException | Error e) {
      // An optional dependency that is missing is an error.
      Closing.after(e, List.of(folder::close));
      throw e;
    }
  }

  /** The embedded server switches durability off unless told otherwise. One that takes longer than it may is stopped. */
  static EmbeddedPostgres start(DataFolder folder, Duration patience) throws IOException {
    try {
      return EmbeddedPostgres.builder()
          .setDataDirectory(folder.cluster())
          .setCleanDataDirectory(false)
          .setServerConfig("fsync", "on")
          .setServerConfig("synchronous_commit", "on")
          .setServerConfig("max_connections", "200")
          .setPGStartupWait(patience)
          .start();
    } catch (IOException e) {
      folder.stopAfter(e);
      throw e;
    }
  }

  private static PooledSource pool(EmbeddedPostgres server, Path path, int poolSize) {
    try {
      return PooledSource.open(
          new JdbcAddress(server.getJdbcUrl("postgres", "postgres"), "postgres", "postgres"),
          poolSize);
    } catch (RuntimeException | Error e) {
      Closing.after(e, List.of(() -> stop(server, path)));
      throw e;
    }
  }

  private static void stop(EmbeddedPostgres server, Path path) {
    try {
      server.close();
    } catch (IOException e) {
      throw failure(path, "stopping failed", e);
    }
  }

  private static HoldfastException failure(Path path, String what, Throwable cause) {
    return new HoldfastException(
        ErrorCode.CONFIGURATION,
        "The embedded PostgreSQL in " + path + " could not be started: " + what,
        Map.of("folder", path.toString()),
        cause);
  }

  @Override
  public DataSource dataSource() {
    return pool.dataSource();
  }

  @Override
  public DataSource migrationDataSource() {
    return pool.migrationDataSource();
  }

  @Override
  public Optional<PoolUse> pool() {
    return pool.pool();
  }

  @Override
  public DataSource watchDataSource() {
    return pool.watchDataSource();
  }

  @Override
  public void close() {
    Closing.uninterrupted(() ->
        Closing.all(List.of(pool::close, () -> stop(server, folder.path()), folder::close)));
  }
}
