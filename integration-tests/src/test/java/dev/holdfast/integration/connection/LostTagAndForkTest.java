package dev.holdfast.integration.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.State;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Calls that make no version of their own are looked up as well when their connection breaks: reported as done, or never done. */
@HoldfastTest
@Tag("G4")
final class LostTagAndForkTest {

  private final TestingProxy proxy;
  private final Holdfast holdfast;

  LostTagAndForkTest(TestDatabase database) {
    this.proxy = TestingProxy.to(database);
    this.holdfast = Holdfast.builder()
        .jdbcUrl(proxy.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(3)
        .build();
  }

  @AfterEach
  void close() {
    holdfast.close();
    proxy.close();
  }

  static Stream<Arguments> cases() {
    return Arrays.stream(Call.values())
        .flatMap(call -> Arrays.stream(Cut.values()).map(cut -> Arguments.of(call, cut)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("cases")
  void isReportedAsWhatItBecame(Call call, Cut cut) {
    State<JsonNode> state = holdfast.state("lost", call + " " + cut);
    state.set("n", Json.json(1));
    state.tag("there");
    State<JsonNode> fork = holdfast.state("lost", call.forkOf(state));
    proxy.cutNext(cut, sql -> sql.contains(call.marker));

    boolean isDone = attempt(call, state);

    assertThat(proxy.isArmed()).as("the cut happened").isFalse();
    assertThat(call.isDone(state, fork)).isEqualTo(isDone);
    if (cut == Cut.BEFORE_LATE_REQUEST) {
      proxy.deliver();
      assertThat(call.isDone(state, fork)).isEqualTo(isDone);
    }
    // The control: a lost request and a lost reply look the same from here, and end differently.
    switch (cut) {
      case BEFORE_REQUEST, BEFORE_LATE_REQUEST -> assertThat(isDone).isFalse();
      case BEFORE_REPLY -> assertThat(isDone).isTrue();
      default -> assertThat(cut).isEqualTo(Cut.AFTER_REQUEST);
    }
  }

  private static boolean attempt(Call call, State<JsonNode> state) {
    try {
      call.run(state);
      return true;
    } catch (TransientException e) {
      return false;
    }
  }

  enum Call {
    TAG("INSERT INTO holdfast.tag"),
    UNTAG("UPDATE holdfast.tag"),
    FORK("INSERT INTO holdfast.fork"),
    CLEAR_HISTORY("INSERT INTO holdfast.history_cut");

    private final String marker;

    Call(String marker) {
      this.marker = marker;
    }

    String forkOf(State<JsonNode> state) {
      return state.id().name() + " fork";
    }

    void run(State<JsonNode> state) {
      switch (this) {
        case TAG -> state.tag("here");
        case UNTAG -> assertThat(state.untag("there")).isTrue();
        case FORK -> assertThat(state.fork(forkOf(state), 1).version()).isEqualTo(1);
        case CLEAR_HISTORY -> state.clearHistory();
      }
    }

    boolean isDone(State<JsonNode> state, State<JsonNode> fork) {
      return switch (this) {
        case TAG -> state.tags().size() == 2;
        case UNTAG -> state.tags().isEmpty();
        case FORK -> fork.version() == 1 && fork.get("n").isPresent();
        case CLEAR_HISTORY -> state.history().changes().isEmpty();
      };
    }
  }
}
