package dev.holdfast.integration.redaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.contract.Contracts;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.redaction.SensitiveNames;
import dev.holdfast.store.State;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The views hide what the policy says, by the same rules as Java. */
@HoldfastTest
@Timeout(120)
class RedactionPolicyTest {

  private static final String SECRET = "s3cr3tvalue";

  private final TestDatabase database;
  private final Migrations migrations;

  RedactionPolicyTest(TestDatabase database) {
    this.database = database;
    this.migrations = Migrations.of(database.dataSource(), database.schema());
  }

  @BeforeEach
  void standard() {
    migrations.setRedaction(Redactor.STANDARD_PATTERNS, Redactor.STANDARD_PLACEHOLDER);
  }

  private String one(String sql) {
    return database.queryStrings(sql).get(0);
  }

  private String redacted(@Nullable String name, String json) {
    return one("SELECT holdfast.redacted(%s, $j$%s$j$::json)::text"
        .formatted(name == null ? "NULL" : "$n$" + name + "$n$", json));
  }

  @Test
  void thePolicyIsTheStandardOneUntilItIsSet() {
    assertThat(one("SELECT patterns::text || placeholder FROM holdfast.redaction_policy"))
        .isEqualTo("{accesskey,apikey,password,privatekey,secret,token}[REDACTED]");
    assertThat(migrations.unredacted(List.of("apiKey", "ssn", "private-key", "credit_card")))
        .containsExactly("ssn", "credit_card");
    migrations.setRedaction(List.of("credit_card", "SSN", "ssn"), "***");
    assertThat(redacted("creditCard", "1")).isEqualTo("\"***\"");
    assertThat(redacted("password", "1")).isEqualTo("1");
    migrations.setRedaction(List.of(), "***");
    assertThat(redacted("ssn", "{\"ssn\": 1.10}")).isEqualTo("{\"ssn\": 1.10}");
    assertThatThrownBy(() -> migrations.setRedaction(List.of("a"), ""))
        .hasMessageContaining("redaction_policy_placeholder_is_text");
    assertThatThrownBy(
            () -> database.execute(
                "INSERT INTO holdfast.redaction_policy (only_row, patterns, placeholder) VALUES (false, '{}', 'x')"))
        .hasStackTraceContaining("redaction_policy_has_one_row");
  }

  @Test
  void whatIsNotHiddenStaysAsItWasWritten() {
    String plain = "{ \"n\" : 1.50, \"keys\":[1e2, null, \"monkey: 7\"] }";
    assertThat(redacted("primary_key", plain)).isEqualTo(plain);
    assertThat(redacted(null, "[{\"n\": 1.50, \"token\": {\"a\": [1]}}]"))
        .isEqualTo("[{\"n\":1.50,\"token\":\"[REDACTED]\"}]");
    assertThat(redacted(null, "{\"pass\\u0077ord\": \"x\"}"))
        .isEqualTo("{\"password\":\"[REDACTED]\"}");
    assertThat(redacted(null, "\"user=mia, db_password = x y z\""))
        .isEqualTo("\"user=mia, db_password =[REDACTED]\"");
    assertThat(redacted(null, "[{\"op\":\"add\",\"path\":\"/a/token/0\",\"value\":7}]"))
        .isEqualTo("[{\"op\":\"add\",\"path\":\"/a/token/0\",\"value\":\"[REDACTED]\"}]");
    assertThat(one("SELECT coalesce(holdfast.redacted('password', NULL)::text, 'null')"))
        .isEqualTo("null");
  }

  /** Keys are compared byte by byte, and letters beyond ASCII are letters all the same. */
  @Test
  void theKeyOfAStateIsANameInAnyAlphabet() {
    migrations.setRedaction(List.of("contraseña", "πιν"), "***");
    try (Holdfast holdfast = Holdfast.builder()
        .dataSource(database.dataSource())
        .migrations(MigrationMode.VALIDATE)
        .build()) {
      State<JsonNode> state = holdfast.state("redaction", "alphabets");
      state.set("contraseña", Json.json(SECRET));
      state.set("CONTRASEÑA", Json.json(SECRET));
      state.set("ΠΙΝ", Json.json(Map.of("value", SECRET)));
      state.set("plain", Json.json(Map.of("tuContraseña", SECRET)));
      String id = state.id().uuid().toString();

      assertThat(database.queryStrings(
              "SELECT value::text FROM holdfast.state_at('redaction', 'alphabets', 4)"))
          .hasSize(4)
          .allSatisfy(value -> assertThat(value).contains("***").doesNotContain(SECRET));
      assertThat(database.queryStrings(
              "SELECT new_value::text || coalesce(holdfast.value_at(state_id, key, version)::text, '')"
                  + " FROM holdfast.change_detail WHERE state_id = '" + id + "'"))
          .hasSize(4)
          .allSatisfy(value -> assertThat(value).contains("***").doesNotContain(SECRET));
      assertThat(database.queryStrings(
              "SELECT payload::text FROM holdfast.change_summary WHERE state_id = '" + id + "'"))
          .hasSize(4)
          .allSatisfy(value -> assertThat(value).contains("***").doesNotContain(SECRET));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\n", "\\r", "\\t", "\\b", "\\f", "\\\"", "\\\\", "\\/", "\\u0020"})
  void anEscapeInANameHidesNothingOfIt(String escape) {
    assertThat(redacted(null, "{\"api" + escape + "key\": \"" + SECRET + "\"}"))
        .contains("[REDACTED]")
        .doesNotContain(SECRET);
  }

  /** As deep as values may be: their limit can be raised to 1,000 levels. */
  @Test
  void whatIsNestedAsDeeplyAsValuesMayBeCanBeShown() {
    int levels = 1_000;
    String lists =
        "[".repeat(levels - 1) + "{\"password\":\"" + SECRET + "\"}" + "]".repeat(levels - 1);
    String objects = "{\"a\":".repeat(levels) + "\"password=" + SECRET + "\"" + "}".repeat(levels);
    for (String deep : List.of(lists, objects)) {
      assertThat(redacted(null, "[1.50," + deep + "]"))
          .startsWith("[1.50,")
          .contains("[REDACTED]")
          .doesNotContain(SECRET);
    }
    String plain = "[".repeat(levels) + "7" + "]".repeat(levels);
    assertThat(redacted(null, plain)).isEqualTo(plain);
    assertThat(redacted("token", plain)).isEqualTo("\"[REDACTED]\"");
  }

  @Test
  void patchesAreHiddenInSqlWhereTheyAreInJava() {
    for (String path : List.of(
        "/a/token/0",
        "/api~1key",
        "/a/api~0key/b",
        "/api~0~1key/-",
        "/api/key",
        "/api~01key",
        "/api~1",
        "/0~1key",
        "token",
        "")) {
      JsonNode patch = Json.json(List.of(Map.of("op", "add", "path", path, "value", SECRET)));
      assertThat(Json.parse(redacted(null, Json.write(patch))))
          .as(path)
          .isEqualTo(Redactor.standard().redact(patch));
    }
    String escaped = "[ {\"op\": \"add\", \"path\": \"/a~1b\", \"value\": 1.50} ]";
    assertThat(redacted(null, escaped)).as("nothing to hide").isEqualTo(escaped);
  }

  @Test
  void namesAreSensitiveInSqlWhereTheyAreInJava() throws SQLException {
    SplittableRandom random = new SplittableRandom(Seed.next("names"));
    SensitiveNames names = new SensitiveNames(Redactor.STANDARD_PATTERNS);
    List<String> given = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      given.add(name(random));
    }
    int sensitive = 0;
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement("""
            SELECT g.name, g.name ~* p.hint
              AND holdfast.is_sensitive(g.name, p.patterns)
            FROM unnest(?) AS g (name), holdfast.redaction_policy AS p""")) {
      statement.setArray(1, connection.createArrayOf("text", given.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          boolean java = names.contains(rows.getString(1));
          assertThat(rows.getBoolean(2)).as(rows.getString(1)).isEqualTo(java);
          sensitive += java ? 1 : 0;
        }
      }
    }
    System.out.println("names compared: " + given.size() + ", sensitive: " + sensitive);
    assertThat(sensitive).isBetween(300, 2_700);
  }

  private static final List<String> PARTS = List.of(
      "api",
      "Api",
      "API",
      "key",
      "Key",
      "password",
      "Password",
      "PASSWORD",
      "pass",
      "word",
      "token",
      "tokens",
      "Token",
      "secret",
      "my",
      "My",
      "x",
      "X",
      "7",
      "42",
      "_",
      "-",
      ".",
      " ",
      "!",
      ": ",
      "\"",
      "access",
      "private",
      "é",
      "🔑",
      "𐐨",
      "primary");

  private static String name(SplittableRandom random) {
    StringBuilder name = new StringBuilder();
    int parts = 1 + random.nextInt(5);
    for (int i = 0; i < parts; i++) {
      name.append(PARTS.get(random.nextInt(PARTS.size())));
    }
    return name.toString();
  }

  @Test
  void namesInQuotesAreSensitiveInSqlWhereTheyAreInJava() {
    for (String name : List.of(
        "secret key",
        "api key",
        "(token)",
        "password🔑",
        "api: key",
        "my \"secret\" key",
        "primary key",
        "api: monkey",
        "my \"secretary\" key")) {
      String text = Json.write(Json.json(Map.of(name, SECRET)));
      for (int i = 0; i < 3; i++) {
        boolean java = !Redactor.standard().redactText(text).contains(SECRET);
        boolean sql =
            !one("SELECT holdfast.redacted_text($t$%s$t$)".formatted(text)).contains(SECRET);
        assertThat(java).as(text).isEqualTo(Redactor.standard().isSensitive(name));
        assertThat(sql).as(text).isEqualTo(java);
        text = Json.write(Json.json(text));
      }
    }
  }

  /** SQL may hide more of a text than Java does, and never less. */
  @Test
  void sqlShowsNoSecretThatJavaHides() {
    SplittableRandom random = new SplittableRandom(Seed.next("values"));
    Redactor redactor = Redactor.standard();
    int hidden = 0;
    for (int i = 0; i < 1_500; i++) {
      JsonNode value = Json.json(value(random, 3));
      String name = name(random);
      String java = Json.write(redactor.redact(name, value));
      if (Json.write(value).contains(SECRET) && !java.contains(SECRET)) {
        hidden++;
        assertThat(redacted(name, Json.write(value)))
            .as("%s %s", name, value)
            .doesNotContain(SECRET);
      }
    }
    System.out.println("values that Java hides: " + hidden);
    assertThat(hidden).isGreaterThan(200);
  }

  private static Object value(SplittableRandom random, int depth) {
    return switch (depth == 0 ? random.nextInt(3) : random.nextInt(7)) {
      case 0 -> random.nextInt(1_000);
      case 1 -> SECRET;
      case 2 -> name(random) + (random.nextBoolean() ? "=" : ": ") + SECRET;
      case 3 -> Json.write(Json.json(value(random, depth - 1)));
      case 4 -> List.of(value(random, depth - 1), value(random, depth - 1));
      default ->
        Map.of(
            name(random) + "a",
            value(random, depth - 1),
            name(random) + "b",
            value(random, depth - 1));
    };
  }

  @Test
  void aHoldfastThatMigratesWithContractsSetsThePolicy() {
    Contracts contracts = Contracts.of(Map.of(
        "security",
        Map.of("sensitive_field_patterns", List.of("ssn"), "redaction_placeholder", "?")));
    try (Holdfast holdfast =
        Holdfast.builder().dataSource(database.dataSource()).build()) {
      assertThat(holdfast.redactor().isSensitive("ssn")).isFalse();
      assertThat(redacted("password", "1")).isEqualTo("\"[REDACTED]\"");
    }
    try (LogCapture log = LogCapture.begin()) {
      try (Holdfast validating = Holdfast.builder()
          .dataSource(database.dataSource())
          .migrations(MigrationMode.VALIDATE)
          .contracts(contracts)
          .build()) {
        assertThat(validating.redactor().isSensitive("ssn")).isTrue();
        assertThat(redacted("ssn", "1")).isEqualTo("1");
      }
      assertThat(log.text()).contains("Views show values", "ssn");
    }
    try (Holdfast migrating = Holdfast.builder()
        .dataSource(database.dataSource())
        .contracts(contracts)
        .build()) {
      assertThat(migrating.redactor().placeholder()).isEqualTo("?");
      assertThat(redacted("ssn", "1")).isEqualTo("\"?\"");
    }
  }
}
