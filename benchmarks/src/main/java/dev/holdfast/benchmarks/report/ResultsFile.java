package dev.holdfast.benchmarks.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The JSON lines of one run of one suite; each is on disk when its method returns. Confined to one thread. */
public final class ResultsFile implements AutoCloseable {

  private final Path path;
  private final String suite;
  private final BufferedWriter writer;

  private ResultsFile(Path path, String suite, BufferedWriter writer) {
    this.path = path;
    this.suite = suite;
    this.writer = writer;
  }

  /**
   * Creates the file, and its folder when it is missing; an older file of the same name is replaced.
   *
   * @param meta what holds for the whole run; becomes the first line
   */
  public static ResultsFile create(Path path, String suite, Map<String, String> meta) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      ResultsFile file = new ResultsFile(path, suite, Files.newBufferedWriter(path));
      file.write(metaLine(suite, meta));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + path, e);
    }
  }

  static String metaLine(String suite, Map<String, String> meta) {
    ObjectNode line = line(suite);
    ObjectNode about = line.putObject("meta");
    meta.forEach(about::put);
    return line.toString();
  }

  /** Says that what follows belongs to a table. */
  void begin(Section section) {
    ObjectNode line = line(suite);
    line.put("section", section.title());
    line.put("layout", section.layout().name());
    write(line.toString());
  }

  void note(String sentence) {
    write(line(suite).put("note", sentence).toString());
  }

  void check(Check check) {
    ObjectNode line = line(suite);
    line.put("check", check.requirement());
    line.put("unit", check.unit());
    line.put("bound", check.bound().name());
    line.put("limit", check.limit());
    line.put("measured", check.measured());
    write(line.toString());
  }

  private static ObjectNode line(String suite) {
    return JsonNodeFactory.instance.objectNode().put("suite", suite);
  }

  void add(Measurement measurement) {
    write(measurement.toJsonLine(suite));
  }

  private void write(String line) {
    try {
      writer.write(line);
      writer.write('\n');
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + path, e);
    }
  }

  /** Where the file is. */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + path, e);
    }
  }
}
