package dev.holdfast.examples.airline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.examples.airline.AuditPage.Question;
import dev.holdfast.examples.airline.AuditRows.Between;
import dev.holdfast.examples.airline.AuditedAirline.Answer;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every query of {@code docs/audit-queries.md} gives the answer that follows from what was written: on the bundled runs, whose answers the
 * page also shows, and on those together with all recorded ones, which are found as in {@link RecordedRunsTest}, or made-up ones.
 */
@HoldfastTest
@TestInstance(Lifecycle.PER_CLASS)
@Tag("G6")
final class AuditQueriesTest {

  private static final Path SHARED =
      Path.of("..", "..", "shared", "data", "airline-agent-runs.json");
  private static final int QUESTIONS = 20;
  private static final int MADE_UP = 40;
  private static final String INCOMPLETE = "Is any history incomplete?";
  /** Their rows depend on how fast the test was; the page tells of people. */
  private static final Set<String> BY_PACE =
      Set.of("When did a person sit at the desk?", "How many changes were there in each hour?");

  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(\\.\\d+)?\\+00");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final TestDatabase database;
  private AuditedAirline bundled;
  private AuditedAirline recorded;

  @SuppressWarnings("NullAway.Init")
  AuditQueriesTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeAll
  void replay() throws IOException, SQLException {
    bundled = AuditedAirline.of(database, List.of(), 1);
    recorded = AuditedAirline.of(database.freshDatabase(), others(), 4);
  }

  private static List<RecordedRun> others() throws IOException {
    String named = System.getProperty("holdfast.airlineRuns", "");
    Path file = named.isEmpty() ? SHARED : Path.of(named);
    if (named.isEmpty() && !Files.exists(file)) {
      file = Files.createTempFile("runs", ".json");
      Files.writeString(file, new SyntheticRuns(Seed.next("audit-queries"), MADE_UP).json());
    }
    return RunsFile.read(InputFile.of(file));
  }

  @AfterAll
  void dropRoles() {
    AuditedAirline.dropRoles(database);
  }

  static List<Question> questions() throws IOException {
    return AuditPage.questions();
  }

  @Test
  void everyQuestionHasAnAnswerAndEveryAnswerAQuestion() throws IOException {
    assertThat(questions()).hasSizeGreaterThanOrEqualTo(QUESTIONS);
    assertThat(questions())
        .extracting(Question::title)
        .containsExactlyInAnyOrderElementsOf(bundled.answers().titles());
    assertThat(recorded.journal().all().count())
        .isGreaterThan(2 * bundled.journal().all().count());
  }

  @ParameterizedTest
  @MethodSource("questions")
  void answersAboutTheBundledRuns(Question question) throws SQLException {
    compare(question, bundled);
  }

  @ParameterizedTest
  @MethodSource("questions")
  void answersAboutAllRecordedRuns(Question question) throws SQLException {
    compare(question, recorded);
  }

  private static void compare(Question question, AuditedAirline airline) throws SQLException {
    List<List<Object>> expected = airline.answers().of(question.title()).orElseThrow();
    List<List<Object>> rows = airline.ask(question).rows();

    assertThat(rows).usingElementComparator(AuditQueriesTest::compareRows).isEqualTo(expected);
    if (!question.title().equals(INCOMPLETE)) {
      assertThat(rows).as("an answer without rows proves nothing").isNotEmpty();
    }
  }

  private static int compareRows(List<Object> actual, List<Object> expected) {
    for (int i = 0; i < Math.max(actual.size(), expected.size()); i++) {
      if (i >= actual.size() || i >= expected.size() || !isSame(actual.get(i), expected.get(i))) {
        return 1;
      }
    }
    return 0;
  }

  private static boolean isSame(Object actual, Object expected) {
    return expected instanceof Between between ? between.holds(actual) : actual.equals(expected);
  }

  @ParameterizedTest
  @MethodSource("questions")
  void thePageShowsTheseAnswers(Question question) throws SQLException {
    Answer answer = bundled.ask(question);
    if (answer.rows().isEmpty()) {
      assertThat(question.sample()).isEmpty();
      return;
    }
    List<List<String>> shown = question.sample();
    assertThat(shown).hasSizeGreaterThan(1);
    assertThat(shown.get(0)).isEqualTo(answer.columns());
    List<List<String>> rows = shown.subList(1, shown.size());
    if (BY_PACE.contains(question.title())) {
      return;
    }
    boolean isPart = rows.get(rows.size() - 1).stream().allMatch("…"::equals);
    int count = isPart ? rows.size() - 1 : rows.size();
    if (!isPart) {
      assertThat(answer.texts()).hasSize(count);
    }
    for (int row = 0; row < count; row++) {
      for (int column = 0; column < answer.columns().size(); column++) {
        assertThat(isShownAs(answer.texts().get(row).get(column), rows.get(row).get(column)))
            .as(
                "%s of row %s is %s",
                answer.columns().get(column), row + 1, answer.texts().get(row))
            .isTrue();
      }
    }
  }

  /** Times and ids are others each time; a long text ends with an ellipsis. */
  private static boolean isShownAs(String text, String shown) {
    if (TIME.matcher(shown).matches()) {
      return TIME.matcher(text).matches();
    }
    if (ID.matcher(shown).matches()) {
      return ID.matcher(text).matches();
    }
    String line = text.replaceAll("\\s+", " ").strip();
    return shown.endsWith("…")
        ? line.startsWith(shown.substring(0, shown.length() - 1))
        : line.equals(shown);
  }

  /** The control of the question that has no answer as long as all is well. */
  @Test
  void aMissingVersionIsFound() throws SQLException, IOException {
    Question question = questions().stream()
        .filter(one -> one.title().equals(INCOMPLETE))
        .findFirst()
        .orElseThrow();
    String missing = " holdfast.change WHERE version = 3 AND state_id = "
        + "holdfast.state_id('airline.runs', 'task-906-trial-0')";
    database.execute(
        "CREATE TABLE public.missing AS SELECT * FROM" + missing + "; DELETE FROM" + missing);
    try {
      assertThat(bundled.ask(question).texts())
          .containsExactly(List.of("airline.runs", "task-906-trial-0", "10", "9"));
    } finally {
      database.execute(
          "INSERT INTO holdfast.change SELECT * FROM public.missing; DROP TABLE public.missing");
    }
  }

  /** The control of the comparison: one changed value, and the answer is not the expected one any more. */
  @Test
  void anotherValueIsNoticed() throws SQLException, IOException {
    Question question = questions().stream()
        .filter(one -> one.title().startsWith("Which cabins"))
        .findFirst()
        .orElseThrow();
    List<List<Object>> expected = bundled.answers().of(question.title()).orElseThrow();
    List<Object> changed =
        List.of("first", expected.get(0).get(1), expected.get(0).get(2));
    List<List<Object>> rows = bundled.ask(question).rows();

    assertThat(compareRows(rows.get(0), expected.get(0))).isZero();
    assertThat(compareRows(rows.get(0), changed)).isNotZero();
  }
}
