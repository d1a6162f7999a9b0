package dev.holdfast.effect.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files whose content is on the disk for sure. */
final class Disk {

  private static final boolean POSIX =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

  /** What is needed to force a file. A read-only one can be opened for writing nowhere, and forced where there are POSIX permissions. */
  private static final Set<StandardOpenOption> FORCEABLE = POSIX
      ? Set.of(StandardOpenOption.READ)
      : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);

  private static final int BUFFER = 64 * 1024;

  private Disk() {}

  /** Forces the content of a file to the disk; its SHA-256. */
  static String force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, FORCEABLE)) {
      channel.force(true);
      return digest(channel);
    }
  }

  /** The SHA-256 of a file; null when there is none. */
  static @Nullable String digest(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return digest(channel);
    }
  }

  private static String digest(FileChannel channel) throws IOException {
    MessageDigest sha = sha256();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    while (channel.read(buffer) >= 0) {
      sha.update(buffer.flip());
      buffer.clear();
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** Replaces a file by another one, at once for every reader and for the disk. */
  static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    forceFolder(Objects.requireNonNull(to.getParent()));
  }

  /** Forces the names in a folder to the disk, where a folder can be opened; elsewhere the file system does it in its own time. */
  static void forceFolder(Path folder) throws IOException {
    if (POSIX) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
