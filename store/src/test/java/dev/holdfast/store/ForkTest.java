package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.feed.ChangeEvent.KeyChange;
import dev.holdfast.store.feed.ChangeEvent.Kind;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A fork has the content of a version of its origin without a copy of its values, and both go their own ways. */
@HoldfastTest
@Tag("G6")
final class ForkTest {

  private final TestDatabase database;

  @AutoClose
  private final TestingStore store;

  private final State<JsonNode> origin;

  ForkTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
    this.origin = store.state();
  }

  /** Version 6, with a value, a list of deltas, a patched object, a removed key and one that was rolled back. */
  private long write() {
    origin.update(Map.of(
        "a", json(1), "list", json(List.of(1)), "object", json(Map.of("x", "y".repeat(100)))));
    origin.append("list", 2);
    origin.patch("object", JsonPatch.parse("[{\"op\":\"add\",\"path\":\"/more\",\"value\":1.10}]"));
    origin.apply(Changes.<JsonNode>set("a", json(2)).andSet("gone", json(1)).andSet("null", null));
    origin.delete("gone");
    return origin.append("list", 3);
  }

  /** A trigger stops the fork where it has found no such version, until there is one. */
  @Test
  void aVersionThatIsCommittedMeanwhileIsForkedOrNotThere() throws Exception {
    long version = origin.set("a", json(1));
    String name = TestingStore.newName();
    database.execute("""
        CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$;
        CREATE TRIGGER stop_here AFTER INSERT ON holdfast.state FOR EACH STATEMENT EXECUTE FUNCTION stop_here()""");
    try (Connection stop = database.dataSource().getConnection();
        Statement statement = stop.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(4711)");
      CompletableFuture<State<JsonNode>> forking =
          CompletableFuture.supplyAsync(() -> origin.fork(name, version + 1));
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> database.queryLong(
                  "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
              == 1);
      origin.set("a", json(2));
      statement.execute("SELECT pg_advisory_unlock(4711)");
      State<JsonNode> fork = forking.get(20, TimeUnit.SECONDS);
      assertThat(fork.version()).isEqualTo(1);
      assertThat(fork.get("a")).contains(json(2));
    } finally {
      database.execute("DROP TRIGGER stop_here ON holdfast.state; DROP FUNCTION stop_here()");
    }
  }

  @Test
  void beginsWithTheContentOfTheVersion() {
    long version = write();
    origin.set("a", json("later"));

    State<JsonNode> fork =
        origin.by("planner").because("retry").fork(TestingStore.newName(), version);

    assertThat(fork.version()).isEqualTo(1);
    assertThat(fork.snapshot().toJson()).isEqualTo(origin.at(version).toJson());
    assertThat(fork.keys()).containsExactly("a", "list", "null", "object");
    assertThat(fork.get("list")).contains(json(List.of(1, 2, 3)));
    assertThat(fork.find("list").orElseThrow().version()).isEqualTo(1);
    assertThat(fork.has("null")).isTrue();
    assertThat(fork.at(0).keys()).isEmpty();
    assertThat(fork.asOf(fork.snapshot().changedAt().orElseThrow())).isEqualTo(fork.snapshot());
    assertThat(fork.history().changes())
        .hasSize(4)
        .allSatisfy(change -> {
          assertThat(change.operation()).isEqualTo(Operation.FORK);
          assertThat(change.actor()).contains("planner");
          assertThat(change.before()).isNull();
        })
        .extracting(Change::key)
        .containsExactly("object", "null", "list", "a");
    assertThat(fork.history(History.of("list")).changes().get(0).newValue())
        .contains(json(List.of(1, 2, 3)));
    assertThat(fork.diff(0, 1).byKey()).hasSize(4);
    assertThat(store.query(
            "SELECT concat_ws(' ', source_name, source_version, actor, reason) FROM holdfast.fork_summary WHERE name = ?",
            fork.id().name()))
        .containsExactly(origin.id().name() + " " + version + " planner retry");
  }

  @Test
  void copiesNoValue() {
    byte[] noise = new byte[300_000];
    new Random(1).nextBytes(noise);
    JsonNode large = json(HexFormat.of().formatHex(noise));
    origin.set("large", large);

    long forked = database.walBytesDuring(() -> origin.fork(TestingStore.newName(), 1));
    long copied = database.walBytesDuring(() -> store.state().set("large", large));

    assertThat(forked).isLessThan(100_000);
    assertThat(copied).as("the control").isGreaterThan(200_000);
    assertThat(
            store.query(
                "SELECT count(*) FROM holdfast.change WHERE operation = 'fork' AND payload IS NOT NULL"))
        .containsExactly("0");
  }

  @Test
  void goesItsOwnWay() {
    long version = write();
    State<JsonNode> fork = origin.fork(TestingStore.newName(), version);
    Content before = Content.of(origin);

    fork.append("list", "of the fork");
    fork.patch("object", JsonPatch.parse("[{\"op\":\"remove\",\"path\":\"/more\"}]"));
    fork.set("a", json("of the fork"));
    fork.delete("null");
    fork.append("list", "again");

    assertThat(Content.of(origin)).isEqualTo(before);
    assertThat(fork.get("list")).contains(json(List.of(1, 2, 3, "of the fork", "again")));
    origin.set("a", json("of the origin"));
    origin.append("list", 4);
    assertThat(fork.get("a")).contains(json("of the fork"));
    assertThat(fork.at(1).toJson()).isEqualTo(origin.at(version).toJson());
    assertThat(fork.diff(1, fork.version()).byKey())
        .containsOnlyKeys("a", "list", "null", "object");
    Change<JsonNode> set = fork.history(History.of("a")).changes().get(0);
    assertThat(set.oldValue()).contains(json(2));
    assertThat(set.before()).isEqualTo(new Versioned<>(json(2), 1));
  }

  @Test
  void canBeRolledBackToItsBeginning() {
    long version = write();
    State<JsonNode> fork = origin.fork(TestingStore.newName(), version);
    fork.clear();
    // Rows of the fork with versions that the references name in the origin: they must not be taken
    // for them.
    for (int i = 0; i < 10; i++) {
      fork.append("list", "noise");
    }

    fork.rollback(1);

    assertThat(fork.snapshot().toJson()).isEqualTo(origin.at(version).toJson());
    assertThat(fork.get("list")).contains(json(List.of(1, 2, 3)));
    fork.append("list", 4);
    assertThat(fork.get("list")).contains(json(List.of(1, 2, 3, 4)));
  }

  @Test
  void aForkOfAForkRefersToWhereTheValuesAre() {
    long version = write();
    State<JsonNode> first = origin.fork(TestingStore.newName(), version);
    first.set("a", json("of the first"));
    State<JsonNode> second = first.fork(TestingStore.newName(), 2);
    first.clear();
    second.set("own", json(1));
    State<JsonNode> third = second.fork(TestingStore.newName(), 2);

    assertThat(third.snapshot().toJson()).isEqualTo(second.snapshot().toJson());
    assertThat(third.get("a")).contains(json("of the first"));
    assertThat(third.get("list")).contains(json(List.of(1, 2, 3)));
    assertThat(third.get("own")).contains(json(1));
    assertThat(third.history().changes()).hasSize(5);
    assertThat(store.query(
            "SELECT DISTINCT s.name FROM holdfast.change AS c JOIN holdfast.state AS s ON s.state_id = c.source_state_id"
                + " WHERE c.state_id = ?",
            third.id().uuid()))
        .containsExactlyInAnyOrder(
            origin.id().name(), first.id().name(), second.id().name());
  }

  @Test
  void theAuditViewsSeeItsValues() {
    long version = write();
    State<JsonNode> fork = origin.fork(TestingStore.newName(), version);
    fork.append("list", 4);
    fork.rollback(1);

    for (long at = 0; at <= 3; at++) {
      Snapshot<JsonNode> expected = fork.at(at);
      assertThat(store.query(
              "SELECT key || '=' || coalesce(value::jsonb::text, '') FROM holdfast.state_at('test', ?, "
                  + at + ") ORDER BY key",
              fork.id().name()))
          .hasSize(expected.size())
          .allSatisfy(row -> {
            String[] columns = row.split("=", 2);
            assertThat(dev.holdfast.store.json.Json.parse(columns[1]))
                .isEqualTo(expected.toJson().get(columns[0]));
          });
    }
    assertThat(store.query(
            "SELECT version || ' ' || coalesce(old_value::text, '-') || ' ' || new_value FROM holdfast.change_detail"
                + " WHERE name = ? AND key = 'list' ORDER BY version",
            fork.id().name()))
        .containsExactly("1 - [1,2,3]", "2 [1,2,3] [1,2,3,4]", "3 [1,2,3,4] [1,2,3]");
    assertThat(store.query(
            "SELECT value::text FROM holdfast.value_summary WHERE name = ? AND key = 'a'",
            fork.id().name()))
        .containsExactly("2");
  }

  @Test
  void theFeedTellsThatItsKeysWereRestored() {
    long version = write();
    State<JsonNode> fork = origin.fork(TestingStore.newName(), version);

    List<KeyChange> keys =
        store.store().changes().poll("forks", ChangeFilter.all()).events().stream()
            .filter(event -> event.state().equals(fork.id()))
            .flatMap(event -> event.keys().stream())
            .toList();

    assertThat(keys).hasSize(4).allSatisfy(key -> assertThat(key.kind()).isEqualTo(Kind.RESTORED));
  }

  @Test
  void aVersionThatWasClearedCanBeForkedByItsTagOnly() {
    long version = write();
    origin.tag("kept", version);
    origin.set("a", json(3));
    origin.clearHistory();

    assertThat(origin.fork(TestingStore.newName(), version).get("a")).contains(json(2));
    String name = TestingStore.newName();
    assertThatThrownBy(() -> origin.fork(name, version - 1))
        .isInstanceOfSatisfying(
            StateRollbackException.class, e -> assertThat(e.oldest()).isEqualTo(version + 1));
    assertThat(states(name)).isEmpty();
  }

  @Test
  void refusesWhatCannotBe() {
    long version = write();
    State<JsonNode> other = store.state();
    other.set("a", json("untouched"));
    String name = TestingStore.newName();

    assertThatThrownBy(() -> origin.fork(other.id().name(), version))
        .isInstanceOfSatisfying(HoldfastException.class, e -> {
          assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
          assertThat(e)
              .hasMessageContainingAll(other.id().toString(), origin.id().toString());
        });
    assertThatThrownBy(() -> origin.fork(origin.id().name(), version))
        .hasMessageContaining("exists");
    assertThatThrownBy(() -> origin.fork(name, version + 1))
        .isInstanceOfSatisfying(
            StateVersionException.class, e -> assertThat(e.current()).isEqualTo(version));
    assertThatThrownBy(() -> origin.fork(name, -1)).isInstanceOf(StateVersionException.class);
    assertThatThrownBy(() -> store.state().fork(name, 1)).isInstanceOf(StateVersionException.class);
    assertThatThrownBy(() -> origin.fork("", version)).hasMessageContaining("name");
    assertThatThrownBy(() -> store
            .store()
            .transaction(
                Isolation.READ_COMMITTED,
                tx -> tx.state(origin.id().namespace(), origin.id().name()).fork(name, version)))
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TRANSACTION_MISUSE));

    assertThat(states(name)).isEmpty();
    assertThat(other.version()).isEqualTo(1);
    assertThat(other.get("a")).contains(json("untouched"));
  }

  private List<String> states(String name) {
    return store.query("SELECT name FROM holdfast.state WHERE name = ?", name);
  }

  @Test
  void ofNothingIsNothing() {
    write();

    State<JsonNode> fork = origin.fork(TestingStore.newName(), 0);

    assertThat(fork.version()).isZero();
    assertThat(fork.set("a", json(1))).isEqualTo(1);
  }

  @Test
  void isReadWithinATransaction() {
    long version = write();
    State<JsonNode> fork = origin.fork(TestingStore.newName(), version);

    long written = store.store().transaction(Isolation.SERIALIZABLE, tx -> {
      State<JsonNode> inside = tx.state(fork.id().namespace(), fork.id().name());
      assertThat(inside.get("list")).contains(json(List.of(1, 2, 3)));
      inside.append("list", 4);
      assertThat(inside.snapshot().get("list")).contains(json(List.of(1, 2, 3, 4)));
      inside.clear();
      return inside.rollback(1);
    });

    assertThat(written).isEqualTo(2);
    assertThat(fork.snapshot().toJson()).isEqualTo(fork.at(1).toJson());
  }

  /** One of them makes the state, the others are told so; the origin is written at the same time, and nobody waits for anybody. */
  @Test
  void ofManyAtOnceOneMakesIt() throws Exception {
    long version = write();
    int threads = 4;
    for (int round = 0; round < 20; round++) {
      String name = TestingStore.newName();
      AtomicInteger made = new AtomicInteger();
      List<Callable<?>> calls = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        calls.add(() -> {
          try {
            origin.fork(name, version);
            return made.incrementAndGet();
          } catch (HoldfastException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS);
            return 0;
          }
        });
        calls.add(() -> origin.append("list", "more"));
      }
      Concurrently.run(calls);
      assertThat(made).hasValue(1);
      State<JsonNode> fork = store.store().state("test", name);
      assertThat(fork.version()).isEqualTo(1);
      assertThat(fork.get("list")).contains(json(List.of(1, 2, 3)));
    }
  }
}
