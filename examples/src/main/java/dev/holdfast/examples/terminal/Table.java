package dev.holdfast.examples.terminal;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in aligned columns, indented by two. Confined to one thread. */
public final class Table {

  /** To which side the cells of a column go. */
  public enum Side {
    /** For text. */
    LEFT,
    /** For numbers. */
    RIGHT
  }

  private static final String INDENT = "  ";
  private static final String GAP = "  ";

  private final List<Side> sides;
  private final List<List<String>> rows = new ArrayList<>();

  private Table(List<Side> sides) {
    this.sides = sides;
  }

  /** A table without rows, with a column for each side. */
  public static Table of(Side... sides) {
    return new Table(List.of(sides));
  }

  /** Adds a row; columns that are left out are empty. */
  public Table row(String... cells) {
    return row(List.of(cells));
  }

  /** Adds a row; columns that are left out are empty. */
  public Table row(List<String> cells) {
    if (cells.size() > sides.size()) {
      throw new IllegalArgumentException(cells.size() + " cells for " + sides.size() + " columns");
    }
    rows.add(cells.stream().map(Text::clean).toList());
    return this;
  }

  /** The lines, none wider than so many columns. */
  public List<String> lines(int columns) {
    int[] widths = widths();
    return rows.stream().map(row -> Text.cut(line(row, widths), columns)).toList();
  }

  private int[] widths() {
    int[] widths = new int[sides.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], Text.width(row.get(i)));
      }
    }
    return widths;
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder(INDENT);
    for (int i = 0; i < row.size(); i++) {
      line.append(i == 0 ? "" : GAP).append(padded(row.get(i), sides.get(i), widths[i]));
    }
    return line.toString().stripTrailing();
  }

  private static String padded(String cell, Side side, int width) {
    return side == Side.LEFT ? Text.padRight(cell, width) : Text.padLeft(cell, width);
  }
}
