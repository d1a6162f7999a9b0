package dev.holdfast.effect.file;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.file.FilePlan.Planned;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.error.internal.FailureFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One operation on the disk: prepared, applied, undone. Each can be interrupted by a crash at any point and is then begun again; see {@link
 * FileOperations} for the protocol. Used under the lock of the base folder, by one thread.
 */
final class FileWork {

  private static final String PLAN = "plan.json";
  private static final String UNDONE = "undone.json";

  private final BaseFolder base;
  private final EffectContext context;
  private final Path folder;
  private final Consumer<String> points;

  FileWork(BaseFolder base, EffectContext context, Consumer<String> points) {
    this.base = base;
    this.context = context;
    this.folder = base.operation(context.idempotencyKey());
    this.points = points;
  }

  /** A process that was paused while another one rolled back must not perform any more. */
  void requireNotUndone() {
    if (Files.exists(folder.resolve(UNDONE))) {
      throw new IllegalStateException("Operation " + context.operation() + " of " + context.effect()
          + " was undone and is not performed any more");
    }
  }

  /** The plan of an earlier attempt. */
  Optional<FilePlan> plan() throws IOException {
    return read(folder.resolve(PLAN));
  }

  private static Optional<FilePlan> read(Path file) throws IOException {
    try {
      return Optional.of(FilePlan.of(Files.readString(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  FilePlan write(String path, byte[] content) throws IOException {
    Path file = base.resolve(path);
    begin();
    String before = keep(file, before(0));
    Path after = after(0);
    Files.write(after, content);
    if (before != null) {
      copyPermissions(file, after);
    }
    return commit(new Planned(path, before, Disk.force(after)));
  }

  FilePlan delete(String path) throws IOException {
    Path file = base.resolve(path);
    begin();
    return commit(new Planned(path, keep(file, before(0)), null));
  }

  /** The new file first: whenever this is interrupted, the content is somewhere. */
  FilePlan move(String from, String to) throws IOException {
    Path source = base.resolve(from);
    if (!Files.exists(source)) {
      throw BaseFolder.refused(from, "is not there to be moved");
    }
    if (Files.exists(base.resolve(to))) {
      throw BaseFolder.refused(to, "is there already; nothing is moved over it");
    }
    begin();
    String content = keep(source, before(1));
    keep(source, after(0));
    return commit(new Planned(to, null, content), new Planned(from, content, null));
  }

  private Path before(int file) {
    return folder.resolve("before-" + file);
  }

  private Path after(int file) {
    return folder.resolve("after-" + file);
  }

  /** Without a plan nothing was touched: what an earlier attempt left is of no use. */
  private void begin() throws IOException {
    Files.createDirectories(folder);
    clear();
    points.accept("begun");
  }

  private void clear() throws IOException {
    for (Path remains : entries(folder)) {
      Files.delete(remains);
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  /** Copies a file if it is there; the SHA-256 of the copy. */
  private @Nullable String keep(Path file, Path copy) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
    String digest = Disk.force(copy);
    points.accept("kept " + copy.getFileName());
    return digest;
  }

  private static void copyPermissions(Path from, Path to) throws IOException {
    PosixFileAttributeView source = Files.getFileAttributeView(from, PosixFileAttributeView.class);
    PosixFileAttributeView target = Files.getFileAttributeView(to, PosixFileAttributeView.class);
    if (source != null && target != null) {
      target.setPermissions(source.readAttributes().permissions());
    }
  }

  private FilePlan commit(Planned... files) throws IOException {
    FilePlan plan = new FilePlan(context.effect().name(), context.effect().id(), List.of(files));
    write(PLAN, plan);
    return plan;
  }

  private void write(String name, FilePlan plan) throws IOException {
    Path part = folder.resolve(name + ".part");
    Files.writeString(part, plan.toJson());
    Disk.force(part);
    points.accept("before " + name);
    Disk.rename(part, folder.resolve(name));
    Disk.forceFolder(base.root().resolve(BaseFolder.OWN));
    Disk.forceFolder(base.root());
    points.accept("after " + name);
  }

  /**
   * Makes every file what it is to be; those that are so already are left alone.
   *
   * @throws IOException whatever keeps it from that: files may have been changed before, so that it is not known to be undone
   */
  void apply(FilePlan plan) throws IOException {
    try {
      for (int i = 0; i < plan.files().size(); i++) {
        Planned file = plan.files().get(i);
        bring(file.path(), file.before(), file.after(), after(i));
      }
    } catch (RuntimeException e) {
      throw new IOException(
          "Operation " + context.operation() + " of " + context.effect()
              + " was begun and not done to its end: " + FailureFacts.message(e),
          e);
    }
  }

  /** Makes every file what it was, and leaves a mark; without a plan nothing was done, and nothing will be. */
  void undo() throws IOException {
    if (Files.exists(folder.resolve(UNDONE))) {
      return;
    }
    List<Planned> files = new ArrayList<>();
    plan().ifPresent(plan -> files.addAll(plan.files()));
    for (int i = files.size() - 1; i >= 0; i--) {
      Planned file = files.get(i);
      bring(file.path(), file.after(), file.before(), before(i));
    }
    Files.createDirectories(folder);
    write(UNDONE, new FilePlan(context.effect().name(), context.effect().id(), List.of()));
  }

  /**
   * Replaces what a file is now by what it is to be.
   *
   * @param source a copy of what it is to be, which stays
   */
  private void bring(String path, @Nullable String now, @Nullable String then, Path source)
      throws IOException {
    Path file = base.resolve(path);
    String found = Disk.digest(file);
    if (Objects.equals(found, then)) {
      return;
    }
    if (!Objects.equals(found, now)) {
      throw new FileChangedException(path);
    }
    if (then == null) {
      Files.delete(file);
      Disk.forceFolder(Objects.requireNonNull(file.getParent()));
    } else {
      Path staged = folder.resolve("staged");
      Files.copy(
          source, staged, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
      Disk.force(staged);
      points.accept("staged " + path);
      Disk.rename(staged, file);
    }
    points.accept("changed " + path);
  }

  /** Which effect transaction an operation's folder belongs to; empty when it has neither plan nor mark. */
  static Optional<EffectId> effectOf(Path folder) throws IOException {
    Optional<FilePlan> plan = read(folder.resolve(PLAN));
    return (plan.isPresent() ? plan : read(folder.resolve(UNDONE)))
        .map(found -> new EffectId(found.effect(), found.id()));
  }

  /** Removes an operation's folder; what says whose it is goes last, so that it can be done again. */
  static void remove(Path folder) throws IOException {
    for (Path entry : entries(folder)) {
      String name = entry.getFileName().toString();
      if (!name.equals(PLAN) && !name.equals(UNDONE)) {
        Files.delete(entry);
      }
    }
    Files.deleteIfExists(folder.resolve(PLAN));
    Files.deleteIfExists(folder.resolve(UNDONE));
    Files.delete(folder);
  }
}
