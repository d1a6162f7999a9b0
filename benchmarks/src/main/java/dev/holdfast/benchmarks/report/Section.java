package dev.holdfast.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The measurements of one table, kept in the order in which contenders and metrics were first seen. Confined to one thread. */
public final class Section {

  private final String title;
  private final Layout layout;
  private final Set<Contender> contenders = new LinkedHashSet<>();
  private final Set<Metric> metrics = new LinkedHashSet<>();
  private final Map<Cell, List<Double>> values = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  Section(String title, Layout layout) {
    this.title = title;
    this.layout = layout;
  }

  /** The head of the table. */
  public String title() {
    return title;
  }

  Layout layout() {
    return layout;
  }

  /** Who was measured. */
  public List<Contender> contenders() {
    return List.copyOf(contenders);
  }

  /** What was measured. */
  public List<Metric> metrics() {
    return List.copyOf(metrics);
  }

  void add(Measurement measurement) {
    contenders.add(measurement.contender());
    metrics.add(measurement.metric());
    values
        .computeIfAbsent(
            new Cell(measurement.contender(), measurement.metric()), cell -> new ArrayList<>())
        .add(measurement.value());
  }

  void note(String sentence) {
    notes.add(sentence);
  }

  /** The values of a cell, or empty when it has none. */
  public Optional<Summary> find(Contender contender, Metric metric) {
    return Optional.ofNullable(values.get(new Cell(contender, metric))).map(Summary::of);
  }

  Summary summary(Contender contender, Metric metric) {
    return Summary.of(values.getOrDefault(new Cell(contender, metric), List.of()));
  }

  /** The table with its title and its notes, ending in an empty line; the empty text when there is nothing to show. */
  public String toMarkdown() {
    StringBuilder text = new StringBuilder();
    if (!values.isEmpty()) {
      text.append("### ").append(title).append("\n\n").append(table()).append("\n\n");
    }
    notes.forEach(sentence -> text.append(sentence).append("\n\n"));
    return text.toString();
  }

  MarkdownTable table() {
    return layout == Layout.METRICS_DOWN ? metricsDown() : contendersDown();
  }

  private MarkdownTable contendersDown() {
    List<String> header = new ArrayList<>(List.of("contender", "threads", "states"));
    metrics.forEach(metric -> header.add(metric.title()));
    MarkdownTable table = new MarkdownTable(header);
    for (Contender contender : contenders) {
      List<String> row = new ArrayList<>(
          List.of(contender.name(), text(contender.threads()), text(contender.states())));
      metrics.forEach(metric -> row.add(cell(contender, metric)));
      table.add(row);
    }
    return table;
  }

  private static String text(int number) {
    return Summary.number(number);
  }

  private MarkdownTable metricsDown() {
    List<String> header = new ArrayList<>(List.of("metric"));
    contenders.forEach(contender -> header.add(contender.name()));
    MarkdownTable table = new MarkdownTable(header);
    for (Metric metric : metrics) {
      List<String> row = new ArrayList<>(List.of(metric.title()));
      contenders.forEach(contender -> row.add(cell(contender, metric)));
      table.add(row);
    }
    return table;
  }

  private String cell(Contender contender, Metric metric) {
    return find(contender, metric).map(Summary::toText).orElse("");
  }

  private record Cell(Contender contender, Metric metric) {}
}
