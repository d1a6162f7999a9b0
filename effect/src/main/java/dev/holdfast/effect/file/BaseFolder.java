package dev.holdfast.effect.file;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.internal.TextRules;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that operations do not leave, and its lock. Safe for use by multiple threads and processes.
 *
 * @param root without links
 */
record BaseFolder(Path root) {

  /** Where plans, copies and the lock are. */
  static final String OWN = ".holdfast";

  private static final String LOCK = "lock";

  /**
   * Who of this process may have the lock file of a folder open. POSIX takes all locks of a process on a file away when it closes any of its
   * descriptors, so there must never be two at a time.
   */
  private static final ConcurrentMap<Path, Semaphore> INSIDE = new ConcurrentHashMap<>();

  private static final int MAX_PATH = 4096;
  private static final long PAUSE_MILLIS = 5;

  /** Refuses what is not a plain relative path; looks at no file. */
  Path requirePath(String path) {
    TextRules.requireText("path of the file", path, MAX_PATH);
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw refused(path, "must be relative to the base folder, without empty parts, . and ..");
      }
    }
    if (path.equals(OWN) || path.startsWith(OWN + "/")) {
      throw refused(path, "is where the copies are");
    }
    Path relative;
    try {
      relative = root.getFileSystem().getPath(path);
    } catch (InvalidPathException e) {
      throw refused(path, "is not a path: " + e.getReason());
    }
    if (relative.isAbsolute() || relative.getRoot() != null) {
      throw refused(path, "must be relative to the base folder");
    }
    return relative;
  }

  /** The place of a file: its folder is there and no link leads to it, and it is an ordinary file or absent. */
  Path resolve(String path) throws IOException {
    Path file = root.resolve(requirePath(path));
    Path folder = file.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw refused(path, "has no folder that is there");
    }
    if (!folder.toRealPath().equals(folder)) {
      throw refused(path, "is reached by a link, which may lead out of the base folder");
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(path, "is not an ordinary file");
    }
    return file;
  }

  static HoldfastException refused(String path, String why) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT,
        "File \"" + TextRules.shown(path, 200) + "\" " + why,
        Map.of("path", path),
        null);
  }

  /** Where an operation keeps its plan and copies. */
  Path operation(String idempotencyKey) {
    return root.resolve(OWN).resolve(idempotencyKey.replace('/', '_'));
  }

  /** The folders of all operations. */
  List<Path> operations() throws IOException {
    Path own = root.resolve(OWN);
    if (!Files.isDirectory(own)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(own)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    }
  }

  /**
   * Waits until nobody else works on files of this folder, in this process or another. What a process holds that dies is free again.
   *
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  Hold hold() throws IOException, InterruptedException {
    Semaphore inside = INSIDE.computeIfAbsent(root, folder -> new Semaphore(1, true));
    inside.acquire();
    try {
      FileChannel channel = open();
      try {
        return new Hold(inside, channel, lock(channel));
      } catch (Throwable e) {
        channel.close();
        throw e;
      }
    } catch (Throwable e) {
      inside.release();
      throw e;
    }
  }

  private FileChannel open() throws IOException {
    Path own = Files.createDirectories(root.resolve(OWN));
    return FileChannel.open(own.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static FileLock lock(FileChannel channel) throws IOException, InterruptedException {
    while (true) {
      FileLock lock = tryLock(channel);
      if (lock != null) {
        return lock;
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // A copy of this class in another class loader has it.
    }
  }

  /** The lock, while it is held. To be closed once. */
  record Hold(Semaphore inside, FileChannel channel, FileLock lock) implements AutoCloseable {

    /** Refuses to go on without the lock. */
    void require() {
      if (!lock.isValid()) {
        throw new IllegalStateException("The lock of the base folder was lost");
      }
    }

    @Override
    public void close() throws IOException {
      try {
        channel.close(); // Which gives up the lock.
      } finally {
        inside.release();
      }
    }
  }
}
