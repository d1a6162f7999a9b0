package dev.holdfast.examples.airline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class StepsTest {

  private static final String ASK = """
      {"role": "assistant", "content": null, "tool_calls": [
        {"id": "a", "type": "function", "function": {"name": "%s", "arguments": "{\\"reservation_id\\": \\"R1\\"}"}}]}""";
  private static final String ANSWER = """
      {"role": "tool", "tool_call_id": "a", "name": "%s", "content": "%s"}""";

  @Test
  void startsWithTheUserAndEndsDone() {
    List<Step> steps = steps("{\"role\": \"user\", \"content\": \"Hi\"}", "{\"role\": \"user\"}");
    assertThat(steps.get(0).changes()).hasToString("Changes[append messages, set user, set phase]");
    assertThat(steps.get(1).changes()).hasToString("Changes[append messages, set phase]");
  }

  @Test
  void setsThePhaseOnlyWhenItMoves() {
    List<Step> steps = steps(
        "{\"role\": \"user\", \"content\": \"Hi\"}",
        "{\"role\": \"assistant\", \"content\": \"Hello\"}",
        "{\"role\": \"user\", \"content\": \"I am mia_1\"}",
        "{\"role\": \"user\", \"content\": \"Bye\"}");
    assertThat(steps.get(1).changes()).hasToString("Changes[append messages]");
    assertThat(steps.get(2).changes()).hasToString("Changes[append messages, set phase]");
  }

  @Test
  void keepsToolResultsUnderTheNumberOfTheMessage() {
    List<Step> steps =
        steps(ASK.formatted("think"), ANSWER.formatted("think", "ok"), "{\"role\": \"user\"}");
    assertThat(steps.get(1).changes())
        .hasToString("Changes[append messages, set phase, set tool:0001]");
    assertThat(steps.get(1).write()).isNull();
  }

  @Test
  void aCallThatFailedWritesNothing() {
    List<Step> steps = steps(
        ASK.formatted("cancel_reservation"), ANSWER.formatted("cancel_reservation", "Error: no"));
    assertThat(steps.get(1).write()).isNull();
  }

  /** Recorded runs use one id for several calls, with different effects. */
  @Test
  void twoCallsWithOneIdAreTwoWrites() {
    String ask = ASK.formatted("cancel_reservation");
    String answer = ANSWER.formatted("cancel_reservation", "done");
    assertThat(steps(ask, answer, ask, answer))
        .extracting(Step::write)
        .filteredOn(write -> write != null)
        .extracting(write -> write.call().key())
        .containsExactly("applied:task-1-trial-2:0001", "applied:task-1-trial-2:0003");
  }

  private static List<Step> steps(String... messages) {
    List<JsonNode> trees = List.of(messages).stream().map(Json::parse).toList();
    return Steps.of(new RecordedRun("task-1-trial-2", "mia_1", trees));
  }
}
