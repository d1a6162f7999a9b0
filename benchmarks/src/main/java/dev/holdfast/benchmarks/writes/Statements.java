package dev.holdfast.benchmarks.writes;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The SQL of the contenders, for the documentation. Stateless. */
public final class Statements {

  private Statements() {}

  /** One listing per contender: what it makes beforehand, and what a write sends. */
  public static String toMarkdown() {
    StringBuilder text = new StringBuilder();
    listings().forEach((title, statements) -> text.append(listing(title, statements)));
    return text.toString().strip();
  }

  private static Map<String, List<String>> listings() {
    Map<String, List<String>> listings = new LinkedHashMap<>();
    listings.put("The floor: one insert", List.of(Floor.TABLES, Floor.INSERT, Floor.INSERT_MANY));
    listings.put(
        "One function: one call, which does everything in the server",
        List.of(
            OneFunction.TABLES,
            OneFunction.FUNCTIONS,
            OneFunction.SET,
            OneFunction.UPDATE,
            OneFunction.STEP));
    listings.put(
        "Naive JDBC: BEGIN, these statements, COMMIT; many keys as batches",
        List.of(
            NaiveJdbc.TABLES,
            NaiveJdbc.LOCK,
            NaiveJdbc.RAISE,
            NaiveJdbc.UPSERT,
            NaiveJdbc.HISTORY,
            NaiveJdbc.MESSAGE));
    listings.put(
        "Queue by hand: a head, the changes, and one thread that writes what has queued up",
        List.of(QueueByHand.TABLES, QueueByHand.SET, QueueByHand.UPDATE, QueueByHand.WRITE_QUEUED));
    listings.put(
        "Single statement: tables made for conversations",
        List.of(SingleStatement.TABLES, SingleStatement.STEP));
    listings.put(
        "Rewriting: the whole conversation at each step",
        List.of(RewritingJdbc.TABLES, RewritingJdbc.STEP));
    return listings;
  }

  private static String listing(String title, List<String> statements) {
    StringBuilder text = new StringBuilder("<details><summary>" + title + "</summary>\n\n```sql\n");
    for (String statement : statements) {
      String plain = statement.replace("{schema}.", "").strip();
      text.append(plain).append(plain.endsWith(";") ? "\n\n" : ";\n\n");
    }
    return text.toString().strip() + "\n```\n\n</details>\n\n";
  }
}
