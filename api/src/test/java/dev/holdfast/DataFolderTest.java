package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process left behind is stopped, and nothing else: the number of a process is given to another one sooner or later. */
class DataFolderTest {

  @TempDir
  private Path folder = Path.of("");

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** A shell that is called like the server, and waits for input that does not come. */
  private ProcessHandle postgres(String... arguments) throws IOException {
    Path shell = Path.of("/bin/sh");
    assumeThat(shell).isExecutable();
    Path program = folder.resolve("postgres");
    if (!Files.exists(program)) {
      Files.copy(shell.toRealPath(), program);
    }
    List<String> command = new ArrayList<>(List.of(program.toString(), "-c", "read x"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).start();
    processes.add(process);
    return process.toHandle();
  }

  private Path cluster() {
    return folder.resolve("data/postgresql");
  }

  /** What a server writes, as far as it matters. */
  private void writePid(ProcessHandle process, Instant started) throws IOException {
    write("%d\n%s\n%d\n5432\n".formatted(process.pid(), cluster(), started.getEpochSecond()));
  }

  private void write(String pidFile) throws IOException {
    Files.createDirectories(cluster());
    Files.writeString(pidFile(), pidFile);
  }

  private Path pidFile() {
    return cluster().resolve("postmaster.pid");
  }

  private void stopOrphan() throws IOException {
    try (DataFolder data = DataFolder.lock(folder.resolve("data"))) {
      data.stopOrphan();
    }
  }

  private static Instant started(ProcessHandle process) {
    return process.info().startInstant().orElseThrow();
  }

  /** One that serves another folder, and one that serves none, as the sessions of a server do. */
  @ParameterizedTest
  @ValueSource(
      strings = {"-D /var/lib/other", "-D other/postgresql", "-D", "postgres: mia trips", ""})
  void anotherServerOfTheSameNumberIsLeftAlone(String arguments) throws IOException {
    ProcessHandle other = postgres(arguments.split(" "));
    writePid(other, started(other));
    stopOrphan();
    assertThat(other.onExit()).isNotDone();
    assertThat(other.isAlive()).isTrue();
  }

  /** A relative folder could be that of another program in another place: then the time has to be right as well. */
  @Test
  void aRelativeFolderNeedsTheTime() throws IOException {
    ProcessHandle process = postgres("-D", "data/postgresql");
    writePid(process, started(process).minus(Duration.ofHours(1)));
    stopOrphan();
    assertThat(process.isAlive()).isTrue();
    writePid(process, started(process));
    stopOrphan();
    assertThat(process.isAlive()).isFalse();
  }

  /** Clocks are set, so the time of the file says nothing against the folder. */
  @Test
  void theServerOfTheFolderIsStopped() throws IOException {
    ProcessHandle process = postgres("-D", cluster().toString(), "-p", "5432");
    writePid(process, started(process).minus(Duration.ofHours(1)));
    stopOrphan();
    assertThat(process.isAlive()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "postgres\n", "-1\n", "99999999999999999999\n"})
  void aFileThatNamesNoProcessNamesNoOrphan(String pidFile) throws IOException {
    write(pidFile);
    stopOrphan();
  }

  /** No other server starts beside it, so that this one is the one that is not ready in time. */
  @Test
  void aServerThatDoesNotStartInTimeIsStopped() throws IOException {
    EmbeddedSource.open(folder.resolve("data"), 1).close();
    await().atMost(Duration.ofMinutes(2)).until(() -> Files.notExists(pidFile()));
    ProcessHandle late = postgres("-D", cluster().toString());
    writePid(late, started(late));
    try (DataFolder data = DataFolder.lock(folder.resolve("data"))) {
      assertThatThrownBy(() -> EmbeddedSource.start(data, Duration.ofSeconds(1)))
          .isInstanceOf(IOException.class);
    }
    assertThat(late.isAlive()).isFalse();
  }

  @Test
  void aRealServerIsStopped() throws IOException {
    try (EmbeddedPostgres server = EmbeddedPostgres.builder()
        .setDataDirectory(cluster())
        .setCleanDataDirectory(false)
        .setPGStartupWait(Duration.ofMinutes(5))
        .start()) {
      assertThat(server.getPort()).isPositive();
      long pid = Long.parseLong(Files.readAllLines(pidFile()).get(0).trim());
      assertThat(ProcessHandle.of(pid)).isPresent();
      assertThat(isShutDown()).as("shut down while it runs").isFalse();
      stopOrphan();
      assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
      assertThat(isShutDown()).as("shut down in good order").isTrue();
    }
  }

  private boolean isShutDown() throws IOException {
    try (DataFolder data = DataFolder.lock(folder.resolve("data"))) {
      return data.isShutDown();
    }
  }

  @Test
  void aFolderWithoutAServerHasNothingToDoAgain() throws IOException {
    assertThat(isShutDown()).isTrue();
    Path control = cluster().resolve("global/pg_control");
    Files.createDirectories(control.getParent());
    Files.writeString(control, "torn");
    assertThat(isShutDown()).isFalse();
  }
}
