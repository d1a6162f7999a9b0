package dev.holdfast.effect.file;

import static dev.holdfast.effect.file.TestingFiles.content;
import static dev.holdfast.effect.file.TestingFiles.context;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.testkit.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An operation on files is cut off at every point between two changes on the disk, and its undoing as well, none left out; then it is done
 * again, or undone.
 */
@Tag("G7")
@Tag("G8")
final class FileCrashTest {

  private static final Duration CHILD_LIMIT = Duration.ofSeconds(60);

  @TempDir
  private Path folder = Path.of("");

  private int folders;

  /** What is asked, what is there before, and what there is to be. */
  private record Scenario(Object request, Map<String, String> before, Map<String, String> after) {}

  private static final List<Scenario> SCENARIOS = List.of(
      new Scenario(WriteFile.text("a", "new"), Map.of("b", "b"), Map.of("a", "new", "b", "b")),
      new Scenario(WriteFile.text("a", "new"), Map.of("a", "old"), Map.of("a", "new")),
      new Scenario(WriteFile.text("a", "same"), Map.of("a", "same"), Map.of("a", "same")),
      new Scenario(WriteFile.text("a", ""), Map.of("a", "old"), Map.of("a", "")),
      new Scenario(new DeleteFile("a"), Map.of("a", "old"), Map.of()),
      new Scenario(new DeleteFile("a"), Map.of("b", "b"), Map.of("b", "b")),
      new Scenario(
          new MoveFile("a", "c"), Map.of("a", "old", "b", "b"), Map.of("b", "b", "c", "old")));

  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** Counts points, and crashes at one of them; 0 for none. */
  private static final class Fatal implements Consumer<String> {
    private final int fatal;
    private int passed;

    Fatal(int fatal) {
      this.fatal = fatal;
    }

    @Override
    public void accept(String point) {
      passed++;
      if (passed == fatal) {
        throw new Crash();
      }
    }
  }

  private Path fresh(Scenario scenario) {
    folders++;
    Path base = folder.resolve("base-" + folders);
    TestingFiles.fill(base, new TreeMap<>(scenario.before()));
    return base;
  }

  private interface Act {
    void on(TestingFiles files) throws Exception;
  }

  /** Whether it crashed. */
  private static boolean isCrashing(Path base, int fatal, Act act) throws Exception {
    try {
      act.on(new TestingFiles(base, new Fatal(fatal)));
      return false;
    } catch (Crash e) {
      return true;
    }
  }

  private static void done(Path base, Act act) throws Exception {
    assertThat(isCrashing(base, 0, act)).isFalse();
  }

  @Test
  void whereverItIsCutOffItIsDoneAgainOrUndone() throws Exception {
    EffectContext context = context("1");
    int cuts = 0;
    for (Scenario scenario : SCENARIOS) {
      Act perform = files -> files.perform(scenario.request(), context);
      Act undo = files -> files.undo(scenario.request(), context);
      boolean performing = true;
      for (int point = 1; performing; point++) {
        Path again = fresh(scenario);
        performing = isCrashing(again, point, perform);
        requireWhole(again, scenario);
        done(again, perform);
        assertThat(content(again)).as("%s done again", scenario).isEqualTo(scenario.after());
        done(again, undo);
        assertThat(content(again)).as("%s undone", scenario).isEqualTo(scenario.before());
        cuts++;
        boolean undoing = true;
        for (int second = 1; undoing; second++) {
          Path base = fresh(scenario);
          isCrashing(base, point, perform);
          undoing = isCrashing(base, second, undo);
          requireWhole(base, scenario);
          done(base, undo);
          done(base, undo);
          assertThat(content(base)).as("%s undone", scenario).isEqualTo(scenario.before());
          assertThatThrownBy(() -> done(base, perform)).hasMessageContaining("was undone");
          assertThat(content(base)).as("%s late", scenario).isEqualTo(scenario.before());
          cuts++;
        }
      }
    }
    System.out.println("file operations: " + cuts + " ways to be cut off");
    assertThat(cuts).isGreaterThan(150);
  }

  /** Each file is what it was or what it is to be, and nothing that was moved is nowhere. */
  private static void requireWhole(Path base, Scenario scenario) {
    Map<String, String> now = content(base);
    now.forEach((file, text) -> assertThat(text)
        .as(file)
        .isIn(scenario.before().get(file), scenario.after().get(file)));
    if (scenario.request() instanceof MoveFile) {
      assertThat(now.values()).contains("old");
    }
  }

  /** The control: an operation that keeps no copies cannot be undone, and the checks notice. */
  @Test
  void withoutThePlanTheChecksFail() throws Exception {
    EffectContext context = context("1");
    Scenario scenario = SCENARIOS.get(1);
    Path base = fresh(scenario);
    done(base, files -> files.perform(scenario.request(), context));
    Files.delete(
        new BaseFolder(base.toRealPath()).operation(context.idempotencyKey()).resolve("plan.json"));
    done(base, files -> files.undo(scenario.request(), context));
    assertThatThrownBy(() -> assertThat(content(base)).isEqualTo(scenario.before()))
        .isInstanceOf(AssertionError.class);
  }

  /** A process that dies in the middle leaves a lock that the next one gets. */
  @Test
  void aProcessThatDiesHoldsNobodyUp() throws Exception {
    Scenario scenario = SCENARIOS.get(1);
    List<String> died = new ArrayList<>();
    for (int point = 1; point <= 6; point++) {
      Path base = fresh(scenario);
      try (ChildJvm child = ChildJvm.start(Dying.class, base.toString(), String.valueOf(point))) {
        assertThat(child.waitFor(CHILD_LIMIT)).as("%s", child.output()).isZero();
        died.add(child.output().get(child.output().size() - 1));
      }
      done(base, files -> files.undo(scenario.request(), context("1")));
      assertThat(content(base)).isEqualTo(scenario.before());
    }
    assertThat(died)
        .containsExactly(
            "dies begun",
            "dies kept before-0",
            "dies before plan.json",
            "dies after plan.json",
            "dies staged a",
            "dies changed a");
  }

  /** Dies at a point, and holds the lock. */
  static final class Dying {

    private Dying() {}

    public static void main(String[] arguments) throws Exception {
      int fatal = Integer.parseInt(arguments[1]);
      int[] passed = {0};
      TestingFiles files = new TestingFiles(Path.of(arguments[0]), point -> {
        passed[0]++;
        if (passed[0] == fatal) {
          System.out.println("dies " + point);
          System.out.flush();
          Runtime.getRuntime().halt(0);
        }
      });
      files.perform(SCENARIOS.get(1).request(), context("1"));
    }
  }

  @Test
  void threadsAndObjectsTakeTurns() throws Exception {
    Path base = fresh(SCENARIOS.get(0));
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 8; i++) {
      String name = String.valueOf(i);
      Thread thread = new Thread(() -> {
        try {
          new TestingFiles(base, point -> {})
              .perform(WriteFile.text("shared", name), context("s" + name));
        } catch (Throwable e) {
          failures.add(e);
        }
      });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    assertThat(content(base)).containsKey("shared");
    try (BaseFolder.Hold hold = new BaseFolder(base.toRealPath()).hold()) {
      hold.require();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> new BaseFolder(base.toRealPath()).hold())
          .isInstanceOfAny(InterruptedException.class, IOException.class);
    } finally {
      Thread.interrupted();
    }
  }
}
