package dev.holdfast.integration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.error.TransientException;
import dev.holdfast.integration.connection.Cut;
import dev.holdfast.integration.connection.Sent;
import dev.holdfast.integration.connection.TestingProxy;
import dev.holdfast.store.State;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * What the statements touch does not grow with the length of history. The statements are taken off the wire with their parameters and
 * explained on the server, both planned for these parameters and planned for any.
 */
// The rows are made up by SQL, and checking 100,000 of them after each test takes seconds.
@HoldfastTest(invariants = false)
@TestInstance(Lifecycle.PER_CLASS)
final class ExplainTest {

  private static final List<String> MODES = List.of("force_custom_plan", "force_generic_plan");

  private final TestDatabase database;
  private final TestingProxy proxy;
  private final Holdfast holdfast;

  ExplainTest(TestDatabase database) {
    this.database = database;
    this.proxy = TestingProxy.to(database);
    this.holdfast = Holdfast.builder()
        .jdbcUrl(
            proxy.jdbcUrl() + "&binaryTransfer=false&prepareThreshold=0",
            database.user(),
            database.password())
        .maximumPoolSize(2)
        .build();
  }

  @BeforeAll
  void fill() {
    Probe.fill(holdfast, database::execute);
  }

  @AfterAll
  void close() {
    holdfast.close();
    proxy.close();
  }

  static Stream<Arguments> probes() {
    return Stream.of(Probe.ofOneKey(), Probe.ofHistory(), Probe.ofAllKeys())
        .flatMap(List::stream)
        .flatMap(probe -> MODES.stream().map(mode -> Arguments.of(probe.name(), mode, probe)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("probes")
  void touchesNoMoreThanItMay(String name, String mode, Probe probe) throws SQLException {
    Plan plan = plan(probe, probe.state(), mode);

    System.out.printf(
        "%-32s %-18s %6d buffers of %6d, %6d rows of %6d%n",
        name, mode, plan.buffers(), probe.maxBuffers(), plan.rows(), probe.maxRows());
    assertThat(plan.sequentialScans()).as(plan.text()).isEmpty();
    assertThat(plan.buffers())
        .as("buffers of\n%s", plan.text())
        .isLessThanOrEqualTo(probe.maxBuffers());
    assertThat(plan.rows()).as("rows of\n%s", plan.text()).isLessThanOrEqualTo(probe.maxRows());
  }

  /** The same keys with 2 versions each and with 50 cost about the same. */
  @Test
  void aSnapshotCostsByKeysAndNotByVersions() throws SQLException {
    Probe snapshot = Probe.ofAllKeys().get(1);
    for (String mode : MODES) {
      assertThat(plan(snapshot, "wide", mode).buffers())
          .isLessThan(plan(snapshot, "flat", mode).buffers() * 3 / 2);
    }
  }

  private Plan plan(Probe probe, String state, String mode) throws SQLException {
    State<JsonNode> fresh = holdfast.state("explain", state);
    // A state that was seen before uses the statement for states that exist.
    fresh.set("seen", null);
    List<Sent> request = proxy.requestsDuring(() -> call(probe, fresh)).stream()
        .filter(sent -> sent.stream().anyMatch(one -> one.sql().contains(probe.marker())))
        .findFirst()
        .orElseThrow();
    try (Connection connection = database.dataSource().getConnection()) {
      return Plan.of(connection, request, mode);
    }
  }

  /** A write is kept from the server, so that it still finds what it was made for when it is explained. */
  private void call(Probe probe, State<JsonNode> state) {
    if (!probe.isWrite()) {
      probe.call().accept(state);
      return;
    }
    proxy.cutNext(Cut.BEFORE_REQUEST, sql -> sql.contains(probe.marker()));
    try {
      probe.call().accept(state);
    } catch (TransientException e) {
      return;
    }
    throw new AssertionError("The write was not cut");
  }
}
