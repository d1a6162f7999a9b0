package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server of our own that cannot be started says why. */
class EmbeddedSourceTest {

  @TempDir
  private Path folder = Path.of("");

  /**
   * As after the system went down, when the number of the server was given to another program. The server cannot tell the two apart and does
   * not start, and who is told to stop the server stops the program.
   */
  @Test
  void aFileOfAServerThatNamesAnotherProgramIsNamed() throws Exception {
    EmbeddedSource.open(folder, 1).close();
    Path file = folder.resolve("postgresql/postmaster.pid");
    // Closing waits a few seconds for the server, which would take the file of this test away.
    await().atMost(Duration.ofMinutes(2)).until(() -> Files.notExists(file));
    Process other = new ProcessBuilder("/bin/sh", "-c", "read x").start();
    try {
      Files.writeString(file, other.pid() + "\n" + file.getParent() + "\n1\n");
      assertThatThrownBy(() -> EmbeddedSource.open(folder, 1))
          .isInstanceOfSatisfying(
              HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
          .hasMessageContainingAll(
              file.toString(),
              "process " + other.pid(),
              "not known to be the server of this folder",
              "delete");
      assertThat(other.isAlive()).isTrue();
      assertThat(file).exists();
    } finally {
      other.destroyForcibly().waitFor();
    }
    EmbeddedSource.open(folder, 1).close();
  }

  @Test
  void aFolderThatNoServerCanUseIsAnErrorOfTheConfiguration() throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("postgresql")).resolve("mine"), "x");
    assertThatThrownBy(() -> EmbeddedSource.open(folder, 1))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining(folder.toString());
  }
}
