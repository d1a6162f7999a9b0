package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Another JVM, with the Java home, class path, time zone, locale and {@code holdfast.} system properties of this one and a heap of
 * 256 MB, for tests of what several processes do to one database and of what is left when one dies.
 *
 * <pre>{@code
 * try (ChildJvm child = ChildJvm.start(Writer.class, database.jdbcUrl())) {
 *   child.readLineMatching("^writing", Duration.ofSeconds(20));
 *   child.kill();
 * }
 * }</pre>
 *
 * <p>Both output streams of the child are captured together and are part of every failure's message. Safe for use by several threads.
 */
public final class ChildJvm implements AutoCloseable {

  private static final Duration AFTERMATH_LIMIT = Duration.ofSeconds(10);
  private static final List<String> INHERITED_PREFIXES =
      List.of("holdfast.", "user.timezone", "user.language", "user.country", "org.slf4j.");

  private final String name;
  private final Process process;
  private final ChildOutput output;
  private volatile boolean killed;

  private ChildJvm(String name, Process process) {
    this.name = name;
    this.process = process;
    this.output =
        ChildOutput.of(process.inputReader(StandardCharsets.UTF_8), "output-of-" + process.pid());
  }

  /**
   * Starts a JVM and returns at once.
   *
   * @throws UncheckedIOException when it cannot be started
   */
  public static ChildJvm start(Class<?> mainClass, String... arguments) {
    List<String> command = command(mainClass);
    command.addAll(List.of(arguments));
    try {
      return new ChildJvm(
          mainClass.getSimpleName(),
          new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start a JVM for " + mainClass.getName(), e);
    }
  }

  /** The id of the process. */
  public long pid() {
    return process.pid();
  }

  /** Whether the process runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** The lines that were printed so far, an immutable copy. */
  public List<String> output() {
    return output.lines();
  }

  /**
   * Waits until the process has ended and all of its output is read.
   *
   * @return its exit code, 137 on Linux when it was {@linkplain #kill() killed}
   * @throws AssertionError when it still runs after this time, with its output; it is left running
   * @throws IllegalStateException when the thread is interrupted; it stays interrupted
   */
  public int waitFor(Duration limit) {
    try {
      if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw failure("still runs after " + limit);
      }
      // A grandchild may hold the output open.
      output.awaitEnd(AFTERMATH_LIMIT);
      return process.exitValue();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Waits for the next line in which the regular expression is found. Lines are read in order: it and all lines before it are not
   * looked at again, those after a wait in vain are.
   *
   * @throws AssertionError when the time is over or the output ended before such a line, with the output
   * @throws IllegalStateException when the thread is interrupted; it stays interrupted
   */
  public String readLineMatching(String regex, Duration limit) {
    try {
      return output
          .next(Pattern.compile(regex), limit)
          .orElseThrow(() -> failure("printed no line matching " + regex + " within " + limit));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Ends the process as a crash would, without shutdown hooks, and waits until it is gone. Does nothing when it has ended. */
  public void kill() {
    if (process.isAlive()) {
      killed = true;
      process.destroyForcibly();
    }
    waitFor(AFTERMATH_LIMIT);
  }

  /** Kills the process if it still runs. Prints its output if it had ended by itself with an exit code other than 0. */
  @Override
  public void close() {
    kill();
    if (!killed && process.exitValue() != 0) {
      System.out.println(describe("ended with exit code " + process.exitValue()));
    }
  }

  private AssertionError failure(String what) {
    return new AssertionError(describe(what));
  }

  private String describe(String what) {
    return "Child JVM " + name + " (process " + pid() + ") " + what + ". Its output:\n"
        + String.join("\n", output());
  }

  private static IllegalStateException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("Interrupted while waiting for a child JVM", cause);
  }

  private static List<String> command(Class<?> mainClass) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"));
    System.getProperties().stringPropertyNames().stream()
        .filter(property -> INHERITED_PREFIXES.stream().anyMatch(property::startsWith))
        .sorted()
        .forEach(property -> command.add("-D" + property + "=" + System.getProperty(property)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
    command.add(mainClass.getName());
    return command;
  }
}
