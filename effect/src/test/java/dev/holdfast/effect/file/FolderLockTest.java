package dev.holdfast.effect.file;

import static dev.holdfast.effect.file.TestingFiles.context;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.testkit.ChildJvm;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock of a folder keeps out other processes, also while threads of one process come and go. */
@Tag("G10")
final class FolderLockTest {

  private static final Duration TIME = Duration.ofSeconds(3);
  private static final int LEAST_TURNS = 20;

  @TempDir
  private Path folder = Path.of("");

  /** Another process; says whether it gets the lock of the folder. */
  static final class Asking {
    private Asking() {}

    public static void main(String[] arguments) throws IOException {
      Path lock = Path.of(arguments[0]).resolve(BaseFolder.OWN).resolve("lock");
      try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
          FileLock got = channel.tryLock()) {
        System.out.println(got == null ? "held" : "free");
      }
    }
  }

  private static String asked(Path base) {
    try (ChildJvm child = ChildJvm.start(Asking.class, base.toString())) {
      assertThat(child.waitFor(Duration.ofSeconds(60))).isZero();
      return child.output().get(child.output().size() - 1);
    }
  }

  @Test
  void whoGivesUpWaitingDoesNotTakeItFromWhoHasIt() throws Exception {
    Path base = folder.resolve("base");
    TestingFiles.fill(base, Map.of("a", "old"));
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    TestingFiles slow = new TestingFiles(base, point -> {
      if (point.equals("staged a")) {
        inside.countDown();
        await(release);
      }
    });
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread holder = new Thread(() ->
        failure.set(catchThrowable(() -> slow.perform(WriteFile.text("a", "new"), context("1")))));
    holder.start();
    await(inside);
    assertThat(asked(base)).as("control").isEqualTo("held");

    AtomicReference<Throwable> gaveUp = new AtomicReference<>();
    Thread waiter = new Thread(() -> gaveUp.set(catchThrowable(() ->
        new TestingFiles(base, point -> {}).perform(WriteFile.text("b", "b"), context("2")))));
    waiter.start();
    while (waiter.getState() == Thread.State.RUNNABLE || waiter.getState() == Thread.State.NEW) {
      Thread.onSpinWait();
    }
    waiter.interrupt(); // As the timeout of a handler does.
    waiter.join();
    assertThat(gaveUp.get()).isInstanceOf(InterruptedException.class);
    assertThat(asked(base)).isEqualTo("held");
    release.countDown();
    holder.join();
    assertThat(failure.get()).isNull();
    assertThat(asked(base)).isEqualTo("free");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Another process that takes turns. */
  static final class Taking {
    private Taking() {}

    public static void main(String[] arguments) throws Exception {
      System.out.println(turns(Path.of(arguments[0])));
    }
  }

  /** Takes the lock again and again; two who have it find each other's file. */
  private static int turns(Path base) throws IOException, InterruptedException {
    BaseFolder locked = new BaseFolder(base.toRealPath());
    Path file = base.resolve("inside");
    int turns = 0;
    for (long end = System.nanoTime() + TIME.toNanos(); System.nanoTime() < end; turns++) {
      try (BaseFolder.Hold hold = locked.hold()) {
        hold.require();
        Files.createFile(file);
        TimeUnit.MILLISECONDS.sleep(3);
        Files.delete(file);
      } catch (FileAlreadyExistsException e) {
        throw new IllegalStateException("Two had the lock after " + turns + " turns", e);
      }
    }
    return turns;
  }

  @Test
  void threadsAndProcessesTakeTurns() throws Exception {
    Path base = folder.resolve("base");
    TestingFiles.fill(base, Map.of("a", "old"));
    Files.createDirectories(base.resolve(BaseFolder.OWN));
    AtomicInteger mine = new AtomicInteger();
    List<Throwable> failures = new ArrayList<>();
    try (ChildJvm child = ChildJvm.start(Taking.class, base.toString())) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread thread = new Thread(() -> {
          Throwable failure = catchThrowable(() -> mine.addAndGet(turns(base)));
          if (failure != null) {
            synchronized (failures) {
              failures.add(failure);
            }
          }
        });
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(child.waitFor(Duration.ofSeconds(60))).as("%s", child.output()).isZero();
      String turns = child.output().get(child.output().size() - 1);
      assertThat(Integer.parseInt(turns)).isGreaterThan(LEAST_TURNS);
    }
    assertThat(failures).isEmpty();
    assertThat(mine.get()).isGreaterThan(LEAST_TURNS);
  }
}
