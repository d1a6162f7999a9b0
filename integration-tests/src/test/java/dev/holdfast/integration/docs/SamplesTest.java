package dev.holdfast.integration.docs;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.Changes;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import dev.holdfast.store.StateDiff;
import dev.holdfast.store.Versioned;
import dev.holdfast.store.cache.ReadMode;
import dev.holdfast.store.feed.ChangeBatch;
import dev.holdfast.store.feed.ChangeEvent;
import dev.holdfast.store.feed.ChangeEvent.KeyChange;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.record.AgentCoordinationState;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.store.retention.RemovalExport;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Samples of states: what stands between {@code // sample:} and {@code // end} stands in the documents, word for word; see {@link
 * DocumentsTest}.
 */
@HoldfastTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SamplesTest {

  private final TestDatabase database;
  private final DataSource dataSource;
  private final Holdfast holdfast;
  private final JsonNode message = json(Map.of("role", "user", "content", "Hello"));

  SamplesTest(TestDatabase database) {
    this.database = database;
    this.dataSource = database.dataSource();
    this.holdfast = Samples.open(database);
  }

  @AfterAll
  void close() {
    holdfast.close();
  }

  @BeforeAll
  void isReachable() {
    assertThat(database.queryLong("SELECT 1")).isEqualTo(1);
  }

  @Test
  void cachedReads() {
    State<Integer> quota = holdfast.state("quotas", "cached", Integer.class);
    long version = quota.set("limit", 1_000);
    // sample: cached-reads
    State<Integer> cached = quota.reading(ReadMode.CACHED);
    Optional<Integer> limit =
        cached.get("limit"); // at most 1 s behind, never behind this process's own writes
    Snapshot<Integer> all = cached.snapshot();
    Snapshot<Integer> theirs =
        quota.reading(ReadMode.atLeast(version)).snapshot(); // what another process has told of
    // end
    assertThat(limit).contains(1_000);
    assertThat(all).isEqualTo(theirs);
  }

  @Test
  void readme() {
    // sample: readme
    try (Holdfast holdfast = Holdfast.builder()
        .dataSource(dataSource)
        .build()) { // creates its tables at the first start
      State<JsonNode> trip = holdfast.state("trips", "trip-42");
      State<Integer> quota = holdfast.state("quotas", "acme", Integer.class);

      long booked = trip.by("planner").set("phase", json("booking"));
      trip.by("planner")
          .update(Map.of("from", json("JFK"), "to", json("SEA"))); // one version, two changes
      quota
          .by("agent-7")
          .compute("calls", n -> n == null ? 1 : n + 1); // atomic, never loses an update
      trip.by("agent-7").append("messages", message); // writes the message, not the list

      Snapshot<JsonNode> before = trip.at(booked); // any version, or asOf(instant)
      trip.diff(booked, trip.version()); // RFC 6902 operations per key
      trip.by("operator")
          .because("wrong date")
          .rollback(booked); // a new version with the old content
      trip.history(History.of("phase").limit(20)); // who, what, when, why; newest first
      // end
      assertThat(trip.snapshot().asMap()).isEqualTo(before.asMap());
      assertThat(quota.get("calls")).contains(1);
      // sample: readme
    }
    // end
  }

  @Test
  void opening() {
    String url = database.jdbcUrl();
    String user = database.user();
    String password = database.password();
    // sample: opening
    Holdfast opened = Holdfast.builder()
        .jdbcUrl(url, user, password) // or dataSource(pool), or embedded(folder) for a first try
        .maximumPoolSize(20)
        .schema("holdfast")
        .migrations(
            MigrationMode
                .VALIDATE) // MIGRATE by default; OFF when something else looks after the tables
        .build();
    // end
    opened.close();
    assertThat(opened.metrics().sets()).isZero();
  }

  @Test
  void reading() {
    State<String> trip = holdfast.state("guide", "reading", String.class);
    trip.set("phase", "booking");
    // sample: reading
    Optional<String> phase = trip.get("phase"); // empty when absent, and when it holds JSON null
    String required =
        trip.getRequired("phase"); // StateKeyException when absent; null for JSON null
    Optional<Versioned<String>> found =
        trip.find("phase"); // the value and the version that wrote it
    boolean there = trip.has("phase"); // true also for JSON null
    List<String> keys = trip.keys();
    // end
    assertThat(phase).contains("booking");
    assertThat(required).isEqualTo("booking");
    assertThat(found).contains(new Versioned<>("booking", 1));
    assertThat(there).isTrue();
    assertThat(keys).containsExactly("phase");
  }

  @Test
  void writing() {
    State<JsonNode> trip = holdfast.state("guide", "writing");
    // sample: writing
    long first = trip.set("phase", json("booking"));
    trip.update(Map.of("from", json("JFK"), "to", json("SEA")));
    trip.apply(Changes.<JsonNode>append("messages", message)
        .andSet("phase", json("paying"))
        .andDelete("draft"));
    boolean removed = trip.delete("to");
    trip.clear();
    // end
    assertThat(first).isEqualTo(1);
    assertThat(removed).isTrue();
    assertThat(trip.version()).isEqualTo(5);
    assertThat(trip.size()).isZero();
  }

  @Test
  void changing() {
    State<JsonNode> trip = holdfast.state("guide", "changing");
    State<Integer> quota = holdfast.state("guide", "quota", Integer.class);
    // sample: changing
    quota.compute("calls", n -> n == null ? 1 : n + 1);
    quota.merge("tokens", 250, Integer::sum);
    quota.putIfAbsent("limit", 1_000);
    long calls = quota.increment("calls", 1);
    trip.append("messages", message);
    trip.patch("passenger", MergePatch.parse("{\"name\": \"Mia\", \"bags\": 2}"));
    trip.patch(
        "passenger", JsonPatch.parse("[{\"op\": \"replace\", \"path\": \"/bags\", \"value\": 3}]"));
    // end
    assertThat(calls).isEqualTo(2);
    assertThat(trip.getRequired("passenger")).isEqualTo(json(Map.of("name", "Mia", "bags", 3)));
  }

  @Test
  void comparing() {
    State<JsonNode> trip = holdfast.state("guide", "comparing");
    trip.set("phase", json("booking"));
    // sample: comparing
    Snapshot<JsonNode> seen = trip.snapshot();
    try {
      trip.compareAndSet(seen.version(), Changes.set("phase", json("paid")));
    } catch (ConflictException e) {
      // somebody was faster: e.expected(), e.actual(); read again and decide
    }
    // end
    assertThat(trip.get("phase")).contains(json("paid"));
  }

  @Test
  void travelling() {
    State<JsonNode> trip = holdfast.state("guide", "travelling");
    long paid = trip.set("phase", json("paid"));
    trip.set("phase", json("cancelled"));
    Instant noon = trip.snapshot().changedAt().orElseThrow();
    // sample: travelling
    Snapshot<JsonNode> then = trip.at(paid);
    Snapshot<JsonNode> atNoon = trip.asOf(noon);
    StateDiff diff = trip.diff(paid, trip.version());
    long undone = trip.by("operator").because("cancelled by mistake").rollback(paid);
    // end
    assertThat(then.get("phase")).contains(json("paid"));
    assertThat(atNoon.get("phase")).contains(json("cancelled"));
    assertThat(diff.byKey()).containsOnlyKeys("phase");
    assertThat(undone).isEqualTo(3);
  }

  @Test
  void naming() {
    State<JsonNode> trip = holdfast.state("guide", "naming");
    long paid = trip.set("phase", json("paid"));
    // sample: naming
    trip.by("planner").tag("before-payment");
    Snapshot<JsonNode> named = trip.at("before-payment");
    State<JsonNode> retry =
        trip.by("agent-7").fork("trip-42-retry", paid); // shares the values, does not copy them
    long back = trip.rollbackTo("before-payment");
    // end
    assertThat(named.version()).isEqualTo(paid);
    assertThat(retry.get("phase")).contains(json("paid"));
    assertThat(back).isEqualTo(paid);
  }

  @Test
  void retaining(@TempDir Path folder) throws IOException {
    State<JsonNode> trip = holdfast.state("trips", "retained");
    trip.set("phase", json("new"));
    DataSource janitor = database.dataSource();
    Path archive = folder.resolve("removed.jsonl");
    // sample: retaining
    Retention retention = holdfast.retention(janitor).by("janitor").because("90 days");
    RetentionPlan plan = retention.plan(
        RetentionPolicy.keepYoungerThan(Duration.ofDays(90)).orVersions(100), "trips");
    // plan.states() counts every row that goes; nothing was changed yet
    try (FileChannel file =
        FileChannel.open(archive, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      retention.run(plan, RemovalExport.to(file)); // or run(plan), without an export
    }
    // end
    assertThat(plan.states()).isEmpty();
    assertThat(archive).isEmptyFile();
    assertThat(trip.get("phase")).contains(json("new"));
  }

  @Test
  void asking() {
    State<JsonNode> trip = holdfast.state("guide", "asking");
    trip.by("planner").set("phase", json("booking"));
    trip.by("agent-7").set("phase", json("paid"));
    StringBuilder lines = new StringBuilder();
    // sample: asking
    History query = History.of("phase").by("agent-7").limit(50);
    HistoryPage<JsonNode> page = trip.history(query);
    for (Change<JsonNode> change : page) {
      lines.append(change.version()).append(' ').append(change.operation()).append(' ');
      lines.append(change.oldValue()).append(" -> ").append(change.newValue()).append('\n');
    }
    Optional<History> older = page.next(); // the query of the next page; empty at the end
    // end
    assertThat(lines).hasToString("2 SET Optional[\"booking\"] -> Optional[\"paid\"]\n");
    assertThat(older).isEmpty();
  }

  @Test
  void records() {
    // sample: records
    RecordState<AgentCoordinationState> session =
        holdfast.record(AgentCoordinationState.class, "sessions", "session-1");
    session.by("planner").set(AgentCoordinationState.of("session-1", 3));
    AgentCoordinationState now = session
        .by("agent-2")
        .update(s -> new AgentCoordinationState(
            s.sessionId(),
            s.agentCount(),
            List.of("agent-1"),
            s.sharedContext(),
            s.generatedFiles(),
            "review"));
    // end
    assertThat(now.currentPhase()).isEqualTo("review");
    assertThat(session.state().keys()).contains("session_id", "completed_agents");
  }

  @Test
  void failing() {
    State<JsonNode> trip = holdfast.state("guide", "failing");
    // sample: failing
    try {
      trip.set("phase", json("paid"));
    } catch (TransientException e) {
      // nothing was written; e.code(), e.context() and the cause say why; the call may be repeated
    }
    // end
    assertThat(trip.version()).isEqualTo(1);
  }

  @Test
  @SuppressWarnings("NullAway") // The balance is there, and no null.
  void transaction() {
    JsonNode entry = json("moved 10");
    holdfast.state("accounts", "a", Integer.class).set("balance", 100);
    holdfast.state("accounts", "b", Integer.class).set("balance", 0);
    // sample: transaction
    int left = holdfast.transaction(Isolation.SERIALIZABLE, tx -> {
      tx.state("accounts", "a", Integer.class).compute("balance", n -> n - 10);
      tx.state("accounts", "b", Integer.class).compute("balance", n -> n + 10);
      try {
        tx.savepoint(inner -> inner.state("audit", "a").append("log", entry));
      } catch (HoldfastException e) {
        // what the savepoint did is undone; the rest goes on
      }
      return tx.state("accounts", "a", Integer.class).getRequired("balance");
    });
    // end
    assertThat(left).isEqualTo(90);
    assertThat(holdfast.state("audit", "a").get("log")).contains(json(List.of("moved 10")));
  }

  @Test
  void transactionOptions() throws SQLException {
    database.execute("CREATE TABLE orders (id text PRIMARY KEY)");
    // sample: transaction-options
    TransactionOptions options = TransactionOptions.of(Isolation.REPEATABLE_READ)
        .maxAttempts(5)
        .lockTimeout(Duration.ofSeconds(2)) // one wait for a lock
        .statementTimeout(Duration.ofSeconds(5)) // one statement
        .timeout(Duration.ofSeconds(20)); // the whole, all attempts together
    long version = holdfast.transaction(options, tx -> {
      try (PreparedStatement insert =
          tx.connection().prepareStatement("INSERT INTO orders VALUES (?)")) {
        insert.setString(1, "order-7"); // your tables, in the same transaction
        insert.executeUpdate();
      }
      return tx.state("trips", "trip-42").by("agent-7").set("order", json("order-7"));
    });
    // end
    assertThat(holdfast.state("trips", "trip-42").version()).isEqualTo(version);
    assertThat(database.queryLong("SELECT count(*) FROM orders")).isEqualTo(1);
  }

  @Test
  void joining() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      // sample: joining
      connection.setAutoCommit(false);
      holdfast.joinTransaction(
          connection, tx -> tx.state("trips", "trip-42").set("phase", json("paid")));
      connection.commit();
      // end
    }
    assertThat(holdfast.state("trips", "trip-42").get("phase")).contains(json("paid"));
  }

  @Test
  void following() {
    List<String> mirrored = new CopyOnWriteArrayList<>();
    holdfast.state("trips", "followed").set("phase", json("booking"));
    // sample: following
    Subscription subscription = holdfast
        .changes()
        .subscribe("mirror", ChangeFilter.all().namespace("trips"), event -> {
          for (KeyChange change : event.keys()) {
            mirrored.add(event.state().name() + " " + event.version() + " " + change.key() + " "
                + change.kind());
          }
        });
    // end
    await().until(() -> mirrored.contains("followed 1 phase VALUE"));
    subscription.close();
  }

  @Test
  void polling() {
    List<String> seen = new ArrayList<>();
    holdfast.state("trips", "polled").set("phase", json("booking"));
    // A transaction of the server itself, such as one that gathers statistics, holds the feed up.
    await().untilAsserted(() -> {
      // sample: polling
      ChangeBatch batch = holdfast.changes().poll("reports", ChangeFilter.all().key("phase"));
      for (ChangeEvent event : batch.events()) {
        seen.add(event.state() + " " + event.version());
      }
      batch.acknowledge(); // what is not acknowledged comes again
      // end
      assertThat(seen).contains("trips/polled 1");
    });
  }
}
