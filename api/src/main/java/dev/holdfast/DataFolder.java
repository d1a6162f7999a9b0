package dev.holdfast;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
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

  /** Of the file that a server writes, counted from 0: the second at which it started. */
  private static final int LINE_OF_START = 2;

  private static final int STATE_OFFSET = 16;
  private static final int SHUT_DOWN = 1;

  /** In seconds. The system's time of a start is a little before the server's own. */
  private static final long START_TOLERANCE = 2;

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
      boolean locked = false;
      try {
        locked = isLocked(channel);
      } finally {
        if (!locked) {
          channel.close();
        }
      }
      if (!locked) {
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

  /**
   * Whether a server that starts here has nothing to do again: the one before was shut down in good order, or there was none. Its control file says
   * so, which has how it stands behind 16 bytes of numbers, in the order of the machine's bytes (DB_SHUTDOWNED in PostgreSQL's pg_control.h).
   */
  boolean isShutDown() throws IOException {
    Path control = cluster().resolve("global").resolve("pg_control");
    if (Files.notExists(control)) {
      return true;
    }
    try (InputStream in = Files.newInputStream(control)) {
      byte[] head = in.readNBytes(STATE_OFFSET + Integer.BYTES);
      return head.length == STATE_OFFSET + Integer.BYTES
          && ByteBuffer.wrap(head).order(ByteOrder.nativeOrder()).getInt(STATE_OFFSET) == SHUT_DOWN;
    }
  }

  /** Stops the server that a killed process left behind. */
  void stopOrphan() throws IOException {
    Optional<ProcessHandle> orphan = orphan();
    if (orphan.isPresent()) {
      LOG.warn("Stopping the server in {} that an earlier process left running", path);
      stop(orphan.get());
    }
  }

  /** Stops a server that did not start in time, or it would run on with nobody to use it. */
  void stopAfter(IOException failure) {
    try {
      Optional<ProcessHandle> late = orphan();
      if (late.isPresent()) {
        stop(late.get());
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Refuses a folder whose server is said to be a process that runs and is not known to be it. A server takes any process of its own user for
   * another server, and does not start; and whatever stops a server by its file would stop that process.
   *
   * @throws IOException naming the process, and what to do
   */
  void requireFree() throws IOException {
    Optional<String> user = ProcessHandle.current().info().user();
    Optional<ProcessHandle> other = named(pidLines())
        .filter(process -> !process.equals(ProcessHandle.current()))
        .filter(process -> user.isPresent() && process.info().user().equals(user));
    if (other.isPresent()) {
      throw new IOException(pidFile() + " names process " + other.get().pid()
          + ", which runs but is not known to be the server of this folder; stop it if it is,"
          + " and delete the file if it is not");
    }
  }

  private Optional<ProcessHandle> orphan() throws IOException {
    List<String> lines = pidLines();
    return named(lines).filter(process -> isServer(process.info(), number(lines, LINE_OF_START)));
  }

  /** The process that runs under the number in the file. */
  private static Optional<ProcessHandle> named(List<String> lines) {
    long pid = number(lines, 0);
    return pid <= 0 ? Optional.empty() : ProcessHandle.of(pid);
  }

  private Path pidFile() {
    return cluster().resolve("postmaster.pid");
  }

  private List<String> pidLines() throws IOException {
    return Files.exists(pidFile()) ? Files.readAllLines(pidFile()) : List.of();
  }

  /** A number in a file that the server wrote; -1 when there is none, as when its process died while it wrote. */
  private static long number(List<String> lines, int line) {
    try {
      return line < lines.size() ? Long.parseLong(lines.get(line).trim()) : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /**
   * Whether a process is the server of this folder. Its number can have been given to another program since, also to the server of another
   * folder, or to a session of that. A server says its folder in its command line, a session does not; where the system does not tell command
   * lines, and where the folder is a relative one, the time of the start has to be that of the file.
   */
  private boolean isServer(ProcessHandle.Info process, long startedAt) {
    if (!process.command().map(command -> command.contains("postgres")).orElse(false)) {
      return false;
    }
    boolean inTime = process
        .startInstant()
        .map(started -> Math.abs(started.getEpochSecond() - startedAt) <= START_TOLERANCE)
        .orElse(false);
    return process
        .arguments()
        .map(arguments -> servesThis(List.of(arguments), inTime))
        .orElse(inTime);
  }

  private boolean servesThis(List<String> arguments, boolean inTime) {
    int option = arguments.indexOf("-D");
    if (option < 0 || option + 1 == arguments.size()) {
      return false;
    }
    try {
      Path served = Path.of(arguments.get(option + 1));
      return served.isAbsolute()
          ? Files.isSameFile(served, cluster())
          : inTime && cluster().toAbsolutePath().normalize().endsWith(served.normalize());
    } catch (IOException | InvalidPathException e) {
      return false; // It is not there, so it is not this one.
    }
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
