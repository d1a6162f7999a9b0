package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.container;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.EventConditions.test;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Runs sample classes in an engine of their own, on the server of this class as an external one. */
@HoldfastTest
final class HoldfastExtensionTest {

  private final TestDatabase database;
  private final Path folder;
  private final Map<String, String> settings = new LinkedHashMap<>();

  HoldfastExtensionTest(TestDatabase database, @TempDir Path folder) {
    this.database = database;
    this.folder = folder;
  }

  @BeforeEach
  void chooseThisServer() {
    set(
        Settings.POSTGRES,
        database.jdbcUrl() + "?user=" + database.user() + "&password=" + database.password());
    set(Settings.REPORT, folder.resolve("report").toString());
  }

  @AfterEach
  void restoreSettings() {
    settings.forEach((name, value) -> {
      if (value.isEmpty()) {
        System.clearProperty(name);
      } else {
        System.setProperty(name, value);
      }
    });
  }

  @AfterEach
  void closeWhatWasLeaked() throws SQLException {
    Samples.closeLeaked();
  }

  @Test
  void givesEachClassADatabaseOfItsOwn() {
    run(Samples.First.class, Samples.Second.class)
        .testEvents()
        .assertStatistics(statistics -> statistics.succeeded(3).failed(0));
  }

  @Test
  void reportsHowManyTestsRanWhere() throws Exception {
    run(Samples.First.class, Samples.Second.class);

    assertThat(Files.readString(folder.resolve("report/holdfast-test-engine.txt")))
        .isEqualTo("engine=external tests=3 server=" + database.serverVersion() + "\n");
  }

  @Test
  void dropsAllDatabasesAtTheEnd() {
    long before = databaseCount();

    waitShortlyForSessions();
    run(Samples.First.class, Samples.FreshLeak.class);

    assertThat(databaseCount()).isEqualTo(before);
  }

  @Test
  void failsATestThatBreaksAnInvariant() {
    run(Samples.Broken.class)
        .testEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                test("breaksAnInvariant"),
                finishedWithFailure(
                    instanceOf(AssertionError.class),
                    message(text -> text.contains("state broken/broken is at version 1")))));
  }

  @Test
  void leavesATestAloneWhoseInvariantsAreOff() {
    run(Samples.BrokenOnPurpose.class)
        .testEvents()
        .assertStatistics(statistics -> statistics.succeeded(2).failed(0));
  }

  @Test
  void failsAClassThatLeavesAConnectionOpen() {
    failsWithLeak(Samples.Leak.class);
  }

  @Test
  void failsAClassThatLeavesAConnectionToAFreshDatabaseOpen() {
    failsWithLeak(Samples.FreshLeak.class);
  }

  @Test
  void acceptsConnectionsThatAreClosedLast() {
    EngineExecutionResults results = run(Samples.ClosedLast.class);

    results.allEvents().assertStatistics(statistics -> statistics.failed(0));
    results.testEvents().assertStatistics(statistics -> statistics.succeeded(1));
  }

  private void failsWithLeak(Class<?> sample) {
    waitShortlyForSessions();
    EngineExecutionResults results = run(sample);
    // Otherwise there is nothing to find, and the test would blame the wrong part.
    results.testEvents().failed().assertThatEvents().isEmpty();
    results
        .containerEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                container(sample),
                finishedWithFailure(
                    instanceOf(AssertionError.class),
                    message(text -> text.contains("left connections to its databases open")))));
  }

  private EngineExecutionResults run(Class<?>... samples) {
    EngineTestKit.Builder engine = EngineTestKit.engine("junit-jupiter");
    for (Class<?> sample : samples) {
      engine.selectors(selectClass(sample));
    }
    return engine.execute();
  }

  /** What leaks is waited for in vain. */
  private void waitShortlyForSessions() {
    set(Settings.SESSION_END, "3");
  }

  private long databaseCount() {
    return database.queryLong("SELECT count(*) FROM pg_database");
  }

  private void set(String name, String value) {
    settings.put(name, System.getProperty(name, ""));
    System.setProperty(name, value);
  }
}
