package dev.holdfast.benchmarks.plot;

import java.util.Locale;

/** Writes one picture in SVG, on white, so that it can be read on any page. Confined to one thread. */
final class Svg {

  private static final String STYLE = """
      text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; font-size: 12px; fill: #333333; }
      .title { font-size: 17px; font-weight: 600; fill: #111111; }
      .legend { font-size: 13px; }
      .label { font-size: 13px; text-anchor: middle; }
      .tick { text-anchor: end; fill: #666666; }
      .group { text-anchor: middle; }
      .value { text-anchor: middle; font-size: 10.5px; }
      .name { text-anchor: end; font-size: 11px; fill: #c0392b; }
      .grid { stroke: #e4e4e4; }
      .axis { stroke: #333333; }
      .whisker { stroke: #111111; stroke-width: 1.5; }
      .reference { stroke: #c0392b; stroke-width: 1.5; stroke-dasharray: 6 4; }
      """;

  private final StringBuilder out = new StringBuilder();

  Svg(int width, int height) {
    out.append(String.format(
        Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n<style>\n%s</style>\n",
        width,
        height,
        width,
        height,
        STYLE));
    rectangle(0, 0, width, height, "#ffffff");
  }

  void rectangle(double x, double y, double width, double height, String fill) {
    add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
        x, y, width, height, fill);
  }

  void line(double x1, double y1, double x2, double y2, String style) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>",
        x1, y1, x2, y2, style);
  }

  void text(double x, double y, String style, String text) {
    add("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>", x, y, style, escape(text));
  }

  /** Text that runs upwards, around its middle. */
  void vertical(double x, double y, String style, String text) {
    add(
        "<text transform=\"translate(%.1f %.1f) rotate(-90)\" class=\"%s\">%s</text>",
        x, y, style, escape(text));
  }

  // Only ever called with text of this class.
  @SuppressWarnings("AnnotateFormatMethod")
  private void add(String format, Object... parameters) {
    out.append(String.format(Locale.ROOT, format, parameters)).append('\n');
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  @Override
  public String toString() {
    return out + "</svg>\n";
  }
}
