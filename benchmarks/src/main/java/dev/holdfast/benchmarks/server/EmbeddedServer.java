package dev.holdfast.benchmarks.server;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A PostgreSQL of our own in an empty folder, durable, and with checkpoints only where a benchmark asks for one. */
final class EmbeddedServer implements AutoCloseable {

  private final EmbeddedPostgres server;

  private EmbeddedServer(EmbeddedPostgres server) {
    this.server = server;
  }

  /**
   * Removes what an earlier run left in the folder and starts a server there.
   *
   * @throws IllegalStateException when the server of an earlier run still runs
   */
  static EmbeddedServer start(Path folder) {
    try {
      requireStopped(folder.resolve("postmaster.pid"));
      remove(folder);
      return new EmbeddedServer(EmbeddedPostgres.builder()
          .setDataDirectory(folder)
          .setCleanDataDirectory(true)
          .setServerConfig("fsync", "on")
          .setServerConfig("synchronous_commit", "on")
          .setServerConfig("full_page_writes", "on")
          .setServerConfig("max_connections", "400")
          .setServerConfig("checkpoint_timeout", "1h")
          .setServerConfig("max_wal_size", "4GB")
          .start());
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded PostgreSQL in " + folder + " did not start", e);
    }
  }

  private static void requireStopped(Path pidFile) throws IOException {
    if (!Files.exists(pidFile)) {
      return;
    }
    long pid = Long.parseLong(Files.readAllLines(pidFile).get(0).trim());
    boolean runs = ProcessHandle.of(pid)
        .flatMap(process -> process.info().command())
        .map(command -> command.contains("postgres"))
        .orElse(false);
    if (runs) {
      throw new IllegalStateException("A server of another run, process " + pid + ", works in "
          + pidFile.getParent() + ": wait for it, or stop it with kill " + pid);
    }
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
  }

  String url() {
    return server.getJdbcUrl("postgres", "postgres");
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The embedded PostgreSQL did not stop", e);
    }
  }
}
