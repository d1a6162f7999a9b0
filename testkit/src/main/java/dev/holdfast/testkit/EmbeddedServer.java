package dev.holdfast.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** A PostgreSQL server as a process of this machine. */
final class EmbeddedServer {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private EmbeddedServer() {}

  static PostgresServer start() {
    EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder().setPGStartupWait(START_LIMIT);
    // Without these it would run with fsync and synchronous_commit off.
    PostgresServer.durableConfig().forEach(builder::setServerConfig);
    try {
      EmbeddedPostgres server = builder.start();
      DatabaseAddress address = new DatabaseAddress(
          "jdbc:postgresql://localhost:" + server.getPort() + "/postgres", "postgres", "postgres");
      return new PostgresServer(address, () -> stop(server));
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded PostgreSQL did not start", e);
    }
  }

  private static void stop(EmbeddedPostgres server) {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded PostgreSQL did not stop", e);
    }
  }
}
