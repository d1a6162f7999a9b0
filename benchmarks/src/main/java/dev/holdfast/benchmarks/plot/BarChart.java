package dev.holdfast.benchmarks.plot;

import dev.holdfast.benchmarks.report.Summary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * Groups of bars, one bar of a colour per series: medians, with a whisker from the lower to the upper quartile. Confined to one thread.
 */
public final class BarChart {

  private static final int WIDTH = 960;
  private static final int PLOT_HEIGHT = 306;
  private static final int LEFT = 84;
  private static final int RIGHT = 48;
  private static final int TOP = 92;
  private static final int FIRST_LINE = 20;
  private static final int NEXT_LINE = 15;
  private static final int BOTTOM = 12;

  /** What the names of most groups need; so most pictures are of the same height. */
  private static final int USUAL_LINES = 3;

  private static final double GAP = 0.22;
  private static final int CHARACTER = 7;
  private static final double WIDEST = 72;

  /** Colours that people with any kind of colour vision can tell apart (Okabe and Ito), the last one for whom the plots are about. */
  private static final List<String> COLOURS =
      List.of("#999999", "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#0b4f8a");

  private final String title;
  private final String axis;
  private final boolean isLogarithmic;
  private final List<String> series;
  private final List<String> groups = new ArrayList<>();
  private final Map<Bar, Summary> bars = new LinkedHashMap<>();
  private @Nullable Reference reference;

  /**
   * An empty chart.
   *
   * @param axis what the heights are, with their unit
   * @param isLogarithmic for values that differ by factors
   * @param series what there may be bars of, in their order, the one that the plot is about last; charts with the same list use the
   *     same colours
   */
  public BarChart(String title, String axis, boolean isLogarithmic, List<String> series) {
    this.title = title;
    this.axis = axis;
    this.isLogarithmic = isLogarithmic;
    this.series = List.copyOf(series);
  }

  /** Draws a line across the plot. */
  public BarChart line(double value, String name) {
    reference = new Reference(value, name);
    return this;
  }

  /**
   * Adds a bar. Groups appear in the order in which they are first added.
   *
   * @param name one of the series
   * @param value positive
   */
  public BarChart add(String group, String name, Summary value) {
    if (value.median() <= 0 || !series.contains(name)) {
      throw new IllegalArgumentException("Not a bar: " + group + ", " + name + ", " + value);
    }
    if (!groups.contains(group)) {
      groups.add(group);
    }
    bars.put(new Bar(group, name), value);
    return this;
  }

  /** What it shows. */
  public String title() {
    return title;
  }

  /** Whether there is nothing to draw. */
  public boolean isEmpty() {
    return groups.isEmpty();
  }

  /** The chart as a text in SVG. */
  public String toSvg() {
    Svg svg = new Svg(WIDTH, height());
    svg.text(LEFT, 28, "title", title);
    if (series.size() > 1) {
      legend(svg);
    }
    Scale scale = scale();
    grid(svg, scale);
    for (int group = 0; group < groups.size(); group++) {
      group(svg, scale, group);
    }
    referenceLine(svg, scale);
    svg.line(LEFT, y(0), WIDTH - RIGHT, y(0), "axis");
    svg.vertical(
        20, TOP + PLOT_HEIGHT / 2.0, "label", isLogarithmic ? axis + ", logarithmic" : axis);
    return svg.toString();
  }

  /** Under the plot is room for the name that takes most lines. */
  private int height() {
    int lines =
        groups.stream().mapToInt(group -> lines(group).size()).reduce(USUAL_LINES, Math::max);
    return TOP + PLOT_HEIGHT + FIRST_LINE + NEXT_LINE * (lines - 1) + BOTTOM;
  }

  private List<String> lines(String group) {
    return wrapped(group, (int) (groupWidth() / CHARACTER));
  }

  private double groupWidth() {
    return (double) (WIDTH - LEFT - RIGHT) / groups.size();
  }

  private Scale scale() {
    double[] values = DoubleStream.concat(
            reference == null ? DoubleStream.empty() : DoubleStream.of(reference.value),
            bars.values().stream()
                .flatMapToDouble(value -> DoubleStream.of(value.median(), value.upperQuartile())))
        .sorted()
        .toArray();
    double largest = values[values.length - 1];
    return isLogarithmic ? Scale.logarithmic(values[0], largest) : Scale.linear(largest);
  }

  /** Only what is drawn. */
  private void legend(Svg svg) {
    double x = LEFT;
    for (String name : series) {
      if (bars.keySet().stream().anyMatch(bar -> bar.series.equals(name))) {
        svg.rectangle(x, 46, 12, 12, colour(name));
        svg.text(x + 18, 57, "legend", name);
        x += 18 + name.length() * CHARACTER + 26;
      }
    }
  }

  private String colour(String name) {
    int fromEnd = series.size() - 1 - series.indexOf(name);
    return fromEnd == 0
        ? COLOURS.get(COLOURS.size() - 1)
        : COLOURS.get(series.indexOf(name) % (COLOURS.size() - 1));
  }

  private void grid(Svg svg, Scale scale) {
    for (double tick : scale.ticks()) {
      double y = y(scale.height(tick));
      svg.line(LEFT, y, WIDTH - RIGHT, y, "grid");
      svg.text(LEFT - 8, y + 4, "tick", withoutZeros(number(tick)));
    }
  }

  /** The bars that the group has, side by side around its middle. */
  private void group(Svg svg, Scale scale, int number) {
    String group = groups.get(number);
    double width = groupWidth();
    double middle = LEFT + (number + 0.5) * width;
    List<String> drawn =
        series.stream().filter(name -> bars.containsKey(new Bar(group, name))).toList();
    double bar = Math.min(WIDEST, width * (1 - GAP) / drawn.size());
    double x = middle - bar * drawn.size() / 2;
    for (String name : drawn) {
      Summary value = Objects.requireNonNull(bars.get(new Bar(group, name)));
      bar(svg, scale, x, bar, value, colour(name));
      x += bar;
    }
    List<String> lines = lines(group);
    for (int i = 0; i < lines.size(); i++) {
      svg.text(middle, y(0) + FIRST_LINE + NEXT_LINE * i, "group", lines.get(i));
    }
  }

  private static void bar(
      Svg svg, Scale scale, double x, double width, Summary value, String colour) {
    double top = y(scale.height(value.median()));
    svg.rectangle(x + 1, top, width - 2, y(0) - top, colour);
    double upper = y(scale.height(value.upperQuartile()));
    double lower = y(scale.height(Math.max(value.lowerQuartile(), scale.low())));
    if (lower - upper >= 1) {
      svg.line(x + width / 2, upper, x + width / 2, lower, "whisker");
    }
    svg.text(x + width / 2, Math.min(upper, top) - 4, "value", number(value.median()));
  }

  private void referenceLine(Svg svg, Scale scale) {
    if (reference != null) {
      double y = y(scale.height(reference.value));
      svg.line(LEFT, y, WIDTH - RIGHT, y, "reference");
      // Beside the bars, which may be as high as the line.
      svg.text(WIDTH - 6, y + 4, "name", reference.name);
    }
  }

  private static double y(double share) {
    return TOP + PLOT_HEIGHT * (1 - share);
  }

  /** Lines of at most so many characters where the words allow it. */
  static List<String> wrapped(String text, int characters) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (line.length() > 0 && line.length() + 1 + word.length() > characters) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** Two significant digits at least, thousands as k, millions as M. */
  static String number(double value) {
    if (value >= 999_500) {
      return digits(value / 1e6) + "M";
    }
    return value >= 9_995 ? digits(value / 1e3) + "k" : digits(value);
  }

  private static String digits(double value) {
    boolean isWhole = Math.abs(value - Math.rint(value)) < 1e-9;
    String format = value >= 99.5 || isWhole
        ? "%,.0f"
        : value >= 9.95 ? "%.1f" : value >= 0.0995 ? "%.2f" : value >= 0.00995 ? "%.3f" : "%.4f";
    return String.format(Locale.ROOT, format, value);
  }

  private static String withoutZeros(String number) {
    return number.contains(".") ? number.replaceAll("\\.?0+(?=[kM]?$)", "") : number;
  }

  private record Bar(String group, String series) {}

  private record Reference(double value, String name) {}
}
