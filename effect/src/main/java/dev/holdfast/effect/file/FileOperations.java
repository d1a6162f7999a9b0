package dev.holdfast.effect.file;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectStatus;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.internal.Durations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Handlers that write, delete and move files below a base folder, and restore them when their effect transaction is rolled back:
 * {@value #WRITE}, {@value #DELETE} and {@value #MOVE}.
 *
 * <pre>{@code
 * FileOperations files = FileOperations.in(Path.of("/srv/reports"));
 * files.handlers().forEach(effects::register);
 * effects.run("report", "2026-11", effect -> {
 *   effect.<FileResult>perform(FileOperations.WRITE, WriteFile.text("november.txt", text));
 *   ...
 * });
 * }</pre>
 *
 * <p><b>How it survives crashes.</b> Each operation has a folder of its own, {@code .holdfast/<idempotency key>} below the base. Before a
 * file is touched, copies of what it is and of what it will be, and a plan with their SHA-256, are there and forced to the disk. Then each
 * file is replaced by an atomic rename. Whoever performs again or compensates, in whatever process and however often, compares each file
 * with the plan: as before, as after, or neither, which is a {@link FileChangedException} and overwrites nothing. Compensating leaves a
 * mark, so that a process that was paused for long cannot perform afterwards. All of it happens under a lock of the base folder, which the
 * operating system gives up when a process dies.
 *
 * <p>Readers see the old content or the new one and nothing between. The base folder must be a local one, for locks and renames must work;
 * its links must not be changed by strangers. Folders are not created: the folder of a file must be there. Permissions of a file that is
 * replaced are kept where there are POSIX permissions.
 *
 * <p>Copies stay until {@link #cleanUp}. Safe for use by multiple threads and processes.
 */
public final class FileOperations {

  /** Name of the handler that is asked a {@link WriteFile} and answers a {@link FileResult}. */
  public static final String WRITE = "file.write";

  /** Name of the handler that is asked a {@link DeleteFile} and answers a {@link FileResult}. */
  public static final String DELETE = "file.delete";

  /** Name of the handler that is asked a {@link MoveFile} and answers a {@link FileResult}. */
  public static final String MOVE = "file.move";

  private final BaseFolder base;
  private final Consumer<String> points;
  private final InstantSource clock;

  private FileOperations(BaseFolder base, Consumer<String> points, InstantSource clock) {
    this.base = base;
    this.points = points;
    this.clock = clock;
  }

  /**
   * Operations on the files below a folder.
   *
   * @throws HoldfastException with {@link ErrorCode#CONFIGURATION} when it is not a folder
   */
  public static FileOperations in(Path folder) {
    return in(folder, point -> {}, InstantSource.system());
  }

  /**
   * For tests of crashes and of age.
   *
   * @param points is told of every point between two changes on the disk
   * @param clock what the times of the disk are compared with
   */
  static FileOperations in(Path folder, Consumer<String> points, InstantSource clock) {
    try {
      if (Files.isDirectory(folder)) {
        return new FileOperations(new BaseFolder(folder.toRealPath()), points, clock);
      }
    } catch (IOException e) {
      throw notFolder(folder, e);
    }
    throw notFolder(folder, null);
  }

  private static HoldfastException notFolder(Path folder, @Nullable IOException cause) {
    return new HoldfastException(
        ErrorCode.CONFIGURATION,
        "File operations: " + folder + " is not a folder that can be read",
        Map.of("folder", folder),
        cause);
  }

  /** The three handlers, to be registered. Their limits can be changed like those of any other. */
  public List<EffectHandler<?, ?>> handlers() {
    return List.of(write(), delete(), move());
  }

  private EffectHandler<WriteFile, FileResult> write() {
    return EffectHandler.of(WRITE, WriteFile.class, FileResult.class)
        .validateRequest(request -> {
          base.requirePath(request.path());
          request.toBytes();
        })
        .perform((context, request) -> {
          FilePlan plan = perform(context, work -> work.write(request.path(), request.toBytes()));
          return new FileResult(request.path(), plan.files().get(0).before() != null);
        })
        .compensate((context, request) -> compensate(context));
  }

  private EffectHandler<DeleteFile, FileResult> delete() {
    return EffectHandler.of(DELETE, DeleteFile.class, FileResult.class)
        .validateRequest(request -> base.requirePath(request.path()))
        .perform((context, request) -> {
          FilePlan plan = perform(context, work -> work.delete(request.path()));
          return new FileResult(request.path(), plan.files().get(0).before() != null);
        })
        .compensate((context, request) -> compensate(context));
  }

  private EffectHandler<MoveFile, FileResult> move() {
    return EffectHandler.of(MOVE, MoveFile.class, FileResult.class)
        .validateRequest(request -> {
          base.requirePath(request.from());
          base.requirePath(request.to());
          if (request.from().equals(request.to())) {
            throw new IllegalArgumentException("it is moved to where it is: " + request.to());
          }
        })
        .perform((context, request) -> {
          perform(context, work -> work.move(request.from(), request.to()));
          return new FileResult(request.to(), true);
        })
        .compensate((context, request) -> compensate(context));
  }

  private interface Preparation {
    FilePlan prepare(FileWork work) throws IOException;
  }

  private FilePlan perform(EffectContext context, Preparation preparation)
      throws IOException, InterruptedException {
    try (BaseFolder.Hold hold = base.hold()) {
      hold.require();
      FileWork work = new FileWork(base, context, points);
      work.requireNotUndone();
      Optional<FilePlan> before = work.plan();
      FilePlan plan = before.isPresent() ? before.get() : preparation.prepare(work);
      work.apply(plan);
      return plan;
    }
  }

  private void compensate(EffectContext context) throws IOException, InterruptedException {
    try (BaseFolder.Hold hold = base.hold()) {
      hold.require();
      new FileWork(base, context, points).undo();
    }
  }

  /**
   * Removes the copies of operations whose effect transaction is committed, rolled back or resolved and has no rollback failure that is not
   * settled, not even one of a scope. Those of all others stay, also of transactions that these effects do not know. To be called now and
   * then, by any process; blocks, and asks for the status of each.
   *
   * @param effects where the operations were performed
   * @param age copies that were touched since stay, 292 years at most; longer than a process may be paused, since with the copies goes the
   *     mark that keeps it from performing what was undone
   * @return how many operations' copies were removed
   * @throws IOException when the folder of copies cannot be read or changed; those that were removed before are gone
   */
  public int cleanUp(Effects effects, Duration age) throws IOException, InterruptedException {
    Instant before = clock.instant().minus(requireReasonable(age));
    int removed = 0;
    for (Path folder : base.operations()) {
      try {
        boolean old = Files.getLastModifiedTime(folder).toInstant().isBefore(before);
        removed += old && isOver(effects, folder) && isRemoved(folder) ? 1 : 0;
      } catch (NoSuchFileException e) {
        if (Files.exists(folder)) {
          throw e;
        }
        // Somebody else who cleans up was faster.
      }
    }
    return removed;
  }

  /** Negative is reasonable where the clock of the disk is another one. */
  private static Duration requireReasonable(Duration age) {
    return age.isNegative() ? age : Durations.requireCountable("age", age);
  }

  private boolean isRemoved(Path folder) throws IOException, InterruptedException {
    try (BaseFolder.Hold hold = base.hold()) {
      hold.require();
      boolean exists = Files.exists(folder);
      if (exists) {
        FileWork.remove(folder);
      }
      return exists;
    }
  }

  private static boolean isOver(Effects effects, Path folder) throws IOException {
    return FileWork.effectOf(folder).filter(effect -> isOver(effects, effect)).isPresent();
  }

  /** One that was committed can have failures of a scope, which need the copies; once it has ended there come no new ones. */
  private static boolean isOver(Effects effects, EffectId effect) {
    return effects
            .status(effect.name(), effect.id())
            .filter(FileOperations::isSettled)
            .isPresent()
        && effects.rollbackFailures().of(effect.name(), effect.id()).stream()
            .allMatch(failure -> isSettled(failure.status()));
  }

  private static boolean isSettled(EffectStatus status) {
    return switch (status) {
      case COMMITTED, ROLLED_BACK, RESOLVED -> true;
      case RUNNING, COMPENSATING, ROLLBACK_FAILED -> false;
    };
  }

  private static boolean isSettled(RollbackFailureStatus status) {
    return switch (status) {
      case RESOLVED, SKIPPED -> true;
      case OPEN, RETRYING -> false;
    };
  }
}
