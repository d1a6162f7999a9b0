package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.record.AgentCoordinationState;
import dev.holdfast.store.record.CodeGenerationState;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The records that come with the store, as views of whole states. */
@HoldfastTest
final class RecordViewTest {

  private static final AgentCoordinationState SESSION = new AgentCoordinationState(
      "session-1",
      3,
      List.of("agent-2", "agent-1"),
      Map.of("topic", json("flights"), "limits", json(Map.of("seats", 2))),
      List.of("a.txt"),
      "booking");

  private static final CodeGenerationState WORKFLOW = new CodeGenerationState(
      "workflow-1",
      Map.of("contract", json(Map.of("version", "1.0.0"))),
      Map.of("Model", "class Model {}"),
      Map.of("Validator", "class Validator {}"),
      Map.of("Test", "class Test {}"),
      Map.of("Trip", "record"),
      List.of("java.util.List", "java.util.Map"),
      Map.of("coverage", 0.9, "debt", 0.1));

  @AutoClose
  private final TestingStore store;

  RecordViewTest(TestDatabase database) {
    this.store = TestingStore.on(database);
  }

  private <R extends Record> RecordState<R> view(Class<R> type) {
    return RecordState.of(type, store.state());
  }

  @Test
  void aCoordinationStateKeepsAllItsFields() {
    RecordState<AgentCoordinationState> view = view(AgentCoordinationState.class);

    assertThat(view.get()).isEmpty();
    assertThat(view.set(SESSION)).isEqualTo(1);

    assertThat(view.get()).contains(SESSION);
    assertThat(view.at(1)).contains(SESSION);
    assertThat(view.state().keys())
        .containsExactlyInAnyOrder(
            "session_id",
            "agent_count",
            "completed_agents",
            "shared_context",
            "generated_files",
            "current_phase");
  }

  @Test
  void aCodeGenerationStateKeepsAllItsFields() {
    RecordState<CodeGenerationState> view = view(CodeGenerationState.class);

    view.set(WORKFLOW);

    assertThat(view.get()).contains(WORKFLOW);
    assertThat(view.state().keys())
        .containsExactlyInAnyOrder(
            "workflow_id",
            "contracts_parsed",
            "generated_models",
            "generated_validators",
            "generated_tests",
            "type_registry",
            "import_statements",
            "quality_metrics");
  }

  @Test
  void aCoordinationStateNeedsOnlyTheSessionAndTheCount() {
    RecordState<AgentCoordinationState> view = view(AgentCoordinationState.class);

    view.set(AgentCoordinationState.of("session-2", 5));

    assertThat(view.state().get("session_id")).contains(json("session-2"));
    assertThat(view.state().get("agent_count")).contains(json(5));
    AgentCoordinationState read = view.get().orElseThrow();
    assertThat(read.completedAgents()).isEmpty();
    assertThat(read.sharedContext()).isEmpty();
    assertThat(read.generatedFiles()).isEmpty();
    assertThat(read.currentPhase()).isEqualTo("initialization");
  }

  /** The function may write elsewhere, and who was faster there was not faster here. */
  @Test
  void aConflictThatTheFunctionMeetsElsewhereEndsTheUpdate() {
    RecordState<AgentCoordinationState> view = view(AgentCoordinationState.class);
    view.set(SESSION);
    State<JsonNode> other = store.state();
    other.set("n", json(1));
    AtomicInteger calls = new AtomicInteger();

    assertThatThrownBy(() -> view.update(session -> {
          calls.incrementAndGet();
          other.compareAndSet(0, Changes.<JsonNode>none().andSet("n", json(2)));
          return session;
        }))
        .isInstanceOfSatisfying(
            ConflictException.class, e -> assertThat(e.state()).isEqualTo(other.id()));

    assertThat(calls).hasValue(1);
    assertThat(view.state().version()).isEqualTo(1);
  }

  @Test
  void absentKeysBecomeDefaults() {
    RecordState<AgentCoordinationState> view = view(AgentCoordinationState.class);

    view.state().update(Map.of("session_id", json("session-3"), "agent_count", json(1)));

    assertThat(view.get()).contains(AgentCoordinationState.of("session-3", 1));
  }

  @Test
  void theRecordsCannotBeModified() {
    assertThat(AgentCoordinationState.class).isRecord();
    assertThatThrownBy(() -> SESSION.completedAgents().add("agent-9"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> SESSION.sharedContext().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> WORKFLOW.qualityMetrics().put("coverage", 1.0))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aNegativeCountIsRefused() {
    assertThatThrownBy(() -> AgentCoordinationState.of("session", -1))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("agentCount");
  }

  @Test
  void anUpdateWritesOnlyWhatDiffers() {
    RecordState<AgentCoordinationState> view = view(AgentCoordinationState.class);
    view.set(SESSION);

    view.by("agent-3")
        .update(old -> new AgentCoordinationState(
            old.sessionId(),
            old.agentCount(),
            old.completedAgents(),
            old.sharedContext(),
            old.generatedFiles(),
            "paying"));

    assertThat(view.state().history(History.all().by("agent-3")).changes())
        .extracting(Change::key)
        .containsExactly("current_phase");
    assertThat(view.set(view.get().orElseThrow())).isEqualTo(2);
  }

  /** A booking as a caller might see it. */
  record Booking(int seats, String code, OffsetDateTime departure, JsonNode fare, String status) {}

  @Test
  @SuppressWarnings(
      "NullAway") // The type says that there is none; a function may return it all the same.
  void noRecordAtAllIsRefused() {
    RecordState<AgentCoordinationState> view = view(AgentCoordinationState.class);
    view.set(SESSION);

    for (ThrowingCallable write :
        List.<ThrowingCallable>of(() -> view.set(null), () -> view.update(stored -> null))) {
      assertThatThrownBy(write)
          .isInstanceOfSatisfying(
              HoldfastException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
          .hasMessageContainingAll(view.id().toString(), "AgentCoordinationState", "null");
    }
    assertThat(view.get()).contains(SESSION);
    assertThat(view.state().version()).isEqualTo(1);
  }

  @Test
  void anUpdateLeavesAloneWhatItHasNotTouched() {
    RecordState<Booking> view = view(Booking.class);
    view.state()
        .update(Map.of(
            "seats", json(2),
            "code", json("KQX7M2"),
            "departure", json("2031-03-02T12:00:00+09:00"),
            "fare", Json.parse("{\"amount\": 119.50}"),
            "status", json("held")));

    view.by("agent-4")
        .update(old -> new Booking(old.seats(), old.code(), old.departure(), old.fare(), "paid"));

    assertThat(view.state().history(History.all().by("agent-4")).changes())
        .extracting(Change::key)
        .containsExactly("status");
    assertThat(view.get().orElseThrow().departure().getOffset()).isEqualTo(ZoneOffset.ofHours(9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "seats | 1.5",
        "seats | \"7\"",
        "seats | \"\"",
        "seats | true",
        "code | 7",
        "departure | \"\""
      })
  void aValueThatDoesNotFitIsRefusedAndNotBent(String key, String value) {
    RecordState<Booking> view = view(Booking.class);
    view.set(new Booking(2, "KQX7M2", OffsetDateTime.MIN, json(1), "held"));
    view.state().set(key, Json.parse(value));

    assertThatThrownBy(view::get).isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> view.update(old -> old)).isInstanceOf(CodecException.class);
    assertThat(view.state().get(key)).contains(Json.parse(value));
  }

  record Renamed(@JsonProperty("booking_code") String code, int seats) {}

  record Ignoring(@JsonIgnore String code, int seats) {}

  record Twice(int bookedSeats, int booked_seats) {}

  record Empty() {}

  @ParameterizedTest
  @ValueSource(classes = {Renamed.class, Ignoring.class, Twice.class, Empty.class})
  void aComponentThatWouldNotBeWrittenIsRefused(Class<? extends Record> type) {
    assertThatThrownBy(() -> view(type))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(type.getName());
  }

  /** Two of them are shown alike. */
  enum Cabin {
    ECONOMY,
    ECONOMY_FLEX,
    FIRST;

    @Override
    public String toString() {
      return this == FIRST ? "first" : "economy";
    }
  }

  record Seat(Cabin cabin, int row) {}

  @Test
  void aConstantIsKeptByItsNameWhateverItIsShownAs() {
    RecordState<Seat> view = view(Seat.class);

    view.set(new Seat(Cabin.ECONOMY_FLEX, 7));

    assertThat(view.get()).contains(new Seat(Cabin.ECONOMY_FLEX, 7));
    assertThat(view.state().get("cabin")).contains(json("ECONOMY_FLEX"));
  }

  record Fare(double amount) {}

  record Journey(double share, Fare fare, Instant departure, String phase) {}

  /** As other writers of the state have put it there, with more digits and properties than the record knows. */
  @Test
  void anUpdateLeavesAloneWhatTheRecordCannotHoldAsAWhole() {
    RecordState<Journey> view = view(Journey.class);
    JsonNode fare = Json.parse("{\"amount\": 0.12345678901234567890123, \"currency\": \"EUR\"}");
    view.state()
        .update(Map.of(
            "share", json(1),
            "fare", fare,
            "departure", json("2031-03-02T12:00:00.000Z"),
            "phase", json("held")));

    view.by("agent-5").update(old -> new Journey(old.share(), old.fare(), old.departure(), "paid"));

    assertThat(view.state().history(History.all().by("agent-5")).changes())
        .extracting(Change::key)
        .containsExactly("phase");
    assertThat(view.state().get("fare")).contains(fare);

    view.by("agent-6").update(old -> new Journey(0.5, old.fare(), Instant.EPOCH, old.phase()));

    assertThat(view.state().history(History.all().by("agent-6")).changes())
        .extracting(Change::key)
        .containsExactlyInAnyOrder("share", "departure");

    view.state().set("share", Json.parse("1E400"));
    view.update(old -> new Journey(0.25, old.fare(), old.departure(), old.phase()));
    assertThat(view.state().get("share")).contains(json(0.25));
  }

  record Trip(String phase, int seats, boolean paid) {}

  /** As the constructor would be given null for an object. */
  @Test
  void anAbsentPrimitiveIsZeroOrFalse() {
    RecordState<Trip> view = view(Trip.class);
    view.state().set("phase", json("held"));
    assertThat(view.get()).contains(new Trip("held", 0, false));
  }

  /** With what a record may tell of itself beside its components. */
  record Party(List<String> guests) {

    public String getFirst() {
      return guests.get(0);
    }
  }

  @Test
  void onlyTheComponentsOfARecordAreAsked() {
    RecordState<Party> view = view(Party.class);

    view.set(new Party(List.of()));

    assertThat(view.get()).contains(new Party(List.of()));
    assertThat(view.state().keys()).containsExactly("guests");
  }

  record LeavingOutNulls(
      @JsonInclude(Include.NON_NULL) @Nullable String code, int seats) {}

  @Test
  void aComponentThatIsLeftOutIsRemoved() {
    RecordState<LeavingOutNulls> view = view(LeavingOutNulls.class);
    view.set(new LeavingOutNulls("KQX7M2", 2));

    view.update(old -> new LeavingOutNulls(null, old.seats()));

    assertThat(view.get()).contains(new LeavingOutNulls(null, 2));
    assertThat(view.state().keys()).containsExactly("seats");
    assertThat(view.set(new LeavingOutNulls(null, 2))).isEqualTo(2);
  }

  @Test
  void stepsAreReadyWhenTheirDependenciesAreDone() {
    assertThat(SESSION.isReady(List.of("agent-1"))).isTrue();
    assertThat(SESSION.isReady(List.of("agent-1", "agent-3"))).isFalse();
    assertThat(SESSION.isReady(List.of())).isTrue();
  }
}
