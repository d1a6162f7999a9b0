package dev.holdfast.benchmarks.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A table in Markdown that also reads well as plain text: cells are padded, all but the first column flush right. Confined to one thread. */
final class MarkdownTable {

  private final List<List<String>> rows = new ArrayList<>();

  MarkdownTable(List<String> header) {
    rows.add(List.copyOf(header));
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException when it has not as many cells as the header
   */
  void add(List<String> cells) {
    if (cells.size() != rows.get(0).size()) {
      throw new IllegalArgumentException(
          "The header is " + rows.get(0) + ", not so long: " + cells);
    }
    rows.add(cells.stream().map(MarkdownTable::escape).toList());
  }

  private static String escape(String cell) {
    return cell.replace("|", "\\|").replace("\n", " ");
  }

  /** The lines, without an empty one at the end. */
  List<String> lines() {
    int[] widths = widths();
    List<String> lines = new ArrayList<>();
    lines.add(line(rows.get(0), widths));
    lines.add(rule(widths));
    rows.subList(1, rows.size()).forEach(row -> lines.add(line(row, widths)));
    return lines;
  }

  private int[] widths() {
    int[] widths = new int[rows.get(0).size()];
    Arrays.setAll(
        widths,
        column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(1));
    return widths;
  }

  private static String line(List<String> row, int[] widths) {
    List<String> cells = new ArrayList<>();
    for (int column = 0; column < widths.length; column++) {
      String padding = " ".repeat(widths[column] - row.get(column).length());
      cells.add(column == 0 ? row.get(column) + padding : padding + row.get(column));
    }
    return framed(cells, " ");
  }

  private static String rule(int[] widths) {
    List<String> cells = new ArrayList<>();
    for (int column = 0; column < widths.length; column++) {
      cells.add(column == 0 ? "-".repeat(widths[0] + 2) : "-".repeat(widths[column] + 1) + ":");
    }
    return framed(cells, "");
  }

  private static String framed(List<String> cells, String space) {
    return cells.stream()
        .map(cell -> space + cell + space)
        .collect(Collectors.joining("|", "|", "|"));
  }

  @Override
  public String toString() {
    return String.join("\n", lines());
  }
}
