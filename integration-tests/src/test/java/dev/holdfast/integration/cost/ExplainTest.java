package dev.holdfast.integration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.error.TransientException;
import dev.holdfast.integration.connection.Cut;
import dev.holdfast.integration.connection.Sent;
import dev.holdfast.integration.connection.TestingProxy;
import dev.holdfast.store.State;
import dev.holdfast.store.history.History;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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
    Stream<Arguments> prepared = Stream.of(Probe.ofOneKey(), Probe.ofAllKeys())
        .flatMap(List::stream)
        .flatMap(probe -> MODES.stream().map(mode -> Arguments.of(probe.name(), mode, probe)));
    // Pages of history are never prepared by name, see historyIsNeverPreparedByName, so they have
    // no generic plan.
    Stream<Arguments> unprepared =
        Probe.ofHistory().stream().map(probe -> Arguments.of(probe.name(), MODES.get(0), probe));
    return Stream.concat(prepared, unprepared);
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

  /** The control is a statement that the driver does prepare by name after a few calls on the same connection. */
  @Test
  void historyIsNeverPreparedByName() throws SQLException {
    HikariConfig one = new HikariConfig();
    one.setDataSource(database.dataSource());
    one.setMaximumPoolSize(1);
    try (HikariDataSource pool = new HikariDataSource(one);
        Holdfast single =
            Holdfast.builder().dataSource(pool).migrations(MigrationMode.OFF).build()) {
      State<JsonNode> state = single.state("explain", "flat");
      for (int i = 0; i < 20; i++) {
        state.history(History.all().by("nobody").limit(5));
        state.version();
      }
      try (Connection connection = pool.getConnection()) {
        assertThat(prepared(connection, "%newer%")).isZero();
        assertThat(prepared(connection, "SELECT s.version%")).isPositive();
      }
    }
  }

  private static long prepared(Connection connection, String pattern) throws SQLException {
    try (PreparedStatement count = connection.prepareStatement(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE ?")) {
      count.setString(1, pattern);
      try (ResultSet row = count.executeQuery()) {
        return row.next() ? row.getLong(1) : -1;
      }
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
