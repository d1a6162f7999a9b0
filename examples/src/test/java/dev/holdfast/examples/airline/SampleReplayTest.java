package dev.holdfast.examples.airline;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.examples.airline.TestingCommand.Outcome;
import dev.holdfast.store.Snapshot;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@HoldfastTest
final class SampleReplayTest {

  private static final int RUNS = 6;
  private static final int MESSAGES = 72;
  private static final int SHARED_WRITES = 6;
  private static final int SEEDS = 3;

  private final TestDatabase database;

  SampleReplayTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void replaysTheBundledRunsAndVerifiesThem() {
    Outcome outcome = replay("replays", "--workers", "4", "--json");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.number("/written/runs")).isEqualTo(RUNS);
    assertThat(outcome.number("/written/messages")).isEqualTo(MESSAGES);
    assertThat(outcome.number("/written/sharedWrites")).isEqualTo(SHARED_WRITES);
    assertThat(outcome.number("/written/changeSets")).isEqualTo(MESSAGES + SHARED_WRITES + SEEDS);
    assertThat(outcome.number("/totals/versions")).isEqualTo(MESSAGES + SHARED_WRITES + SEEDS);
    assertThat(outcome.number("/totals/changes")).isEqualTo(outcome.number("/written/changes"));
    assertThat(outcome.json().at("/verified/difference").isNull()).isTrue();
    assertThat(outcome.err()).contains("verified: 72 messages of 6 runs");
  }

  @Test
  void writesNothingWhenStartedAgain() {
    replay("again");
    String before = fingerprint("again");

    Outcome second = replay("again", "--json");

    assertThat(second.code()).isZero();
    assertThat(second.number("/found/complete")).isEqualTo(RUNS);
    assertThat(second.number("/found/messages")).isEqualTo(MESSAGES);
    assertThat(second.number("/written/changes")).isZero();
    assertThat(second.err())
        .contains("Found 6 runs from an earlier start, 6 complete, 72 messages. Nothing is left");
    assertThat(fingerprint("again")).isEqualTo(before);
  }

  @Test
  void tellsPeopleWhoChangedTheReservationThatTwoRunsTouched() {
    Outcome outcome = replay("people");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .contains("Reservation KQX7M2, changed by 2 runs")
        .contains("run task-901-trial-0  update_reservation_flights")
        .contains("run task-902-trial-0  update_reservation_baggages")
        .contains("verified: 72 messages of 6 runs, 6 changes by tools made once each")
        .contains("holdfast.state_summary");
    assertThat(outcome.out().lines()).noneMatch(line -> line.endsWith(" "));
  }

  @Test
  void storesWhatTheToolsDid() {
    replay("tools");
    try (Holdfast holdfast =
        Holdfast.builder().dataSource(database.dataSource()).build()) {
      Snapshot<JsonNode> cancelled =
          holdfast.state("tools.reservations", "KD3W9P").snapshot();
      assertThat(cancelled.getRequired("status")).isEqualTo(json("cancelled"));
      Snapshot<JsonNode> booked = holdfast.state("tools.reservations", "KN8B4H").snapshot();
      assertThat(booked.getRequired("user_id")).isEqualTo(json("omar_haddad_19"));
      assertThat(booked.version()).as("the failed booking wrote nothing").isEqualTo(1);
      assertThat(holdfast.state("tools.users", "yuki_mori_88").getRequired("certificates"))
          .isEqualTo(json(List.of(Map.of("id", "certificate_600188", "amount", 100))));
      Snapshot<JsonNode> run = holdfast.state("tools.runs", "task-906-trial-0").snapshot();
      assertThat(run.getRequired("phase")).isEqualTo(json("done"));
      assertThat(run.getRequired("user")).isEqualTo(json("yuki_mori_88"));
      assertThat(run.toJson().at("/tool:0003/result/passengers/1/first_name").asString())
          .isEqualTo("Kenji");
    }
  }

  @Test
  void namesTheFirstDifferenceWhenMessagesAreMissing() {
    Outcome outcome = replay("missing", "--verify");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .isEqualToIgnoringNewLines(
            "airline: verification failed: task-901-trial-0: has 0 messages, recorded are 14");
  }

  @Test
  void noticesAVersionThatNoToolCallMade() {
    replay("foreign");
    try (Holdfast holdfast =
        Holdfast.builder().dataSource(database.dataSource()).build()) {
      holdfast.state("foreign.reservations", "KQX7M2").set("cabin", json("first"));
    }

    Outcome outcome = replay("foreign", "--verify", "--json");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.json().at("/verified/difference").asString())
        .isEqualTo("foreign.reservations/KQX7M2: has 4 versions, but 3 tool calls and seeds");
  }

  @Test
  void doesNotContinueARunThatWasBegunFromAnotherFile() {
    try (Holdfast holdfast =
        Holdfast.builder().dataSource(database.dataSource()).build()) {
      holdfast
          .state("other.runs", "task-903-trial-0")
          .append("messages", Map.of("role", "user", "content", "Somebody else"));
    }

    Outcome outcome = replay("other");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err())
        .isEqualToIgnoringNewLines("airline: the state other.runs/task-903-trial-0 was written from"
            + " another file; choose another --namespace or database");
  }

  private Outcome replay(String namespace, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--namespace", namespace));
    return TestingCommand.run(database, all.toArray(String[]::new));
  }

  private String fingerprint(String namespace) {
    return database
        .queryStrings("SELECT name, key, version, changed_at, payload FROM holdfast.change_summary"
            + " WHERE namespace LIKE '" + namespace + ".%' ORDER BY name, version, key")
        .toString();
  }
}
