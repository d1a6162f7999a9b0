package dev.holdfast.integration.guarantees;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.Effects;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** An embedded server that can be killed with SIGKILL and started again on its data and its port. Confined to one thread. */
public final class TestingServer implements AutoCloseable {

  private final Path cluster;
  private final String synchronousCommit;
  private int port;
  private @Nullable EmbeddedPostgres running;

  /** A server that is not started yet, whose data are to be in a folder. */
  public TestingServer(Path folder, String synchronousCommit) {
    this.cluster = folder.resolve("cluster");
    this.synchronousCommit = synchronousCommit;
  }

  /** Starts it, or starts it again on the same port. */
  public void start() throws IOException {
    EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
        .setDataDirectory(cluster)
        .setCleanDataDirectory(false)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", synchronousCommit)
        // The default, spelled out: it is the window in which the control loses writes.
        .setServerConfig("wal_writer_delay", "200ms");
    running = port == 0 ? builder.start() : builder.setPort(port).start();
    if (port != 0 && server().getPort() != port) {
      throw new IllegalStateException("The server came back on another port");
    }
    port = server().getPort();
  }

  /** A Holdfast on it. */
  public Holdfast open(int connections) {
    return open(connections, UnaryOperator.identity());
  }

  Holdfast open(int connections, UnaryOperator<Effects.Builder> effects) {
    return Holdfast.builder()
        .jdbcUrl(server().getJdbcUrl("postgres", "postgres"), "postgres", "postgres")
        .maximumPoolSize(connections)
        .effects(effects)
        .build();
  }

  /** Its database, as the superuser {@code postgres} without a password. */
  public DataSource dataSource() {
    return server().getPostgresDatabase();
  }

  /** The JDBC URL of its database. */
  public String jdbcUrl() {
    return server().getJdbcUrl("postgres", "postgres");
  }

  private EmbeddedPostgres server() {
    if (running == null) {
      throw new IllegalStateException("The server was not started");
    }
    return running;
  }

  /** Ends all its processes at once. */
  public void kill() throws IOException {
    List<ProcessHandle> processes = processes();
    processes.forEach(ProcessHandle::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
    giveTheFolderBack();
  }

  /** The postmaster first, so that it restarts nobody, then all that it had started. */
  private List<ProcessHandle> processes() throws IOException {
    long pid = Long.parseLong(
        Files.readAllLines(cluster.resolve("postmaster.pid")).get(0).trim());
    ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
    List<ProcessHandle> all = new ArrayList<>();
    all.add(postmaster);
    postmaster.descendants().forEach(all::add);
    return all;
  }

  /** The stop command would wait for the process that its file names, and fails at once without; it must be, or the folder stays locked. */
  private void giveTheFolderBack() throws IOException {
    Files.deleteIfExists(cluster.resolve("postmaster.pid"));
    try {
      server().close();
    } catch (IOException | RuntimeException e) {
      running = null;
    }
  }

  @Override
  public void close() throws IOException {
    if (running != null) {
      running.close();
    }
  }
}
