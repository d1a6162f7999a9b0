package dev.holdfast.integration.docs;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.Telemetry;
import dev.holdfast.cache.ComputeCache;
import dev.holdfast.compute.Batch;
import dev.holdfast.compute.Computations;
import dev.holdfast.compute.ComputeFunction;
import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.event.EmitEvent;
import dev.holdfast.effect.event.EventEmission;
import dev.holdfast.effect.file.FileOperations;
import dev.holdfast.effect.file.WriteFile;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.registry.Ranking;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.effect.sql.SqlCall;
import dev.holdfast.effect.sql.SqlOperation;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.event.Event;
import dev.holdfast.event.EventSubscription;
import dev.holdfast.health.CheckScope;
import dev.holdfast.health.HealthReport;
import dev.holdfast.health.HealthResult;
import dev.holdfast.health.HealthStatus;
import dev.holdfast.redaction.Redactor;
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
import dev.holdfast.store.validation.ValidationException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import dev.holdfast.validation.Validation;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
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
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What stands between {@code // sample:} and {@code // end} stands in the documents, word for word; see {@link DocumentsTest}. */
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
    this.holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .maximumPoolSize(2)
        .build();
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
  void events() {
    List<String> mailed = new CopyOnWriteArrayList<>();
    // sample: events
    EventSubscription mails = holdfast.events().subscribe("booking_confirmed", events -> {
      for (Event event : events) {
        mailed.add(event.payload().path("trip").stringValue());
      }
    });
    holdfast.events().publish(Event.of("booking_confirmed", json(Map.of("trip", "trip-42"))));
    Subscription mirror = holdfast.events().changes("mirror-2", ChangeFilter.all(), change -> {});
    // end
    mails.close();
    mirror.close();
    assertThat(mailed).containsExactly("trip-42");
  }

  @Test
  void validating(@TempDir Path folder) throws IOException {
    Path schemaFile = Files.writeString(folder.resolve("p.json"), "{\"type\": \"object\"}");
    // sample: validating
    Holdfast strict = Holdfast.builder()
        .dataSource(dataSource)
        .validation(Validation.none()
            .schema("trips", "passenger*", schemaFile)
            .constraint("quotas", "calls", "not negative", calls -> calls.intValue() >= 0))
        .build();
    // end
    assertThatThrownBy(() -> strict.state("trips", "valid").set("passenger1", json(1)))
        .isInstanceOf(ValidationException.class);
    strict.close();
  }

  @Test
  void contracts(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("holdfast.yaml"), "retry: {max_retries: 1}");
    // sample: contracts
    Holdfast opened = Holdfast.builder().dataSource(dataSource).contracts(file).build();
    RetryPolicy policy = opened.contracts().retry().policy();
    ComputeCache<String, String> plans = opened.newComputeCache();
    Redactor redactor = opened.redactor();
    // end
    opened.close();
    assertThat(policy.maximumAttempts()).isEqualTo(2);
    assertThat(plans.maximumSize()).isEqualTo(128);
    assertThat(redactor.isSensitive("apiKey")).isTrue();
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

  record BookFlight(String from, String to) {}

  record BookHotel(String city) {}

  record BookTrip(String from, String to) {}

  record Booking(String id) {}

  record Trip(Booking flight, Booking hotel) {}

  /** A booking service of somebody else. */
  private static final class Airline {
    private final Map<String, Booking> bookings = new ConcurrentHashMap<>();

    Booking book(Object request, String key) {
      return bookings.computeIfAbsent(key, missing -> new Booking(request + " " + missing));
    }

    void cancel(String id, String key) {
      bookings.remove(key, new Booking(id));
    }

    Optional<Booking> find(String key) {
      return Optional.ofNullable(bookings.get(key));
    }
  }

  @Test
  void candidates() {
    Map<String, String> providers = new ConcurrentHashMap<>();
    try (Holdfast opened = Holdfast.builder().dataSource(dataSource).build()) {
      Effects effects = opened.effects();
      EffectHandler<String, String> acmeFlights = EffectHandler.of(
              "flight.book", String.class, String.class)
          .perform((context, request) -> "acme");
      EffectHandler<String, String> spareFlights = acmeFlights.perform((c, request) -> "spare");
      // sample: candidates
      effects.register(Candidate.of(acmeFlights).provider("acme").priority(10));
      effects.register(Candidate.of(spareFlights).provider("spare"));
      effects
          .handlers()
          .select(name -> Optional.ofNullable(providers.get(name))); // by hand, beats priorities
      Ranking why = effects.handlers().explain("flight.book"); // who serves it, and what decided
      // end
      assertThat(why.active()).map(Candidate::provider).contains("acme");
      providers.put("flight.book", "spare");
      assertThat(effects.<String>run(
              "pick", "1", effect -> effect.<String>perform("flight.book", "SEA")))
          .isEqualTo("spare");
    }
  }

  @Test
  void builtInHandlers(@TempDir Path folder) throws Exception {
    DataSource accounts = database.dataSource();
    List<String> broker = new CopyOnWriteArrayList<>();
    database.execute("CREATE TABLE account (id text PRIMARY KEY, balance integer)");
    database.execute("INSERT INTO account VALUES ('a', 100)");
    try (Holdfast opened = Holdfast.builder().dataSource(dataSource).build()) {
      Effects effects = opened.effects();
      // sample: built-in
      FileOperations files = FileOperations.in(folder); // nothing outside of it is touched
      files.handlers().forEach(effects::register);
      SqlOperation.createTable(
          accounts); // keeps idempotency keys, in the application's own database
      effects.register(SqlOperation.of(
          "account.debit",
          accounts,
          "UPDATE account SET balance = balance - ? WHERE id = ?",
          "UPDATE account SET balance = balance + ? WHERE id = ?"));
      effects.register(
          EventEmission.emit(event -> broker.add(event.topic() + " " + event.payload())));

      effects.run("pay", "invoice-7", effect -> {
        effect.perform(FileOperations.WRITE, WriteFile.text("invoice-7.txt", "paid"));
        effect.perform("account.debit", SqlCall.of(10, "a").undoneWith(10, "a"));
        effect.perform(EventEmission.EMIT, new EmitEvent("invoice.paid", json("invoice-7")));
        return "paid";
      });
      int removed = files.cleanUp(effects, Duration.ofDays(1)); // copies of what is over
      // end
      assertThat(removed).isZero();
    }
    assertThat(Files.readString(folder.resolve("invoice-7.txt"))).isEqualTo("paid");
    assertThat(database.queryLong("SELECT balance FROM account")).isEqualTo(90);
    assertThat(broker).containsExactly("invoice.paid \"invoice-7\"");
  }

  @Test
  void computing() {
    Tariff tariff = new Tariff();
    // sample: computing
    Computations computations = holdfast.computations();
    computations.register(ComputeFunction.of("fare", String.class, leg -> tariff.price(leg)));
    int fare =
        computations.compute("fare", "JFK-SEA"); // once for equal inputs, while the cache keeps it
    Batch<Integer> fares =
        computations.computeAll("fare", List.of("JFK-SEA", "SEA-LAX", "JFK-SEA"));
    // end
    assertThat(fare).isEqualTo(7);
    assertThat(fares.values()).containsExactly(7, 7, 7);
    assertThat(computations.metrics("fare").orElseThrow().total()).isEqualTo(2);
  }

  private static final class Tariff {
    int price(String leg) {
      return leg.length();
    }
  }

  @Test
  void effects() {
    Airline airline = new Airline();
    // sample: handlers
    holdfast
        .effects()
        .register(EffectHandler.of("flight.book", BookFlight.class, Booking.class)
            .perform((context, request) -> airline.book(request, context.idempotencyKey()))
            .compensate((context, request, booking) ->
                airline.cancel(booking.id(), context.idempotencyKey()))
            .reconcile((context, request) -> airline
                .find(context.idempotencyKey())
                .map(Reconciliation::done)
                .orElseGet(Reconciliation::notDone)));
    // end
    holdfast
        .effects()
        .register(EffectHandler.of("hotel.book", BookHotel.class, Booking.class)
            .perform((context, request) -> {
              if (request.city().equals("nowhere")) {
                throw new IllegalStateException("no hotel there");
              }
              return airline.book(request, context.idempotencyKey());
            })
            .compensate((context, request, booking) -> {
              throw new IllegalStateException("the desk is closed");
            }));
    // sample: effects
    Trip booked = holdfast.effects().run("book-trip", "trip-42", effect -> {
      Booking flight = effect.perform("flight.book", new BookFlight("JFK", "SEA"));
      effect.step("remember", tx -> tx.state("trips", "trip-42").set("flight", json(flight.id())));
      Booking hotel =
          effect.scope("hotel", inner -> inner.perform("hotel.book", new BookHotel("SEA")));
      return new Trip(flight, hotel);
    });
    // end
    assertThat(airline.bookings).hasSize(2);
    assertThat(booked.flight().id()).contains("JFK");
    assertThatThrownBy(() -> holdfast.effects().run("book-trip", "trip-43", effect -> {
          effect.perform("hotel.book", new BookHotel("SEA"));
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOf(EffectRollbackException.class);
    // sample: failures
    for (RollbackFailure failure : holdfast.effects().rollbackFailures().open()) {
      RollbackFailure after = holdfast.effects().rollbackFailures().retry(failure.id());
      if (after.status() == RollbackFailureStatus.OPEN) {
        holdfast.effects().rollbackFailures().resolve(failure.id(), "cancelled by phone", "ann");
      }
    }
    // end
    assertThat(holdfast.effects().rollbackFailures().open()).isEmpty();
    // sample: branches
    List<Booking> bookings = holdfast
        .effects()
        .run(
            "book-all",
            "trip-44",
            effect -> effect.parallel(
                "both",
                List.<EffectBody<Booking>>of(
                    branch -> branch.perform("flight.book", new BookFlight("JFK", "SEA")),
                    branch -> branch.perform("hotel.book", new BookHotel("SEA")))));
    // end
    assertThat(bookings).hasSize(2);
    // sample: definition
    EffectDefinition<BookTrip, Trip> bookTrip =
        EffectDefinition.of("plan-trip", BookTrip.class, (effect, wish) -> {
          Booking flight = effect.perform("flight.book", new BookFlight(wish.from(), wish.to()));
          Booking hotel = effect.perform("hotel.book", new BookHotel(wish.to()));
          return new Trip(flight, hotel);
        });
    holdfast.effects().define(bookTrip); // in every process that may have to go on with it
    Trip planned = holdfast.effects().run(bookTrip, "trip-45", new BookTrip("JFK", "SEA"));
    // end
    assertThat(planned.flight().id()).contains("JFK");
  }

  @Test
  void watching() {
    // sample: health
    HealthReport report = holdfast.health().report();
    boolean live = report.live(); // liveness: when false, only a restart helps
    boolean ready = report.ready(); // readiness: every dependency works
    Optional<HealthStatus> status = report.status(); // the worst of all checks
    OptionalDouble score = report.score(); // 0 to 1
    // end
    assertThat(live && ready).isTrue();
    assertThat(status).isPresent();
    assertThat(score.orElseThrow()).isPositive();
    DataSource pool = dataSource;
    BooleanSupplier airline = () -> false;
    List<String> pager = new CopyOnWriteArrayList<>();
    // sample: checking
    Holdfast checked = Holdfast.builder()
        .dataSource(pool)
        .health(health -> health
            .check(
                "airline",
                CheckScope.DEPENDENCY,
                () -> airline.getAsBoolean()
                    ? HealthResult.healthy()
                    : HealthResult.unhealthy("no answer"))
            .onChange(change -> pager.add(change.check() + " is " + change.after())))
        .build();
    // end
    try (checked) {
      checked.health().report();
      assertThat(pager).contains("airline is DEGRADED");
    }
    MeterRegistry meterRegistry = new SimpleMeterRegistry();
    ObservationRegistry observationRegistry = ObservationRegistry.create();
    // sample: measuring
    Holdfast measured = Holdfast.builder()
        .dataSource(pool)
        .telemetry(
            Telemetry.to(meterRegistry).observing(observationRegistry).tag("instance", "orders"))
        .build();
    // end
    try (measured) {
      measured.state("trips", "measured").set("a", json(1));
      assertThat(meterRegistry.get("onex.state.sets").functionCounter().count()).isEqualTo(1);
    }
  }
}
