package dev.holdfast.benchmarks.features;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.server.Database.Address;
import dev.holdfast.migrations.SchemaName;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One variant under a load, in a virtual machine and a schema of its own: in a common one the compiler would see the calls of all variants, and
 * a build could not be beside another one. Confined to one thread.
 */
final class Subject implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 60;

  private final Variant variant;
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;

  private Subject(Variant variant, Process process) {
    this.variant = variant;
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.questions = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Starts it and waits until it is ready. What it logs goes to the standard error. */
  static Subject start(
      Bench bench, SchemaName schema, Load load, Variant variant, String classPath) {
    List<String> command = List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx1g",
        "-XX:+UseParallelGC",
        "-Duser.timezone=UTC",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-cp",
        classPath,
        SubjectProgram.class.getName(),
        schema.value(),
        variant.name(),
        load.title(),
        String.valueOf(bench.settings().seed()));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
      Subject subject = new Subject(variant, process);
      subject.begin(bench.database().address());
      return subject;
    } catch (IOException e) {
      throw new UncheckedIOException("\"" + variant.name() + "\" could not be started", e);
    }
  }

  private void begin(Address address) {
    // Not as arguments, which everybody on the machine can see.
    say(address.url());
    say(address.user());
    say(address.password());
    String line = hear();
    if (!line.equals(SubjectProgram.READY)) {
      process.destroyForcibly();
      throw new IllegalStateException("\"" + variant.name() + "\" said: " + line);
    }
  }

  Variant variant() {
    return variant;
  }

  /** Operations a second during a time. */
  double throughput(Duration time) {
    say(time.toString());
    return Double.parseDouble(hear());
  }

  /** Operations a second until each thread has done so many. */
  double throughput(int times) {
    say(SubjectProgram.TIMES + times);
    return Double.parseDouble(hear());
  }

  private void say(String line) {
    try {
      questions.write(line);
      questions.newLine();
      questions.flush();
    } catch (IOException e) {
      throw ended(e);
    }
  }

  private String hear() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw ended(null);
      }
      return line;
    } catch (IOException e) {
      throw ended(e);
    }
  }

  private IllegalStateException ended(@Nullable IOException cause) {
    return new IllegalStateException(
        "\"" + variant.name() + "\" ended; its standard error says why", cause);
  }

  /** Ends its standard input, and waits until it has closed what it opened. */
  @Override
  public void close() {
    try {
      questions.close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "\"" + variant.name() + "\" did not end within " + PATIENCE_SECONDS + " s");
      }
    } catch (IOException e) {
      throw ended(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while \"" + variant.name() + "\" ends", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
