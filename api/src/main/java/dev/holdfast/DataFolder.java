package dev.holdfast;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The folder of an embedded server, held by one process at a time. A process that is killed leaves its server running: the next one that
 * gets the lock knows that nobody is left who uses it, and stops it before starting its own.
 */
final class DataFolder implements AutoCloseable {

  private static final Log LOG = Logs.standard().of(DataFolder.class);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

  private final Path path;
  private final FileChannel channel;

  private DataFolder(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** Makes the folder when it is missing and takes its lock. */
  static DataFolder lock(Path path) {
    try {
      Files.createDirectories(path);
      FileChannel channel = FileChannel.open(
          path.resolve("holdfast.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(channel)) {
        channel.close();
        throw inUse(path);
      }
      return new DataFolder(path, channel);
    } catch (IOException e) {
      throw new HoldfastException(
          ErrorCode.CONFIGURATION,
          "The data folder " + path + " cannot be used: " + e,
          Map.of("folder", path.toString()),
          e);
    }
  }

  /** The lock lives as long as the channel. */
  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static HoldfastException inUse(Path path) {
    return new HoldfastException(
        ErrorCode.CONFIGURATION,
        "The data folder " + path
            + " is in use by another process, or by another Holdfast of this one",
        Map.of("folder", path.toString()),
        null);
  }

  Path path() {
    return path;
  }

  Path cluster() {
    return path.resolve("postgresql");
  }

  /** Stops the server that a killed process left behind. */
  void stopOrphan() throws IOException {
    Optional<ProcessHandle> orphan = orphan();
    if (orphan.isPresent()) {
      LOG.warn("Stopping the server in {} that an earlier process left running", path);
      stop(orphan.get());
    }
  }

  private Optional<ProcessHandle> orphan() throws IOException {
    Path file = cluster().resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    long pid = Long.parseLong(Files.readAllLines(file).get(0).trim());
    return ProcessHandle.of(pid).filter(DataFolder::isPostgres);
  }

  /** A process number can have been given to another program since. */
  private static boolean isPostgres(ProcessHandle process) {
    return process.info().command().map(command -> command.contains("postgres")).orElse(false);
  }

  private static void stop(ProcessHandle server) throws IOException {
    server.destroy();
    try {
      server.onExit().get(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the earlier server was stopping", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the earlier server, process " + server.pid() + ", does not stop", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
