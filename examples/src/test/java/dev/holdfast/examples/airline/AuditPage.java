package dev.holdfast.examples.airline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The questions of {@code docs/audit-queries.md}. */
final class AuditPage {

  private static final Path PAGE = Path.of("..", "docs", "audit-queries.md");
  private static final Pattern QUESTION = Pattern.compile(
      "^### (?<title>.+)\\n(?:(?!###|```)[^\\n]*\\n)*```sql\\n(?<sql>[^`]+)```\\n(?<after>(?:(?!#)[^\\n]*\\n)*)",
      Pattern.MULTILINE);
  private static final Pattern HEADING = Pattern.compile("^### ", Pattern.MULTILINE);
  private static final Pattern SQL = Pattern.compile("^```sql$", Pattern.MULTILINE);

  private AuditPage() {}

  /** All questions, in order. Fails when a heading has no query, or a query no heading. */
  static List<Question> questions() throws IOException {
    String text = Files.readString(PAGE);
    List<Question> questions = new ArrayList<>();
    Matcher question = QUESTION.matcher(text);
    while (question.find()) {
      questions.add(new Question(
          question.group("title"), question.group("sql"), sample(question.group("after"))));
    }
    long headings = HEADING.matcher(text).results().count();
    long queries = SQL.matcher(text).results().count();
    if (headings != questions.size() || queries != questions.size()) {
      throw new AssertionError("%s has %d questions and %d queries, of which %d belong together"
          .formatted(PAGE, headings, queries, questions.size()));
    }
    return questions;
  }

  private static List<List<String>> sample(String after) {
    return after
        .lines()
        .filter(line -> line.startsWith("|") && !line.startsWith("|---"))
        .map(line -> Arrays.stream(line.substring(1, line.length() - 1).split("(?<!\\\\)\\|", -1))
            .map(cell -> cell.strip().replace("\\|", "|"))
            .toList())
        .toList();
  }

  /**
   * A question.
   *
   * @param sample the table under the query: names of columns, then rows; empty when there is none
   */
  record Question(String title, String sql, List<List<String>> sample) {

    @Override
    public String toString() {
      return title;
    }
  }
}
