package dev.holdfast.benchmarks.report;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects measurements: each goes to the results file at once, and into the table of the current section, which is printed when the next
 * one begins or the report ends. Confined to one thread.
 */
public final class Report {

  private final PrintStream out;
  private final ResultsFile file;
  private final List<Check> checks = new ArrayList<>();
  private int count;
  private Section section = new Section("", Layout.CONTENDERS_DOWN);

  /** A report that prints its tables to a stream. */
  public Report(PrintStream out, ResultsFile file) {
    this.out = out;
    this.file = file;
  }

  /** Begins a table; contenders and metrics appear in the order in which they are first added. */
  public void section(String title, Layout layout) {
    printSection();
    section = new Section(title, layout);
    file.begin(section);
  }

  /** Adds a value to the current table. */
  public void add(Measurement measurement) {
    file.add(measurement);
    section.add(measurement);
    count++;
  }

  /** How many values were added to all tables. */
  public int count() {
    return count;
  }

  /**
   * The values of the current table that were added for a contender and a metric.
   *
   * @throws IllegalArgumentException when there is none
   */
  public Summary summary(Contender contender, Metric metric) {
    return section.summary(contender, metric);
  }

  /** Adds a sentence that is printed under the current table. */
  public void note(String sentence) {
    file.note(sentence);
    section.note(sentence);
  }

  /** Adds a requirement, printed at the end. */
  public void check(Check check) {
    file.check(check);
    checks.add(check);
  }

  private void printSection() {
    out.print(section.toMarkdown());
    out.flush();
  }

  /**
   * Prints what is left and the verdicts.
   *
   * @return whether every requirement is met
   */
  public boolean finish() {
    printSection();
    out.print(Check.toMarkdown(checks));
    out.flush();
    return checks.stream().allMatch(Check::isMet);
  }
}
