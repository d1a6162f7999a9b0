package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;

final class ChildJvmTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void runsAMainClassToItsEnd() {
    try (ChildJvm child = ChildJvm.start(ChildMain.class, "0", "two words")) {
      assertThat(child.waitFor(LIMIT)).isZero();
      assertThat(child.isAlive()).isFalse();
      assertThat(child.output())
          .contains("arguments [0, two words]", "to standard error: grüße")
          .contains("zone " + TimeZone.getDefault().getID());
    }
  }

  @Test
  void hasASmallHeap() {
    try (ChildJvm child = ChildJvm.start(ChildMain.class, "0")) {
      String line = child.readLineMatching("^megabytes", LIMIT);
      assertThat(Long.parseLong(line.substring("megabytes ".length()))).isLessThanOrEqualTo(256);
    }
  }

  @Test
  void tellsTheExitCode() {
    try (ChildJvm child = ChildJvm.start(ChildMain.class, "3")) {
      assertThat(child.waitFor(LIMIT)).isEqualTo(3);
    }
  }

  @Test
  void killsAProcessThatWouldNeverEnd() {
    try (ChildJvm child = ChildJvm.start(ChildMain.class, "wait")) {
      child.readLineMatching("standard error", LIMIT);
      assertThat(child.isAlive()).isTrue();

      child.kill();

      assertThat(ProcessHandle.of(child.pid())).isNotPresent();
      assertThat(child.waitFor(LIMIT)).isNotZero();
    }
  }

  @Test
  void killsWhatStillRunsWhenClosed() {
    ChildJvm child = ChildJvm.start(ChildMain.class, "wait");
    child.close();
    assertThat(child.isAlive()).isFalse();
    child.close();
  }

  @Test
  void readsLinesInOrderAndEachOnce() {
    try (ChildJvm child = ChildJvm.start(ChildMain.class, "0")) {
      assertThat(child.readLineMatching("^zone", LIMIT)).startsWith("zone ");
      assertThatThrownBy(() -> child.readLineMatching("^arguments", LIMIT))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("printed no line matching ^arguments")
          .hasMessageContaining("arguments [0]");
      assertThat(child.readLineMatching("^megabytes", LIMIT)).isNotEmpty();
    }
  }

  @Test
  void showsTheOutputWhenAWaitIsInVain() {
    try (ChildJvm child = ChildJvm.start(ChildMain.class, "wait")) {
      child.readLineMatching("standard error", LIMIT);
      assertThatThrownBy(() -> child.waitFor(Duration.ofMillis(1)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("still runs after PT0.001S")
          .hasMessageContaining("arguments [wait]");
      assertThat(child.isAlive()).isTrue();
    }
  }
}
