package dev.holdfast.integration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.store.State;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import tools.jackson.databind.JsonNode;

/** Every operation costs the round trips, transactions and flushes that docs/operations.md promises, counted on the wire and in the server. */
@HoldfastTest
@Tag("G1")
@TestInstance(Lifecycle.PER_CLASS)
final class RoundTripTest {

  private static final int REPETITIONS = 3;
  private static final Path DOCUMENT = Path.of("..", "docs", "operations.md");
  private static final String BEGIN = "<!-- operations-table -->\n";
  private static final String END = "<!-- /operations-table -->";

  private final Meter meter;
  private final Holdfast holdfast;
  private final Holdfast other;
  private final Map<Operation, Cost> measured = new LinkedHashMap<>();

  RoundTripTest(TestDatabase database) {
    Meter.assumeCountersCanBeRead(database);
    this.meter = new Meter(database);
    this.holdfast = Holdfast.builder()
        .dataSource(meter.dataSource())
        .migrations(MigrationMode.OFF)
        .build();
    this.other = Holdfast.builder()
        .dataSource(database.dataSource())
        .migrations(MigrationMode.OFF)
        .build();
  }

  @BeforeAll
  void measure() throws SQLException {
    measureAll(Operation.onANewState(), state -> {});
    measureAll(Operation.thatRead(), Operation::prepare);
    measureAll(Operation.thatReadWhatHasChanged(), state -> prepareSnapshot(state, 1));
    measureAll(Operation.thatReadEverythingAgain(), state -> prepareSnapshot(state, 200));
    measureAll(Operation.thatWrite(), Operation::prepare);
    measureAll(Operation.behindAnotherProcess(), state -> {
      Operation.prepare(state);
      other.state("cost", state.id().name()).set("n", Json.json(2));
    });
    measureAll(
        Operation.ofRecords(holdfast),
        state -> Operation.record(holdfast, state).set(Operation.session(7)));
    measureAll(Operation.ofTransactionsThatFollow(holdfast), Operation::prepare);
  }

  @AfterAll
  void close() {
    other.close();
    holdfast.close();
    meter.close();
  }

  private void prepareSnapshot(State<JsonNode> state, int changes) {
    Operation.prepare(state);
    state.snapshot();
    other.state("cost", state.id().name()).update(Operation.keys(changes));
  }

  private void measureAll(List<Operation> operations, Consumer<State<JsonNode>> preparation)
      throws SQLException {
    for (Operation operation : operations) {
      for (int i = 0; i < REPETITIONS; i++) {
        State<JsonNode> state = holdfast.state("cost", operation.name() + i);
        preparation.accept(state);
        measured.merge(operation, meter.measure(() -> operation.call().accept(state)), Cost::min);
      }
    }
  }

  @Test
  void everyOperationCostsWhatIsPromised() {
    SoftAssertions softly = new SoftAssertions();
    measured.forEach((operation, cost) ->
        softly.assertThat(cost).as(operation.name()).isEqualTo(operation.promised()));
    softly.assertAll();
  }

  /** The control: the meter sees a transaction that is begun and committed in messages of their own. */
  @Test
  void theMeterCountsEveryMessage() throws SQLException {
    Cost cost = meter.measure(() -> {
      try (var connection = meter.dataSource().getConnection();
          var statement = connection.createStatement()) {
        statement.execute("BEGIN");
        statement.execute("CREATE TEMPORARY TABLE seen (n integer)");
        statement.execute("COMMIT");
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    });
    assertThat(cost.roundTrips()).isGreaterThanOrEqualTo(3);
    assertThat(cost.transactions()).isGreaterThanOrEqualTo(1);
  }

  @Test
  void theTableInTheDocumentsIsTheMeasuredOne() throws IOException {
    String table = table();
    Files.writeString(Path.of("target", "operations-table.md"), table);
    String document = Files.readString(DOCUMENT);
    int begin = document.indexOf(BEGIN) + BEGIN.length();
    assertThat(document).contains(BEGIN, END);
    assertThat(document.substring(begin, document.indexOf(END)).strip()).isEqualTo(table.strip());
  }

  private String table() {
    List<String> lines = new ArrayList<>();
    lines.add("| operation | round trips | transactions | flushes |");
    lines.add("|---|---|---|---|");
    measured.forEach((operation, cost) -> lines.add("| " + operation.name() + " | "
        + cost.roundTrips() + " | " + cost.transactions() + " | " + cost.flushes() + " |"));
    return String.join("\n", lines) + "\n";
  }
}
