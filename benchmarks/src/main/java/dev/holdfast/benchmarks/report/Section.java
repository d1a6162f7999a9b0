package dev.holdfast.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The measurements of one table, kept in the order in which contenders and metrics were first seen. Confined to one thread. */
final class Section {

  private final String title;
  private final Layout layout;
  private final Set<Contender> contenders = new LinkedHashSet<>();
  private final Set<Metric> metrics = new LinkedHashSet<>();
  private final Map<Cell, List<Double>> values = new LinkedHashMap<>();

  Section(String title, Layout layout) {
    this.title = title;
    this.layout = layout;
  }

  String title() {
    return title;
  }

  void add(Measurement measurement) {
    contenders.add(measurement.contender());
    metrics.add(measurement.metric());
    values
        .computeIfAbsent(
            new Cell(measurement.contender(), measurement.metric()), cell -> new ArrayList<>())
        .add(measurement.value());
  }

  Summary summary(Contender contender, Metric metric) {
    return Summary.of(values.getOrDefault(new Cell(contender, metric), List.of()));
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
    List<Double> found = values.get(new Cell(contender, metric));
    return found == null ? "" : Summary.of(found).toText();
  }

  private record Cell(Contender contender, Metric metric) {}
}
