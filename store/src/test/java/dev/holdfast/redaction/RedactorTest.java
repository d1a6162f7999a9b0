package dev.holdfast.redaction;

import static dev.holdfast.store.json.Json.json;
import static dev.holdfast.store.json.Json.parse;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.logging.Logs;
import dev.holdfast.store.TestingCpu;
import dev.holdfast.testkit.Seed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class RedactorTest {

  private static final String HIDDEN = "[REDACTED]";
  private static final String SECRET = "s3cr3t";

  private final Redactor redactor =
      Redactor.of(List.of("password", "secret", "token", "api_key"), HIDDEN);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "password",
        "PASSWORD",
        "db_password",
        "dbPassword",
        "DBPassword",
        "password2",
        "user.password",
        "user-password",
        "api_key",
        "apiKey",
        "API-KEY",
        "apikey",
        "ApiKey",
        "myAPIKey",
        "X-Api-Key",
        "access_token",
        "token",
        "client_secret",
        "pass_word",
        "🔑password",
        "password🔑",
        "api🔑key",
        "my🔑Token𝟕"
      })
  void wholeWordsAreSensitive(String name) {
    assertThat(redactor.isSensitive(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "key",
        "keys",
        "primary_key",
        "monkey",
        "state_key",
        "api",
        "max_tokens",
        "tokenizer",
        "secretary",
        "passwords",
        "",
        "_",
        "keyApi",
        "étoken",
        "𝐩token",
        "token𐐨",
        "🔑",
        "rapid_api_keys"
      })
  void otherNamesAreNot(String name) {
    assertThat(redactor.isSensitive(name)).isFalse();
  }

  /** The seed's pattern, as a word of its own: what a store of keys and values must not do by default. */
  @Test
  void aPatternOfOneGeneralWordHidesThatWordOnly() {
    Redactor general = Redactor.of(List.of("key"), HIDDEN);
    assertThat(general.isSensitive("api_key")).isTrue();
    assertThat(general.isSensitive("key")).isTrue();
    assertThat(general.isSensitive("monkey")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      delimiter = '|',
      value = {
        "password=s3cr3t|password=[REDACTED]",
        "user=mia password=s3cr3t host=h|user=mia password=[REDACTED] host=h",
        "password: s3cr3t, host: h|password: [REDACTED], host: h",
        "jdbc:postgresql://h/d?user=u&password=s3cr3t&ssl=true|jdbc:postgresql://h/d?user=u&password=[REDACTED]&ssl=true",
        "Server=h;Password=s3cr3t;Port=1|Server=h;Password=[REDACTED];Port=1",
        "{\"password\": \"s3cr3t\", \"a\": 1}|{\"password\": \"[REDACTED]\", \"a\": 1}",
        "{\"password\":\"s3\\\"cr\\\\\",\"a\":1}|{\"password\":\"[REDACTED]\",\"a\":1}",
        "{\\\"password\\\":\\\"s3cr3t\\\",\\\"a\\\":1}|{\\\"password\\\":\\\"[REDACTED]\\\",\\\"a\\\":1}",
        "{\"secret\": {\"a\": \"}\", \"b\": [1]}, \"c\": 2}|{\"secret\": [REDACTED], \"c\": 2}",
        "secret=[a, b] x=1|secret=[REDACTED] x=1",
        "Login[user=mia, password=s3cr3t, port=1]|Login[user=mia, password=[REDACTED], port=1]",
        "Login[user=mia, password=s3cr3t]|Login[user=mia, password=[REDACTED]]",
        "Login[password=s3(c)r3t, user=mia]|Login[password=[REDACTED], user=mia]",
        "{password=s3cr3t, a=1}|{password=[REDACTED], a=1}",
        "password='s3 cr3t' ok|password='[REDACTED]' ok",
        "password=s3,cr3t|password=[REDACTED]",
        "password=s3)cr3t|password=[REDACTED]",
        "password=two words|password=[REDACTED]",
        "X-Api-Key: s3cr3t|X-Api-Key: [REDACTED]",
        "password => s3cr3t|password => [REDACTED]",
        "\"api_key\" = \"s3cr3t|\"api_key\" = \"[REDACTED]",
        "key=a primary_key=b|key=a primary_key=b",
        "a password was given|a password was given",
        "password=|password=",
        "password: \"\"|password: \"[REDACTED]\"",
        "{\"secret key\":\"s3cr3t\",\"api key\": \"s3cr3t\"}|{\"secret key\":\"[REDACTED]\",\"api key\": \"[REDACTED]\"}",
        "{\"my secret!\":\"s3cr3t\",\"a\":1}|{\"my secret!\":\"[REDACTED]\",\"a\":1}",
        "{\"password🔑\": \"s3cr3t\"}|{\"password🔑\": \"[REDACTED]\"}",
        "{\"db=main; api: key\": [\"s3cr3t\"]}|{\"db=main; api: key\": [REDACTED]}",
        "'secret key' => 's3cr3t'|'secret key' => '[REDACTED]'",
        "{\\\"secret key\\\":\\\"s3cr3t\\\",\\\"a\\\":1}|{\\\"secret key\\\":\\\"[REDACTED]\\\",\\\"a\\\":1}",
        "{\"my \\\"secret\\\" key\":\"s3cr3t\"}|{\"my \\\"secret\\\" key\":\"[REDACTED]\"}",
        "{\\\"my \\\\\\\"secret\\\\\\\" key\\\":\\\"s3cr3t\\\"}|{\\\"my \\\\\\\"secret\\\\\\\" key\\\":\\\"[REDACTED]\\\"}",
        "{\"secret\":\"s3cr3t\",\"primary key\":\"a\"}|{\"secret\":\"[REDACTED]\",\"primary key\":\"a\"}",
        "{\"a\":\"secret\",\"b c\":\"=x\"}|{\"a\":\"secret\",\"b c\":\"=x\"}",
        "no secret of \"mia\": none|no secret of \"mia\": none",
        "\"token\\\"api: mia\"|\"token\\\"api: mia\""
      })
  void textIsHiddenBehindItsName(String text, String expected) {
    assertThat(redactor.redactText(text)).isEqualTo(expected);
  }

  @Test
  void aLineEndEndsAValue() {
    assertThat(redactor.redactText("password: s3cr3t\nhost: h\r\ntoken=x\n"))
        .isEqualTo("password: [REDACTED]\nhost: h\r\ntoken=[REDACTED]\n");
  }

  @Test
  void fieldsOfATreeAreHiddenAtAnyDepth() {
    JsonNode tree = parse("""
        {"user": "mia", "password": "s3cr3t", "key": 1, "list": [{"apiKey": {"deep": "s3cr3t"}}, "x"],
         "note": "call with token=s3cr3t", "token": null}""");
    String before = tree.toString();
    assertThat(redactor.redact(tree)).isEqualTo(parse("""
            {"user": "mia", "password": "[REDACTED]", "key": 1, "list": [{"apiKey": "[REDACTED]"}, "x"],
             "note": "call with token=[REDACTED]", "token": "[REDACTED]"}"""));
    assertThat(tree.toString()).isEqualTo(before);
  }

  @Test
  void aTreeWithoutSecretsIsReturnedItself() {
    JsonNode tree = json(Map.of("a", List.of(1, "x", Map.of("key", "v"))));
    assertThat(redactor.redact(tree)).isSameAs(tree);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/token", "/a/token/0", "/api~1key", "/a/api~0key/b", "/api~0~1key/-"})
  void theValueOfAPatchIsHiddenBehindItsPath(String path) {
    JsonNode patch = json(List.of(Map.of("op", "add", "path", path, "value", SECRET)));
    assertThat(redactor.redact(patch))
        .isEqualTo(json(List.of(Map.of("op", "add", "path", path, "value", HIDDEN))));
  }

  /** The tilde of {@code ~01} is one, and what follows it is a digit of the name. */
  @ParameterizedTest
  @ValueSource(strings = {"/key", "/api/key", "/api~01key", "/0~1key", "api~1", ""})
  void theValueOfAnotherPatchIsShown(String path) {
    JsonNode patch = json(List.of(Map.of("op", "add", "path", path, "value", SECRET)));
    assertThat(redactor.redact(patch)).isSameAs(patch);
  }

  @Test
  void messagesOfFailuresAndTheirCausesAreHidden() {
    Exception failure = new IllegalStateException(
        "login failed: password=" + SECRET, new IllegalArgumentException("token: " + SECRET));
    assertThat(redactor.describe(failure))
        .isEqualTo("java.lang.IllegalStateException: login failed: password=[REDACTED]\n"
            + "caused by: java.lang.IllegalArgumentException: token: [REDACTED]")
        .doesNotContain(SECRET);
    assertThat(redactor.describe(new RuntimeException())).isEqualTo("java.lang.RuntimeException");
  }

  /** What a failure says of itself is code of its own. */
  @Test
  void aFailureThatCannotTellItsMessageIsNamedAllTheSame() {
    Exception failure = new Exception() {
      private static final long serialVersionUID = 1L;

      @Override
      public String getMessage() {
        throw new IllegalStateException("no words");
      }

      @Override
      public synchronized Throwable getCause() {
        throw new IllegalStateException("no words");
      }
    };
    String line = failure.getClass().getName()
        + ": the message cannot be told: java.lang.IllegalStateException";
    assertThat(redactor.line(failure)).isEqualTo(line);
    assertThat(redactor.describe(new RuntimeException("outer", failure)))
        .isEqualTo("java.lang.RuntimeException: outer\ncaused by: " + line);
    assertThat(FailureTypes.of(failure)).isEqualTo(failure.getClass().getName());
    redactor.known().add("password", json(SECRET)).hideIn(failure);
    Logs.standard().of(RedactorTest.class).warn("It failed", failure);
  }

  @Test
  void theRedactorOfNothingChangesNothing() {
    JsonNode tree = json(Map.of("password", SECRET));
    assertThat(Redactor.none().redact(tree)).isSameAs(tree);
    assertThat(Redactor.none().redactText("password=x")).isEqualTo("password=x");
  }

  @Test
  void thePlaceholderIsTakenAsItIs() {
    Redactor odd = Redactor.of(List.of("password"), "$1\\");
    assertThat(odd.redactText("password=x")).isEqualTo("password=$1\\");
  }

  /** What begins like a placeholder may go on as a secret. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "secret=[a, b] s3cr3t x=1|secret=*** x=1",
        "{secret={a=1}, b=2}|{secret=***, b=2}",
        "token=***, b=2|token=***, b=2",
        "token=***s3cr3t|token=***",
        "token=*** s3cr3t|token=***"
      })
  void aPlaceholderWithoutBracketsIsReadAgain(String text, String expected) {
    Redactor stars = Redactor.of(List.of("secret", "token"), "***");
    assertThat(stars.redactText(text)).isEqualTo(expected);
    assertThat(stars.redactText(expected)).isEqualTo(expected);
  }

  /** Secrets behind sensitive names in random surroundings never show; hiding again changes nothing. */
  @Test
  void noSecretShowsInRandomTexts() {
    SplittableRandom random = new SplittableRandom(Seed.next("redaction"));
    int shownWithout = 0;
    for (int i = 0; i < 20_000; i++) {
      String text = surroundings(random) + sensitive(random) + surroundings(random);
      for (String placeholder : List.of(HIDDEN, "***", "<a & b>")) {
        Redactor other = Redactor.of(redactor.patterns(), placeholder);
        String hidden = other.redactText(text);
        assertThat(hidden).as(text).doesNotContain(SECRET);
        assertThat(other.redactText(hidden)).as(text).isEqualTo(hidden);
      }
      shownWithout += Redactor.none().redactText(text).contains(SECRET) ? 1 : 0;
    }
    assertThat(shownWithout).as("control: every text holds the secret").isEqualTo(20_000);
  }

  private static String sensitive(SplittableRandom random) {
    String name = pick(random, "password", "apiKey", "db.token", "MY_SECRET_2");
    String quoted = pick(random, "secret key", "api: key!", "(token)", "a \\\"password\\\"");
    return switch (random.nextInt(5)) {
      case 0 ->
        name + pick(random, "=", ": ", " = ") + SECRET + pick(random, "", "\n", "&", "; ", ", x");
      case 1 -> "\"" + name + "\": \"x \\\" " + SECRET + "\"";
      case 2 -> "{" + name + "=" + SECRET + "}";
      case 3 -> "\"" + quoted + "\":" + pick(random, "", " ") + "\"x " + SECRET + "\"";
      default -> "\"" + name + "\": {\"a\": [\"" + SECRET + "\"]}";
    };
  }

  private static String surroundings(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(pick(
          random, "a=1 ", "\"b\": [1, {}] ", "(x) ", "} ", "key: v, ", "é\n", "\\ ", "= : ", "{ "));
    }
    return text.append(' ').toString();
  }

  private static String pick(SplittableRandom random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  @Test
  @Timeout(120)
  void hugeTextsTakeLinearTime() {
    for (String piece : List.of(
        "a",
        " ",
        "a=",
        "\\",
        "[",
        "\"",
        "\":",
        "\" ",
        "'\\\":",
        "\\\\\":\\\"",
        "\"a b\":",
        "password=",
        "password=[",
        "token=\"\\",
        "secret: a ")) {
      String text = piece.repeat(1_000_000 / piece.length());
      assertThat(TestingCpu.timeOf(() -> redactor.redactText(text)))
          .as(piece)
          .isLessThan(Duration.ofSeconds(2));
    }
  }
}
