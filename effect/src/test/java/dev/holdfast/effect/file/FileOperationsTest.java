package dev.holdfast.effect.file;

import static dev.holdfast.effect.file.TestingFiles.content;
import static dev.holdfast.effect.file.TestingFiles.context;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateStore;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are changed at once and restored, and nobody leaves the base folder. */
@HoldfastTest
final class FileOperationsTest {

  @TempDir
  private Path outside = Path.of("");

  private Path base = Path.of("");
  private final StateStore store;
  private final Effects effects;
  private final String id = UUID.randomUUID().toString();

  FileOperationsTest(TestDatabase database) {
    this.store = StateStore.builder(database.dataSource()).build();
    this.effects =
        Effects.builder(store, database.dataSource()).withoutRecovery().build();
  }

  @BeforeEach
  void open() throws IOException {
    base = Files.createDirectory(outside.resolve("base"));
    TestingFiles.fill(base, Map.of("old.txt", "old", "other.txt", "other"));
    Files.createDirectory(base.resolve("sub"));
    FileOperations.in(base).handlers().forEach(effects::register);
  }

  @AfterEach
  void close() {
    effects.close();
    store.close();
  }

  private void run(boolean fails) {
    effects.run("files", id, effect -> {
      FileResult replaced = effect.perform(FileOperations.WRITE, WriteFile.text("old.txt", "new"));
      assertThat(replaced).isEqualTo(new FileResult("old.txt", true));
      FileResult made = effect.perform(
          FileOperations.WRITE, WriteFile.bytes("sub/made.bin", new byte[] {1, 2, 3}));
      assertThat(made.existed()).isFalse();
      effect.perform(FileOperations.MOVE, new MoveFile("old.txt", "sub/moved.txt"));
      FileResult gone = effect.perform(FileOperations.DELETE, new DeleteFile("other.txt"));
      assertThat(gone.existed()).isTrue();
      FileResult never = effect.perform(FileOperations.DELETE, new DeleteFile("never.txt"));
      assertThat(never.existed()).isFalse();
      if (fails) {
        throw new IllegalStateException("changed my mind");
      }
      return "done";
    });
  }

  @Test
  void filesAreWrittenMovedAndDeleted() {
    run(false);
    assertThat(content(base)).isEqualTo(Map.of("sub/moved.txt", "new", "sub/made.bin", "\1\2\3"));
    run(false);
    assertThat(content(base)).hasSize(2);
  }

  @Test
  void whatFailsIsRestored() {
    assertThatThrownBy(() -> run(true)).isInstanceOf(EffectFailedException.class);
    assertThat(content(base)).isEqualTo(Map.of("old.txt", "old", "other.txt", "other"));
    assertThat(effects.rollbackFailures().open()).isEmpty();
  }

  @Test
  void whatSomebodyElseChangedIsNotOverwritten() throws IOException {
    List<RollbackFailure> failures = new ArrayList<>();
    assertThatThrownBy(() -> effects.run("files", id, effect -> {
          effect.perform(FileOperations.WRITE, WriteFile.text("old.txt", "new"));
          effect.perform(FileOperations.DELETE, new DeleteFile("other.txt"));
          Files.writeString(base.resolve("old.txt"), "somebody's");
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOfSatisfying(EffectRollbackException.class, e -> failures.addAll(e.failures()))
        .isInstanceOf(EffectRollbackException.class);
    assertThat(content(base)).isEqualTo(Map.of("old.txt", "somebody's", "other.txt", "other"));
    RollbackFailure failure = failures.get(0);
    assertThat(failure.problem().message())
        .contains("old.txt was changed by somebody else")
        .contains(FileChangedException.class.getSimpleName());

    Files.writeString(base.resolve("old.txt"), "new");
    assertThat(effects.rollbackFailures().retry(failure.id()).status())
        .isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(content(base)).containsEntry("old.txt", "old");
  }

  @Test
  void aCopyThatIsLostIsAFailureAndNotSilence() throws Exception {
    TestingFiles files = new TestingFiles(base, point -> {});
    WriteFile request = WriteFile.text("old.txt", "new");
    files.perform(request, context("1"));
    Path kept = new BaseFolder(base.toRealPath()).operation(context("1").idempotencyKey());
    Files.delete(kept.resolve("before-0"));
    assertThatThrownBy(() -> files.undo(request, context("1"))).isInstanceOf(IOException.class);
    assertThat(content(base)).containsEntry("old.txt", "new");
  }

  @Test
  void nobodyLeavesTheBaseFolder() throws Exception {
    Files.writeString(outside.resolve("secret.txt"), "secret");
    Files.createSymbolicLink(base.resolve("link"), outside);
    Files.createSymbolicLink(base.resolve("link.txt"), outside.resolve("secret.txt"));
    TestingFiles files = new TestingFiles(base, point -> {});
    for (String path : List.of(
        "../secret.txt",
        "/etc/passwd",
        "sub/../../secret.txt",
        "sub/./x",
        "sub//x",
        "",
        ".",
        "a\0b",
        ".holdfast/lock",
        ".holdfast",
        "link/secret.txt",
        "link.txt",
        "sub",
        "absent/x.txt")) {
      for (Object request : List.of(
          WriteFile.text(path, "evil"),
          new DeleteFile(path),
          new MoveFile(path, "x"),
          new MoveFile("old.txt", path))) {
        assertThatThrownBy(() -> files.perform(request, context("1")))
            .as("%s", request)
            .isInstanceOfSatisfying(
                HoldfastException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
      }
    }
    assertThat(Files.readString(outside.resolve("secret.txt"))).isEqualTo("secret");
    assertThat(content(base)).containsEntry("old.txt", "old");
  }

  @Test
  void badRequestsAreRefusedBeforeAnythingIsWritten() {
    for (Object request : List.of(
        WriteFile.text("../x", "evil"),
        new WriteFile("x", "not base64!", WriteFile.Encoding.BASE64),
        new MoveFile("old.txt", "old.txt"))) {
      String handler = request instanceof MoveFile ? FileOperations.MOVE : FileOperations.WRITE;
      assertThatThrownBy(() -> effects.run("files", id, effect -> effect.perform(handler, request)))
          .hasMessageContaining("is refused");
      assertThat(effects.status("files", id)).isEmpty();
    }
  }

  @Test
  void nothingIsMovedOverAnotherFile() {
    assertThatThrownBy(() -> effects.run(
            "files",
            id,
            effect -> effect.perform(FileOperations.MOVE, new MoveFile("old.txt", "other.txt"))))
        .hasMessageContaining("is there already");
    assertThatThrownBy(() -> effects.run(
            "files",
            id + 2,
            effect -> effect.perform(FileOperations.MOVE, new MoveFile("never.txt", "x.txt"))))
        .hasMessageContaining("is not there");
    assertThat(content(base)).isEqualTo(Map.of("old.txt", "old", "other.txt", "other"));
  }

  /** The new file is there, and the old one cannot be taken away: somebody has put a folder in its place. */
  @Test
  @Tag("G8")
  void whatWasMovedHalfIsUndone() throws Exception {
    Path from = base.resolve("old.txt");
    AtomicInteger changes = new AtomicInteger();
    FileOperations files = FileOperations.in(
        base,
        point -> {
          if (point.equals("changed new.txt") && changes.incrementAndGet() == 1) {
            makeFolder(from);
          }
        },
        Instant::now);
    files.handlers().forEach(handler -> {
      effects.handlers().unregister(handler.name());
      effects.register(handler);
    });
    List<RollbackFailure> failures = new ArrayList<>();
    assertThatThrownBy(() -> effects.run(
            "files",
            id,
            effect -> effect.perform(FileOperations.MOVE, new MoveFile("old.txt", "new.txt"))))
        .isInstanceOfSatisfying(EffectRollbackException.class, e -> failures.addAll(e.failures()))
        .isInstanceOf(EffectRollbackException.class)
        .hasMessageContaining("is not an ordinary file");
    assertThat(content(base)).as("nothing is lost").containsEntry("new.txt", "old");

    Files.delete(from);
    assertThat(effects.rollbackFailures().retry(failures.get(0).id()).status())
        .isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(content(base)).isEqualTo(Map.of("old.txt", "old", "other.txt", "other"));
  }

  private static void makeFolder(Path file) {
    try {
      Files.delete(file);
      Files.createDirectory(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsRefusedBeforeAnythingWasChangedWasNotDone() {
    assertThatThrownBy(() -> effects.run(
            "files",
            id,
            effect -> effect.perform(FileOperations.MOVE, new MoveFile("old.txt", "other.txt"))))
        .isInstanceOf(EffectFailedException.class);
    assertThat(base.resolve(BaseFolder.OWN)).isDirectoryNotContaining(Files::isDirectory);
  }

  @Test
  void permissionsAreKeptAndRestored() throws Exception {
    Path file = base.resolve("old.txt");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
    TestingFiles files = new TestingFiles(base, point -> {});
    WriteFile write = WriteFile.text("old.txt", "new");
    files.perform(write, context("1"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rwxr-x---");
    files.undo(write, context("1"));
    files.perform(new DeleteFile("old.txt"), context("2"));
    files.undo(new DeleteFile("old.txt"), context("2"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rwxr-x---");
    assertThat(content(base)).containsEntry("old.txt", "old");
  }

  @Test
  void copiesStayUntilTheirTransactionIsOver() throws Exception {
    FileOperations files = FileOperations.in(base);
    assertThat(files.cleanUp(effects, Duration.ZERO)).isZero();
    effects.run("files", id, effect -> {
      effect.perform(FileOperations.WRITE, WriteFile.text("old.txt", "new"));
      assertThat(files.cleanUp(effects, Duration.ofSeconds(-5))).as("it runs").isZero();
      return "done";
    });
    new TestingFiles(base, point -> {}).perform(new DeleteFile("old.txt"), context("unknown"));
    assertThat(files.cleanUp(effects, Duration.ofHours(1))).as("too young").isZero();
    assertThat(files.cleanUp(effects, Duration.ofSeconds(-5))).isEqualTo(1);
    assertThat(files.cleanUp(effects, Duration.ofSeconds(-5)))
        .as("a transaction that is not known stays")
        .isZero();
  }

  @Test
  void copiesStayUntilTheyAreOlderThanTheAge() throws Exception {
    effects.run(
        "files",
        id,
        effect -> effect.perform(FileOperations.WRITE, WriteFile.text("old.txt", "new")));
    Path copies = new BaseFolder(base.toRealPath()).operations().get(0);
    AtomicReference<Instant> now = new AtomicReference<>();
    FileOperations files = FileOperations.in(base, point -> {}, now::get);
    Duration age = Duration.ofDays(1);
    now.set(Files.getLastModifiedTime(copies).toInstant().plus(age));
    assertThat(files.cleanUp(effects, age)).isZero();
    assertThat(copies).exists();
    now.updateAndGet(time -> time.plusNanos(1));
    assertThat(files.cleanUp(effects, age)).isEqualTo(1);
    assertThat(copies).doesNotExist();
  }

  @Test
  @Tag("G9")
  void copiesStayWhileWhatTheyUndoIsAnOpenFailure() throws Exception {
    FileOperations files = FileOperations.in(base);
    effects.run("files", id, effect -> {
      try {
        return effect.scope("report", inner -> {
          inner.perform(FileOperations.WRITE, WriteFile.text("old.txt", "new"));
          Files.writeString(base.resolve("old.txt"), "somebody's");
          throw new IllegalStateException("changed my mind");
        });
      } catch (EffectRollbackException e) {
        return "without it";
      }
    });
    RollbackFailure failure = effects.rollbackFailures().of("files", id).get(0);
    assertThat(effects.status("files", id)).contains(EffectStatus.COMMITTED);
    assertThat(files.cleanUp(effects, Duration.ofSeconds(-5))).isZero();

    Files.writeString(base.resolve("old.txt"), "new");
    assertThat(effects.rollbackFailures().retry(failure.id()).status())
        .isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(content(base)).containsEntry("old.txt", "old");
    assertThat(files.cleanUp(effects, Duration.ofSeconds(-5))).isEqualTo(1);
  }

  @Test
  void severalMayCleanUpAtOnce() throws Exception {
    FileOperations files = FileOperations.in(base);
    effects.run("files", id, effect -> {
      for (int i = 0; i < 30; i++) {
        effect.perform(FileOperations.WRITE, WriteFile.text("new-" + i, "x"));
      }
      return "done";
    });
    AtomicInteger removed = new AtomicInteger();
    List<Callable<Integer>> cleaners = Collections.nCopies(
        3, () -> removed.addAndGet(files.cleanUp(effects, Duration.ofSeconds(-5))));
    ExecutorService threads = Executors.newFixedThreadPool(cleaners.size());
    try {
      for (Future<Integer> done : threads.invokeAll(cleaners)) {
        assertThat(done.get()).isNotNegative();
      }
    } finally {
      threads.shutdown();
    }
    assertThat(removed.get()).isEqualTo(30);
  }

  @Test
  void anAgeThatNoClockCountsIsRefused() {
    FileOperations files = FileOperations.in(base);
    assertThatThrownBy(() -> files.cleanUp(effects, Duration.ofSeconds(Long.MAX_VALUE)))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("age");
  }

  @Test
  void aBaseThatIsNoFolderIsRefused() {
    for (Path wrong : List.of(base.resolve("absent"), base.resolve("old.txt"))) {
      assertThatThrownBy(() -> FileOperations.in(wrong))
          .isInstanceOfSatisfying(
              HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
          .hasMessageContaining(wrong.toString());
    }
  }
}
