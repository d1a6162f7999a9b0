package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Says at the end of a run how many tests ran on which server, so that nobody has to guess. Immutable. */
record RunReport(ServerChoice choice, int tests, String serverVersion) {

  private static final String FILE = "holdfast-test-engine.txt";

  /** Prints the closing line, and writes the file when there is a folder for it. */
  void publish(Optional<Path> folder) {
    System.out.println(sentence());
    folder.ifPresent(this::write);
  }

  String sentence() {
    return "Holdfast tests: " + tests + " ran on PostgreSQL " + serverVersion + " "
        + choice.phrase();
  }

  String line() {
    return "engine=" + choice.engine().label() + " tests=" + tests + " server=" + serverVersion;
  }

  private void write(Path folder) {
    try {
      Files.writeString(Files.createDirectories(folder).resolve(FILE), line() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + FILE + " to " + folder, e);
    }
  }
}
