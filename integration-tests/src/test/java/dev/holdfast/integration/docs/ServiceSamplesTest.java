package dev.holdfast.integration.docs;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
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
import dev.holdfast.event.Event;
import dev.holdfast.event.EventSubscription;
import dev.holdfast.health.CheckScope;
import dev.holdfast.health.HealthReport;
import dev.holdfast.health.HealthResult;
import dev.holdfast.health.HealthStatus;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.store.validation.ValidationException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import dev.holdfast.validation.Validation;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Samples of what there is beside states, as in {@link SamplesTest}. */
@HoldfastTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServiceSamplesTest {

  private final TestDatabase database;
  private final DataSource dataSource;
  private final Holdfast holdfast;

  ServiceSamplesTest(TestDatabase database) {
    this.database = database;
    this.dataSource = database.dataSource();
    this.holdfast = Samples.open(database);
  }

  @AfterAll
  void close() {
    holdfast.close();
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
