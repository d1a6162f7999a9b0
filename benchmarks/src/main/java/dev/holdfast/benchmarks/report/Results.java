package dev.holdfast.benchmarks.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * A results file, read back. Immutable as long as nobody adds to its sections.
 *
 * @param suite that was measured
 * @param meta what holds for the whole run
 * @param sections the tables, in their order
 * @param checks the requirements, in their order
 */
public record Results(
    String suite, Map<String, String> meta, List<Section> sections, List<Check> checks) {

  private static final ObjectMapper MAPPER = JsonMapper.shared();

  /**
   * Reads a file that {@link ResultsFile} wrote.
   *
   * @throws IllegalStateException when a line is not one of those
   */
  public static Results read(Path path) {
    try {
      Reading reading = new Reading();
      for (String line : Files.readAllLines(path)) {
        reading.add(MAPPER.readTree(line));
      }
      return reading.results(path);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + path, e);
    }
  }

  /** The section whose title begins with these words. */
  public Optional<Section> section(String begin) {
    return sections.stream()
        .filter(section -> section.title().startsWith(begin))
        .findFirst();
  }

  private static final class Reading {

    private String suite = "";
    private final Map<String, String> meta = new LinkedHashMap<>();
    private final List<Section> sections = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();

    void add(JsonNode line) {
      if (line.has("meta")) {
        suite = text(line, "suite");
        line.get("meta")
            .properties()
            .forEach(entry -> meta.put(entry.getKey(), entry.getValue().asString()));
      } else if (line.has("section")) {
        sections.add(new Section(text(line, "section"), Layout.valueOf(text(line, "layout"))));
      } else if (line.has("check")) {
        checks.add(check(line));
      } else if (line.has("note")) {
        current().note(text(line, "note"));
      } else {
        current().add(measurement(line));
      }
    }

    private Section current() {
      if (sections.isEmpty()) {
        throw new IllegalStateException(
            "A value that belongs to no table: the file is older than this program");
      }
      return sections.get(sections.size() - 1);
    }

    private static Check check(JsonNode line) {
      return new Check(
          text(line, "check"),
          text(line, "unit"),
          Check.Bound.valueOf(text(line, "bound")),
          line.required("limit").asDouble(),
          line.required("measured").asDouble());
    }

    private static Measurement measurement(JsonNode line) {
      Contender contender = new Contender(
          text(line, "contender"),
          line.required("threads").asInt(),
          line.required("states").asInt());
      return new Measurement(
          contender,
          new Metric(text(line, "metric"), text(line, "unit")),
          line.required("round").asInt(),
          line.required("value").asDouble());
    }

    private static String text(JsonNode line, String field) {
      return line.required(field).asString();
    }

    Results results(Path path) {
      if (suite.isEmpty()) {
        throw new IllegalStateException("Not a results file, it does not say of what: " + path);
      }
      return new Results(suite, meta, sections, checks);
    }
  }
}
