package dev.holdfast.benchmarks.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.benchmarks.report.Summary;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class BarChartTest {

  private static final List<String> SERIES = List.of("floor", "other", "own");

  @Test
  void drawsBarsAsHighAsTheirMediansFromTheAxisOn() throws Exception {
    Document svg =
        drawn(chart(false).add("one", "own", Summary.of(10)).add("two", "own", Summary.of(5)));
    List<Element> bars = bars(svg);
    assertThat(bars).hasSize(2);
    assertThat(number(bars.get(0), "height")).isEqualTo(2 * number(bars.get(1), "height"));
    assertThat(bottom(bars.get(0))).isEqualTo(bottom(bars.get(1)));
  }

  @Test
  void keepsTheColourOfASeriesWhateverElseIsDrawn() throws Exception {
    Document alone = drawn(chart(true).add("one", "own", Summary.of(10)));
    Document together =
        drawn(chart(true).add("one", "floor", Summary.of(10)).add("one", "own", Summary.of(10)));
    assertThat(bars(alone).get(0).getAttribute("fill"))
        .isEqualTo(bars(together).get(1).getAttribute("fill"))
        .isNotEqualTo(bars(together).get(0).getAttribute("fill"));
  }

  @Test
  void namesAxisGroupsValuesAndOnlyTheSeriesThatAreDrawn() throws Exception {
    Document svg = drawn(chart(true)
        .add("a <group> & more", "own", Summary.of(1_234))
        .add("a <group> & more", "floor", Summary.of(20_000)));
    assertThat(texts(svg))
        .contains(
            "Title", "time [ms], logarithmic", "a <group> & more", "own", "floor", "1,234", "20k")
        .doesNotContain("other");
  }

  @Test
  void drawsWhiskersFromQuartileToQuartileAndTheLineOfReference() throws Exception {
    Document svg = drawn(chart(false).add("one", "own", Summary.of(1, 2, 3)).line(1, "the line"));
    assertThat(lines(svg, "whisker")).hasSize(1);
    assertThat(lines(svg, "reference")).hasSize(1);
    assertThat(texts(svg)).contains("the line");
    assertThat(lines(drawn(chart(false).add("one", "own", Summary.of(2))), "whisker"))
        .isEmpty();
  }

  @Test
  void staysInsideOfThePicture() throws Exception {
    BarChart chart = chart(true);
    for (int group = 0; group < 11; group++) {
      for (String name : SERIES) {
        chart.add(
            "what takes a few lines as group number " + group,
            name,
            Summary.of(Math.pow(7, group), Math.pow(9, group)));
      }
    }
    Document svg = drawn(chart);
    assertThat(bars(svg)).hasSize(33).allSatisfy(bar -> {
      assertThat(number(bar, "x")).isGreaterThan(80);
      assertThat(number(bar, "x") + number(bar, "width")).isLessThan(940);
      assertThat(number(bar, "width")).isGreaterThan(5);
      assertThat(number(bar, "y")).isGreaterThan(60);
    });
    assertThat(names(svg))
        .hasSizeGreaterThan(44)
        .allSatisfy(name -> assertThat(number(name, "y"))
            .isLessThan(number(svg.getDocumentElement(), "height") - 4));
  }

  @Test
  void refusesWhatItCannotDraw() {
    assertThatThrownBy(() -> chart(true).add("one", "own", Summary.of(0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> chart(true).add("one", "stranger", Summary.of(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void wrapsNamesBetweenWords() {
    assertThat(BarChart.wrapped("16 writers, 1000 states", 12))
        .containsExactly("16 writers,", "1000 states");
    assertThat(BarChart.wrapped("unbreakable", 3)).containsExactly("unbreakable");
  }

  @Test
  void writesNumbersShort() {
    assertThat(List.of(0.052, 0.5, 1.0, 12.34, 123.4, 9_876.0, 31_425.0, 2_500_000.0).stream()
            .map(BarChart::number))
        .containsExactly("0.052", "0.50", "1", "12.3", "123", "9,876", "31.4k", "2.50M");
  }

  private static BarChart chart(boolean isLogarithmic) {
    return new BarChart("Title", "time [ms]", isLogarithmic, SERIES);
  }

  private static Document drawn(BarChart chart) throws Exception {
    byte[] svg = chart.toSvg().getBytes(StandardCharsets.UTF_8);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(svg));
  }

  /** All rectangles but the background and the small squares of the legend. */
  private static List<Element> bars(Document svg) {
    return elements(svg, "rect").stream()
        .filter(rectangle -> number(rectangle, "width") < 900)
        .filter(rectangle -> number(rectangle, "y") != 46)
        .toList();
  }

  private static List<Element> lines(Document svg, String style) {
    return elements(svg, "line").stream()
        .filter(line -> line.getAttribute("class").equals(style))
        .toList();
  }

  private static List<Element> names(Document svg) {
    return elements(svg, "text").stream()
        .filter(text -> text.getAttribute("class").equals("group"))
        .toList();
  }

  private static List<String> texts(Document svg) {
    return elements(svg, "text").stream().map(Element::getTextContent).toList();
  }

  private static List<Element> elements(Document svg, String name) {
    NodeList nodes = svg.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static double bottom(Element bar) {
    return Math.round(number(bar, "y") + number(bar, "height"));
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }
}
