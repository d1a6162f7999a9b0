package dev.holdfast.examples.airline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.examples.airline.TestingCommand.Outcome;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reservation service fails, compensations included; seats and money add up all the same, and what is left open can be settled. */
@HoldfastTest
@Tag("G8")
@Tag("G9")
final class FailingServiceTest {

  private static final int RUNS = 30;

  /** Runs and outages of which some leave every kind of rollback failure. */
  private static final long KNOWN = 17;

  private final TestDatabase database;

  @TempDir
  private Path folder;

  private Path file = Path.of("");

  FailingServiceTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void makeUpRuns() throws IOException {
    makeUpRuns(KNOWN);
  }

  private void makeUpRuns(long seed) throws IOException {
    file = Files.writeString(folder.resolve("runs.json"), new SyntheticRuns(seed, RUNS).json());
  }

  @Test
  void everyCallIsMadeWholeOrUndoneOrOpen() throws IOException {
    long seed = Seed.next("failing-service");
    makeUpRuns(seed);
    Outcome outcome =
        replay("failing", "--failure-rate", "0.4", "--seed", String.valueOf(seed), "--json");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.number("/calls/committed")).isGreaterThan(5);
    assertThat(outcome.number("/calls/rolledBack")).isGreaterThan(5);
    assertThat(outcome.number("/calls/unfinished")).isZero();
    assertThat(outcome.json().at("/calls/open").size())
        .isGreaterThanOrEqualTo((int) outcome.number("/calls/rollbackFailed"));
    assertThat(outcome.number("/written/sharedWrites"))
        .isEqualTo(outcome.number("/calls/committed"))
        .isEqualTo(outcome.number("/verified/sharedWrites"));
    assertThat(outcome.number("/written/rolledBack"))
        .isEqualTo(outcome.number("/calls/rolledBack"));
    assertThat(outcome.number("/audit/calls")).isGreaterThan(5);
    assertThat(undone("failing"))
        .isEqualTo(outcome.number("/calls/rolledBack") + outcome.number("/calls/rollbackFailed"));
  }

  private long undone(String namespace) {
    return database.queryLong("SELECT count(*) FROM holdfast.change_summary WHERE namespace = '"
        + namespace + ".runs' AND key LIKE 'undone:%'");
  }

  /** The same seed, the same failures, whatever the threads did. */
  @Test
  void theSeedSaysWhatFails() {
    replay("seeded", "--failure-rate", "0.3", "--seed", "11");
    List<String> first = statuses();
    database.execute("TRUNCATE " + EffectTables.ALL
        + ", holdfast.state, holdfast.change, reservation_service.call,"
        + " reservation_service.movement, reservation_service.account");
    replay("seeded", "--failure-rate", "0.3", "--seed", "11", "--workers", "1");

    assertThat(statuses()).isEqualTo(first);
    assertThat(first).contains("committed").contains("rolled_back");
  }

  private List<String> statuses() {
    return database.queryStrings("SELECT status FROM holdfast.effect_summary"
        + " WHERE name LIKE 'seeded.%' ORDER BY name, id");
  }

  @Test
  void settlesWhatIsOpen() {
    Outcome before = replay("settled", "--failure-rate", "0.5", "--seed", "3", "--json");
    int open = before.json().at("/calls/open").size();
    assertThat(open).as(before.err()).isPositive();
    // As if a process had died while it retried one of them.
    database.execute(
        "UPDATE holdfast.rollback_failure SET status = 'retrying', owner = gen_random_uuid(),"
            + " leased_until = clock_timestamp() + interval '1 second'"
            + " WHERE failure_id = (SELECT min(failure_id::text)::uuid FROM holdfast.rollback_failure"
            + " WHERE status = 'open')");

    Outcome after = replay("settled", "--resolve", "--json");

    assertThat(after.code()).as(after.err()).isZero();
    assertThat(after.number("/settled/retried") + after.number("/settled/byHand"))
        .isEqualTo(open);
    assertThat(after.number("/settled/byHand")).as("closed cards").isPositive();
    assertThat(after.json().at("/calls/open")).isEmpty();
    assertThat(after.number("/calls/resolved")).isEqualTo(before.number("/calls/rollbackFailed"));
    assertThat(after.number("/audit/calls")).isPositive();
    assertThat(database.queryStrings("SELECT DISTINCT settled_by || ': ' || note"
            + " FROM holdfast.rollback_failure_summary"
            + " WHERE effect_name LIKE 'settled.%' AND settled_by IS NOT NULL"))
        .singleElement()
        .asString()
        .startsWith("service desk: given back by bank transfer: ")
        .contains("the card is closed");

    Outcome again = replay("settled", "--resolve", "--json");
    assertThat(again.code()).isZero();
    assertThat(again.number("/settled/retried") + again.number("/settled/byHand"))
        .isZero();
  }

  @Test
  void tellsPeopleWhatIsOpenAndHowToSettleIt() {
    Outcome outcome = replay("told", "--failure-rate", "0.5", "--seed", "3");

    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out())
        .contains("The reservation service fails at a rate of 0.5 (seed 3)")
        .contains("Open rollback failures: ")
        .contains("payment.charge")
        .contains("--resolve")
        .contains("audited: ");
    assertThat(outcome.out().lines()).noneMatch(line -> line.endsWith(" "));
  }

  /** The controls of the audit: each breaks the books in another way and is found. */
  @Test
  void theAuditFindsWhatDoesNotAddUp() {
    replay("broken", "--failure-rate", "0.2", "--seed", "5");
    requireFound(
        "UPDATE reservation_service.account SET balance = balance + 1 WHERE airline = 'broken'"
            + " AND (unit, name) = (SELECT unit, name FROM reservation_service.account"
            + " WHERE airline = 'broken' ORDER BY unit, name LIMIT 1)",
        "UPDATE reservation_service.account SET balance = balance - 1 WHERE airline = 'broken'"
            + " AND (unit, name) = (SELECT unit, name FROM reservation_service.account"
            + " WHERE airline = 'broken' ORDER BY unit, name LIMIT 1)",
        "its movements come to");
    String standing = "key = (SELECT min(key) FROM reservation_service.call"
        + " WHERE airline = 'broken' AND operation = 'reservation.change' AND %s)";
    requireFound(
        "UPDATE reservation_service.call SET undone_at = 'epoch' WHERE airline = 'broken' AND "
            + standing.formatted("undone_at IS NULL"),
        "UPDATE reservation_service.call SET undone_at = NULL WHERE undone_at = 'epoch'",
        "is succeeded in the journal, and in the service it is undone");
    requireFound(
        "INSERT INTO reservation_service.call (airline, key, operation, subject, unit)"
            + " VALUES ('broken', 'a key', 'payment.charge', 'R1', 'money')",
        "DELETE FROM reservation_service.call WHERE key = 'a key'",
        "of which the journal does not know");
    requireFound(
        "UPDATE reservation_service.call SET key = 'x' || key WHERE airline = 'broken' AND "
            + standing.formatted("undone_at IS NULL"),
        "UPDATE reservation_service.call SET key = substr(key, 2) WHERE key LIKE 'x%'",
        "it was never done");
    requireGood();
  }

  private void requireFound(String breaking, String mending, String difference) {
    database.execute(breaking);
    Outcome outcome = replay("broken", "--verify", "--json");
    database.execute(mending);
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("airline: verification failed: ").contains(difference);
  }

  private void requireGood() {
    Outcome outcome = replay("broken", "--verify", "--json");
    assertThat(outcome.code()).as(outcome.err()).isZero();
  }

  /** The control of the verification: a committed call without its write, and a write without its call. */
  @Test
  void aCallThatIsNotWholeIsFound() {
    replay("halved");
    String one = "effect_id = (SELECT min(effect_id::text)::uuid FROM holdfast.effect_transaction"
        + " WHERE name LIKE 'halved.%')";
    database.execute("UPDATE holdfast.effect_transaction SET status = 'rolled_back' WHERE " + one);
    Outcome outcome = replay("halved", "--verify");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("was made 1 times").contains("is rolled_back");
    database.execute("UPDATE holdfast.effect_transaction SET status = 'committed' WHERE " + one);
  }

  private Outcome replay(String namespace, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--namespace", namespace, "--runs", file.toString()));
    return TestingCommand.run(database, all.toArray(String[]::new));
  }
}
