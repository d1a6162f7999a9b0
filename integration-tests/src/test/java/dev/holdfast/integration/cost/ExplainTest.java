package dev.holdfast.integration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.error.TransientException;
import dev.holdfast.integration.connection.Cut;
import dev.holdfast.integration.connection.Sent;
import dev.holdfast.integration.connection.TestingProxy;
import dev.holdfast.store.Changes;
import dev.holdfast.store.State;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
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

  private static final EffectHandler<Integer, Integer> NOTHING = EffectHandler.of(
          "nothing", Integer.class, Integer.class)
      .perform((context, request) -> request)
      .compensate((context, request, response) -> {});

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
    withOneConnection((single, connections) -> {
      State<JsonNode> state = single.state("explain", "flat");
      for (int i = 0; i < 20; i++) {
        state.history(History.all().by("nobody").limit(5));
        state.version();
      }
      try (Connection connection = connections.getConnection()) {
        assertThat(prepared(connection, "%newer%")).isZero();
        assertThat(prepared(connection, "SELECT s.version%")).isPositive();
      }
    });
  }

  /**
   * Planning most of the statements takes longer than running them. PostgreSQL keeps a plan when one made for the very parameters seems no
   * better, so what is known of them must be hidden from the planner. The control hides nothing: planned for its arrays of one element each
   * it has one row, planned for any 10,000. It reads no table, because what is known of a table differs with every ANALYZE.
   */
  @Test
  void nothingIsPlannedAnewAtEachCall() throws SQLException {
    withOneConnection((single, connections) -> {
      single.effects().register(NOTHING);
      for (int i = 1; i <= 20; i++) {
        callEverything(single, i);
        try (Connection connection = connections.getConnection();
            PreparedStatement statement = connection.prepareStatement("""
                SELECT 1 /* control */
                FROM unnest(?::text[]) AS a, unnest(?::text[]) AS b, unnest(?::text[]) AS c, unnest(?::text[]) AS d""")) {
          for (int array = 1; array <= 4; array++) {
            statement.setArray(array, connection.createArrayOf("text", new String[] {"element"}));
          }
          statement.execute();
        }
      }
      try (Connection connection = connections.getConnection()) {
        List<String> anew = plannedAnew(connection);
        assertThat(anew).singleElement().asString().contains("control");
        assertThat(prepared(connection, "%holdfast.%")).isGreaterThan(20);
      }
    });
  }

  private static void callEverything(Holdfast holdfast, int i) {
    State<JsonNode> state = holdfast.state("explain", "planned");
    state.update(Map.of("key-1", Json.json(i), "key-2", Json.json(i)));
    state.set("key-1", Json.json(i));
    state.append("log", i);
    state.apply(Changes.<JsonNode>append("log", i).andSet("key-3", Json.json(i)));
    state.compute("key-1", value -> Json.json(i));
    state.compareAndSet(state.version(), Changes.set("key-2", Json.json(i)));
    state.increment("counter", 1);
    state.get("log");
    state.has("log");
    state.keys();
    state.snapshot();
    state.asOf(state.at(state.version() - 1).changedAt().orElseThrow());
    state.diff(1, 2);
    state.delete("counter");
    state.rollback(state.version() - 1);
    state.tag("tag");
    state.tags();
    state.untag("tag");
    holdfast.transaction(transaction -> {
      transaction.state("explain", "planned").append("log", i);
      transaction.state("explain", "planned-too").set("key-1", Json.json(i));
      return transaction.state("explain", "planned").get("key-1");
    });
    holdfast.effects().run("plan", "effect-" + i, effect -> effect.perform(NOTHING, i));
    state.clear();
  }

  private static List<String> plannedAnew(Connection connection) throws SQLException {
    List<String> statements = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(
            "SELECT statement FROM pg_prepared_statements WHERE custom_plans > 5");
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        statements.add(rows.getString(1));
      }
    }
    return statements;
  }

  private interface WithOneConnection {

    void run(Holdfast holdfast, DataSource connections) throws SQLException;
  }

  /** What is prepared is known to a connection. */
  private void withOneConnection(WithOneConnection work) throws SQLException {
    HikariConfig one = new HikariConfig();
    one.setDataSource(database.dataSource());
    one.setMaximumPoolSize(1);
    try (HikariDataSource pool = new HikariDataSource(one);
        Holdfast single =
            Holdfast.builder().dataSource(pool).migrations(MigrationMode.OFF).build()) {
      work.run(single, pool);
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
