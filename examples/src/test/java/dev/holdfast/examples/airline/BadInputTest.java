package dev.holdfast.examples.airline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.examples.airline.TestingCommand.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What cannot be used is said in one line, before any database is started. */
final class BadInputTest {

  private static final String CALL =
      "{'task_id':1,'trial':0,'traj':[{'role':'assistant','tool_calls':[%s]}]}";

  @TempDir
  private Path folder;

  static Stream<Arguments> runs() {
    return Stream.of(
        arguments("", "is not valid JSON"),
        arguments("[{'task_id': 1,", "is not valid JSON"),
        arguments("{}", "it must be an array of at least one run"),
        arguments("[]", "it must be an array of at least one run"),
        arguments("[7]", "run 1 has no \"task_id\""),
        arguments("[{'task_id':1}]", "run 1 has no \"trial\""),
        arguments("[{'task_id':1,'trial':0}]", "run 1 has no array \"traj\""),
        arguments("[{'task_id':1,'trial':0,'traj':[]}]", "run 1 has no array \"traj\""),
        arguments("[{'task_id':1,'trial':0,'traj':[1]}]", "run 1, message 1 is not an object"),
        arguments(
            "[{'task_id':1,'trial':0,'traj':[{'role':'user'}]},{'task_id':1,'trial':0,'traj':[{'role':'user'}]}]",
            "run 2 has the same task_id and trial as an earlier one: task-1-trial-0"),
        arguments(
            "[{'task_id':1,'trial':0,'traj':[{'role':'tool','tool_call_id':'a','content':''}]}]",
            "run 1, message 1 answers the tool call \"a\", which nobody made"),
        arguments(
            "[" + CALL.formatted("{'id':'a','function':{}}") + "]",
            "run 1, message 1 has a tool call without an id or a name"),
        arguments(
            "["
                + CALL.formatted(
                    "{'id':'a','function':{'name':'cancel_reservation','arguments':'x'}}")
                + "]",
            "run 1, message 1 calls cancel_reservation with arguments that are not a JSON object"));
  }

  @ParameterizedTest
  @MethodSource
  void runs(String text, String complaint) throws IOException {
    Path file = Files.writeString(folder.resolve("runs.json"), text.replace('\'', '"'));
    requireComplaint(TestingCommand.run("--runs", file.toString()), complaint);
  }

  static Stream<Arguments> reservations() {
    return Stream.of(
        arguments("[]", "it must be an object of reservations by id"),
        arguments("{'A': 1}", "reservation \"A\" is not an object with fields"),
        arguments("{'A': {'b': 1}, 'A': {'b': 1}}", "is not valid JSON"));
  }

  @ParameterizedTest
  @MethodSource
  void reservations(String text, String complaint) throws IOException {
    Path file = Files.writeString(folder.resolve("r.json"), text.replace('\'', '"'));
    requireComplaint(TestingCommand.run("--reservations", file.toString()), complaint);
  }

  static Stream<Arguments> options() {
    return Stream.of(
        arguments(List.of("--wrokers", "3"), "Unknown option"),
        arguments(List.of("--workers", "many"), "--workers"),
        arguments(List.of("--workers", "0"), "--workers is 1 to 128, not 0"),
        arguments(List.of("--workers"), "--workers"),
        arguments(List.of("--namespace", " "), "--namespace is a text of 1 to 100 characters"),
        arguments(List.of("--failure-rate", "1.5"), "--failure-rate is 0 to 1, not 1.5"),
        arguments(List.of("--failure-rate", "NaN"), "--failure-rate is 0 to 1, not NaN"),
        arguments(List.of("--failure-rate", "often"), "--failure-rate"),
        arguments(
            List.of("--resolve", "--failure-rate", "0.1"),
            "--resolve needs a service that works; leave out --failure-rate and --verify"),
        arguments(List.of("--user", "me"), "--user and --password need --jdbc-url"),
        arguments(List.of("--jdbc-url", "jdbc:postgresql:x", "--data", "y"), "exclude each other"),
        arguments(List.of("--jdbc-url", "jdbc:mysql:x"), "jdbc:postgresql:"),
        arguments(List.of("--runs", "/no/such/file.json"), "there is no file /no/such/file.json"));
  }

  @ParameterizedTest
  @MethodSource
  void options(List<String> given, String complaint) {
    requireComplaint(TestingCommand.run(given.toArray(String[]::new)), complaint);
  }

  @Test
  void aFolderIsNoFile() {
    requireComplaint(TestingCommand.run("--runs", folder.toString()), "cannot read");
  }

  @Test
  void aFileInAnotherEncoding() throws IOException {
    Path file = Files.write(
        folder.resolve("latin1.json"), "[\"Grüße\"]".getBytes(StandardCharsets.ISO_8859_1));
    requireComplaint(TestingCommand.run("--runs", file.toString()), "is not a text in UTF-8");
  }

  @Test
  void aDataFolderThatIsAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("data"), "");
    requireComplaint(TestingCommand.run("--data", file.toString()), file.toString());
  }

  @Test
  void aServerThatDoesNotAnswerIsAFailureAndNotBadInput() {
    Outcome outcome =
        TestingCommand.run("--jdbc-url", "jdbc:postgresql://localhost:1/x", "--user", "me");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).startsWith("airline: ").hasLineCount(1).doesNotContain("\tat ");
  }

  private static void requireComplaint(Outcome outcome, String complaint) {
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("airline: ").contains(complaint).hasLineCount(1);
    assertThat(outcome.out()).doesNotContain("PostgreSQL", "Replay");
  }
}
