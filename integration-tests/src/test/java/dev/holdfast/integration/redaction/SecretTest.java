package dev.holdfast.integration.redaction;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.Telemetry;
import dev.holdfast.contract.Contracts;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.event.Event;
import dev.holdfast.event.EventSubscription;
import dev.holdfast.health.CheckScope;
import dev.holdfast.health.HealthChange;
import dev.holdfast.health.HealthReport;
import dev.holdfast.health.HealthResult;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.store.State;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.store.feed.SubscriptionOptions;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.retention.RemovalExport;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A secret goes everywhere that a secret can go, and is looked for everywhere that somebody looks. */
@HoldfastTest
@Timeout(180)
class SecretTest {

  private static final String AUDITOR = "holdfast_secret_auditor";
  private static final String PASSWORD = "auditor";

  private final TestDatabase database;

  @TempDir
  private Path folder = Path.of("");

  SecretTest(TestDatabase database) {
    this.database = database;
  }

  @BeforeAll
  static void createRole(TestDatabase database) {
    Migrations.of(database.dataSource(), database.schema()).grantRoles();
    database.execute(
        "CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE holdfast_auditor".formatted(AUDITOR, PASSWORD));
  }

  /** What a booking service is asked. */
  record Login(String user, String password) {}

  /** What it answers. */
  record Ticket(String id, String accessToken) {}

  /** Where a secret was looked for, with all that was seen there. */
  private Map<String, String> seen(String secret, boolean redacts) throws Exception {
    Map<String, String> seen = new LinkedHashMap<>();
    Contracts contracts = Contracts.of(Map.of(
        "security", Map.of("enable_redaction", redacts),
        "logging",
            Map.of("enable_log_redaction", redacts, "log_level", "DEBUG", "log_format", "text")));
    try (LogCapture log = LogCapture.begin()) {
      SimpleMeterRegistry meters = new SimpleMeterRegistry();
      try (Holdfast holdfast = Holdfast.builder()
          .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
          .contracts(contracts)
          .telemetry(Telemetry.to(meters))
          .health(checks -> checks
              .check(
                  "airline",
                  CheckScope.DEPENDENCY,
                  () -> HealthResult.unhealthy("no answer to token=" + secret)
                      .with("api_key", secret))
              .check("hotel", CheckScope.COMPONENT, () -> {
                throw new IllegalStateException("no answer to " + secret);
              }))
          .build()) {
        State<JsonNode> state = write(holdfast, secret);
        history(holdfast, state, seen);
        effect(holdfast, secret, seen);
        nameless(holdfast, secret, seen);
        health(holdfast, seen);
        feed(holdfast, state, secret, seen);
        listener(holdfast, secret, seen);
        wrongType(holdfast, state, seen);
        seen.put(
            "metrics",
            holdfast.metrics() + " " + holdfast.transactionMetrics() + " "
                + holdfast.effects().metrics() + " " + holdfast.events().metrics() + " "
                + meters.getMetersAsString());
        seen.put("contracts", holdfast.contracts().toText());
        audit(state, seen);
        seen.put("export", export(holdfast, state));
      }
      seen.put("log", log.text());
      assertThat(log.events()).hasSizeGreaterThan(5);
    }
    return seen;
  }

  private static State<JsonNode> write(Holdfast holdfast, String secret) {
    State<JsonNode> state = holdfast
        .state("secrets", UUID.randomUUID().toString())
        .by("mia")
        .because("changed because password=" + secret);
    state.set("password", json(secret));
    state.set("profile", json(Map.of("api_key", secret, "note", "use token=" + secret, "n", 1)));
    state.append("logins", Map.of("user", "mia", "mySecret2", secret));
    String big = "x".repeat(500);
    state.set("big", json(Map.of("big", big, "token", "first")));
    state.patch(
        "big",
        JsonPatch.parse(
            "[{\"op\": \"replace\", \"path\": \"/token\", \"value\": \"%s\"}]".formatted(secret)));
    state.delete("password");
    state.set("password", json(Map.of("nested", List.of(secret))));
    return state;
  }

  private static void history(Holdfast holdfast, State<JsonNode> state, Map<String, String> seen) {
    seen.put(
        "history for auditors",
        state.history(History.all()).changes().stream()
            .map(holdfast.redactor()::redact)
            .toList()
            .toString());
  }

  private static void effect(Holdfast holdfast, String secret, Map<String, String> seen) {
    EffectHandler<Login, Ticket> book = EffectHandler.of("secret.book", Login.class, Ticket.class)
        .perform((context, request) -> new Ticket("t-1", secret))
        .compensate((context, request, ticket) -> {
          throw new IllegalStateException(
              "cannot cancel, " + request, new IOException("{\"token\": \"" + secret + "\"}"));
        });
    holdfast.effects().register(book);
    Throwable failure = catchThrowable(() -> holdfast
        .effects()
        .run("secret", UUID.randomUUID().toString(), effect -> {
          effect.perform(book, new Login("mia", secret));
          effect.step("fail", tx -> {
            throw new IllegalArgumentException("refused: my_password=" + secret);
          });
          return true;
        }));
    seen.put("message of the effect's exception", String.valueOf(failure.getMessage()));
    seen.put(
        "rollback failures",
        holdfast.effects().rollbackFailures().open().stream()
            .map(open -> open.problem().toString())
            .toList()
            .toString());
  }

  /** No name stands before the secret in what these say; it was given to them under one. */
  private static void nameless(Holdfast holdfast, String secret, Map<String, String> seen) {
    EffectHandler<Login, Ticket> book = EffectHandler.of(
            "secret.nameless", Login.class, Ticket.class)
        .perform((context, request) -> {
          if (request.user().equals("max")) {
            throw new IllegalStateException("max may not log in with " + secret);
          }
          return new Ticket("t-2", secret);
        })
        .compensate((context, request, ticket) -> {
          throw new IllegalStateException(
              "nobody knows " + ticket.accessToken(), new IOException(secret + " was refused"));
        });
    holdfast.effects().register(book);
    StringBuilder messages = new StringBuilder();
    for (String user : List.of("max", "mia")) {
      Throwable failure = catchThrowable(() -> holdfast
          .effects()
          .run("secret", UUID.randomUUID().toString(), effect -> {
            Ticket ticket = effect.perform(book, new Login(user, secret));
            effect.step("fail", tx -> {
              tx.state("secrets", "step").set("my_token", json(secret));
              throw new IllegalArgumentException("refused " + ticket.accessToken());
            });
            return true;
          }));
      messages.append(failure.getMessage());
    }
    EffectDefinition<Login, Boolean> login =
        EffectDefinition.of("secret.login", Login.class, (effect, input) -> {
          effect.step("begin", tx -> tx.state("logins", "step").set("begun", json(1)));
          throw new IllegalStateException("nobody logs in with " + secret);
        });
    holdfast.effects().define(login);
    messages.append(catchThrowable(() ->
            holdfast.effects().run(login, UUID.randomUUID().toString(), new Login("mia", secret)))
        .getMessage());
    seen.put("messages without names", messages.toString());
    seen.put(
        "retried rollback failures",
        holdfast.effects().rollbackFailures().open().stream()
            .filter(open -> open.operation().name().equals("secret.nameless"))
            .map(open -> holdfast.effects().rollbackFailures().retry(open.id()))
            .map(retried -> retried.problem().toString())
            .toList()
            .toString());
    Throwable undone = catchThrowable(() -> holdfast.transaction(tx -> {
      tx.savepoint(inner -> inner.state("secrets", "tx").set("profile", json(Map.of("pin", 1))));
      tx.state("secrets", "tx").set("password", json(Map.of("old", secret)));
      throw new IllegalStateException("already used: " + secret);
    }));
    seen.put("description of a transaction's failure", holdfast.redactor().describe(undone));
  }

  private static void health(Holdfast holdfast, Map<String, String> seen) {
    List<Event> told = new CopyOnWriteArrayList<>();
    String type = HealthChange.EVENT_TYPE;
    try (EventSubscription sink = holdfast.events().subscribe(type, told::addAll)) {
      HealthReport report = holdfast.health().check();
      seen.put("health", report.toString());
      seen.put("health later", holdfast.health().latest().toString());
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> told.stream()
              .anyMatch(event -> event.payload().path("check").stringValue().equals("airline")));
      assertThat(sink.key()).isEqualTo(type);
      seen.put(
          "events of health",
          told.stream().map(event -> event + " " + event.payload()).toList().toString());
    }
  }

  private static void feed(
      Holdfast holdfast, State<JsonNode> state, String secret, Map<String, String> seen) {
    String consumer = "secret-" + UUID.randomUUID();
    ChangeFilter mine = ChangeFilter.all().namespace(state.id().namespace());
    SubscriptionOptions once = SubscriptionOptions.defaults().maxAttempts(1);
    try (Subscription subscription = holdfast.changes().subscribe(consumer, mine, once, change -> {
      // The first version is that of the password.
      throw new IllegalStateException((change.version() == 1 ? "no " : "secret: ") + secret);
    })) {
      await().atMost(Duration.ofSeconds(60)).until(() -> subscription.deadLetters() > 0);
    }
    seen.put("dead letters", holdfast.changes().deadLetters(consumer, 10).toString());
  }

  private static void listener(Holdfast holdfast, String secret, Map<String, String> seen) {
    holdfast.events().subscribe("login", events -> {
      throw new IllegalStateException("nobody has " + secret);
    });
    holdfast.events().publish(Event.of("login", json(Map.of("password", secret))));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !holdfast.events().undelivered().isEmpty());
    seen.put("undelivered events", holdfast.events().undelivered().toString());
  }

  /** The cause is Jackson's and quotes the value; what is shown of a failure does not. */
  private static void wrongType(
      Holdfast holdfast, State<JsonNode> state, Map<String, String> seen) {
    State<Integer> numbers =
        holdfast.state(state.id().namespace(), state.id().name(), Integer.class);
    JsonNode before = Objects.requireNonNull(state.getRequired("password"));
    state.set("password", before.path("nested").path(0));
    Throwable failure = catchThrowable(() -> numbers.get("password"));
    seen.put("description of a failure to read", holdfast.redactor().describe(failure));
  }

  private void audit(State<JsonNode> state, Map<String, String> seen) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(database.jdbcUrl(), AUDITOR, PASSWORD);
        Statement statement = connection.createStatement()) {
      List<String> views = database.queryStrings("""
          SELECT relname FROM pg_class
          WHERE relnamespace = 'holdfast'::regnamespace AND relkind = 'v' ORDER BY relname""");
      assertThat(views).hasSizeGreaterThan(10);
      StringBuilder rows = new StringBuilder();
      for (String view : views) {
        append(statement, "SELECT v::text FROM holdfast.%s AS v".formatted(view), rows);
      }
      seen.put("views", rows.toString());
      StringBuilder values = new StringBuilder();
      String name = "'%s', '%s'".formatted(state.id().namespace(), state.id().name());
      append(
          statement,
          "SELECT s::text FROM holdfast.state_at(%s, %d) AS s".formatted(name, state.version()),
          values);
      append(
          statement,
          "SELECT s::text FROM holdfast.state_as_of(%s, now()) AS s".formatted(name),
          values);
      append(
          statement,
          "SELECT holdfast.value_at(holdfast.state_id(%s), 'password', 1)::text".formatted(name),
          values);
      append(
          statement,
          "SELECT t::text FROM holdfast.changed_together(%s, 1) AS t".formatted(name),
          values);
      seen.put("functions", values.toString());
    }
  }

  private static void append(Statement statement, String sql, StringBuilder to)
      throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        to.append(rows.getString(1)).append('\n');
      }
    }
  }

  private String export(Holdfast holdfast, State<JsonNode> state) throws IOException {
    Path file = folder.resolve(UUID.randomUUID() + ".jsonl");
    state.clearHistory();
    for (String consumer : database.queryStrings("SELECT consumer FROM holdfast.feed_consumer")) {
      holdfast.changes().forget(consumer);
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      var retention = holdfast.retention().grace(Duration.ZERO);
      retention.run(
          retention.plan(RetentionPolicy.removeCleared(), state.id()), RemovalExport.to(channel));
    }
    return Files.readString(file);
  }

  @Test
  void aSecretIsSeenNowhereAndEverywhereWhenNothingIsHidden() throws Exception {
    String secret = "hunter" + UUID.randomUUID().toString().replace("-", "");
    Map<String, String> seen = seen(secret, true);
    seen.forEach((where, text) -> {
      assertThat(text).as(where).doesNotContain(secret).isNotEmpty();
    });
    assertThat(seen.get("views")).contains("[REDACTED]", "mia", "secret.book");
    assertThat(seen.get("export")).contains("[REDACTED]", "\"big\":\"xxx");

    String shown = "shown" + UUID.randomUUID().toString().replace("-", "");
    Map<String, String> control = seen(shown, false);
    assertThat(control.keySet()).isEqualTo(seen.keySet());
    control.forEach((where, text) -> {
      if (!where.equals("metrics") && !where.equals("contracts")) {
        assertThat(text).as("%s, with nothing hidden", where).contains(shown);
      }
    });
  }
}
