package dev.holdfast.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.holdfast.contract.Contract;
import dev.holdfast.contract.Drives;
import dev.holdfast.contract.ValidationContract;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.validation.ValidationException;
import dev.holdfast.store.validation.ValidationException.Violation;
import dev.holdfast.store.validation.ValueRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
public class ValidationTest {

  private static final StateId TRIP = new StateId("trips", "42");
  private static final String PASSENGER = """
      {"type": "object", "required": ["name"], "additionalProperties": false,
       "properties": {
         "name": {"type": "string", "minLength": 2},
         "seat": {"type": "integer", "minimum": 1, "maximum": 60}}}""";

  @TempDir
  private Path folder = Path.of("");

  private static ValueRules rules(Validation validation, Map<String, ?> contract) {
    return validation.rules(Contract.of(ValidationContract.class, contract));
  }

  private static Validation passenger() {
    return Validation.none().schema("trips", "passenger*", PASSENGER);
  }

  private static List<Violation> violations(ValueRules rules, String key, String json) {
    ValidationException failure =
        catchThrowableOfType(ValidationException.class, () -> rules.check(TRIP, key, json));
    return failure == null ? List.of() : failure.violations();
  }

  private static final String WRONG = """
      {"name": "x", "seat": 61, "password": "hunter2"}""";

  @Test
  void namesKeyPathAndRuleAndNoValue() {
    ValueRules all = rules(passenger(), Map.of("enable_fail_fast", false));
    assertThat(violations(all, "passenger1", WRONG))
        .extracting(Violation::path, Violation::rule)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("/name", "minLength"),
            org.assertj.core.groups.Tuple.tuple("/seat", "maximum"),
            org.assertj.core.groups.Tuple.tuple("", "additionalProperties"));
    assertThatThrownBy(() -> all.check(TRIP, "passenger1", WRONG))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALIDATION))
        .hasMessageContaining("passenger1")
        .hasMessageContaining("trips/42")
        .hasMessageContaining("/seat: maximum (schema /properties/seat/maximum)")
        .hasMessageNotContainingAny("hunter2", "61");
    all.check(TRIP, "passenger1", "{\"name\": \"Mia\", \"seat\": 7}");
  }

  @ParameterizedTest
  @CsvSource({
    "trips,passenger,true",
    "trips,passenger.12,true",
    "trips,passengers/a,true",
    "trips,Passenger,false",
    "trips,my passenger,false",
    "quotas,passenger,false"
  })
  void aRuleIsForItsNamespaceAndKeys(String namespace, String key, boolean governed) {
    ValueRules rules = rules(passenger(), Map.of());
    assertThat(rules.govern(new StateId(namespace, "x"), key)).isEqualTo(governed);
    if (!governed) {
      rules.check(new StateId(namespace, "x"), key, WRONG);
    }
  }

  @Test
  void starsStandForAnythingAndTakeNoTime() {
    String stars = "*".repeat(100) + "a" + "*".repeat(100) + "b";
    ValueRules rules =
        rules(Validation.none().constraint("*", stars, "never", value -> false), Map.of());
    assertThat(rules.govern(TRIP, "xxaxxb")).isTrue();
    assertThat(rules.govern(TRIP, "a".repeat(500))).isFalse();
  }

  /** Where a rule is asked for with every write, trying all ways to share a key among the stars would take for ever. */
  @Test
  void starsApartTakeNoTimeEither() {
    KeyPattern pattern = KeyPattern.of("*", "*a".repeat(30) + "*b");
    String key = "a".repeat(4_000);
    assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
      assertThat(pattern.matches(TRIP, key)).isFalse();
      assertThat(pattern.matches(TRIP, key + "b")).isTrue();
    });
  }

  @ParameterizedTest
  @CsvSource({
    "a,a,true",
    "a,aa,false",
    "a,b,false",
    "a*,a,true",
    "a*,ba,false",
    "*a,a,true",
    "*a,ab,false",
    "*a*,bab,true",
    "*a*,bbb,false",
    "a*a,a,false",
    "a*a,aa,true",
    "ab*ba,aba,false",
    "ab*ba,abba,true",
    "*ab*ab*,ab,false",
    "*ab*ab*,abab,true",
    "*ab*bc,abc,false",
    "*ab*bc,abbc,true",
    "a*b*c,abcbc,true",
    "a*b*c,acb,false",
    "*,x,true",
    "a.b,axb,false",
    "*[a-z]*,x[a-z]y,true",
    "'a*b','a\\nb',true",
    "*😀*,x😀y,true"
  })
  void aStarStandsForAnyText(String pattern, String key, boolean matches) {
    String text = key.replace("\\n", "\n");
    assertThat(KeyPattern.of("*", pattern).matches(TRIP, text)).isEqualTo(matches);
    assertThat(KeyPattern.of(pattern, "*").matches(new StateId(text, "x"), "k")).isEqualTo(matches);
  }

  @Test
  @Drives("validation.enable_fail_fast")
  void failingFastReportsOne() {
    assertThat(violations(rules(passenger(), Map.of()), "passenger", WRONG)).hasSize(1);
    assertThat(
            violations(rules(passenger(), Map.of("enable_fail_fast", false)), "passenger", WRONG))
        .hasSize(3);
  }

  @Test
  @Drives("validation.max_validation_errors")
  void noMoreErrorsAreCollectedThanTheContractSays() {
    assertThat(violations(
            rules(passenger(), Map.of("enable_fail_fast", false, "max_validation_errors", 2)),
            "passenger",
            WRONG))
        .hasSize(2);
  }

  @Test
  @Drives("validation.strict_type_checking")
  void textIsNoNumberUnlessTheContractIsLenient() {
    String seat = "{\"name\": \"Mia\", \"seat\": \"7\"}";
    assertThat(violations(rules(passenger(), Map.of()), "passenger", seat)).hasSize(1);
    assertThat(violations(
            rules(passenger(), Map.of("strict_type_checking", false)), "passenger", seat))
        .isEmpty();
  }

  @Test
  @Drives({"validation.enable_schema_validation", "validation.enable_constraint_validation"})
  void eitherKindCanBeSwitchedOff() {
    Validation both = passenger().constraint("trips", "*", "not empty", value -> !value.isEmpty());
    Map<String, Object> all = Map.of("enable_fail_fast", false);
    assertThat(violations(rules(both, all), "passenger", "{}")).hasSize(2);
    assertThat(violations(
            rules(both, Map.of("enable_fail_fast", false, "enable_schema_validation", false)),
            "passenger",
            "{}"))
        .extracting(Violation::rule)
        .containsExactly("not empty");
    assertThat(violations(
            rules(both, Map.of("enable_fail_fast", false, "enable_constraint_validation", false)),
            "passenger",
            "{}"))
        .extracting(Violation::rule)
        .containsExactly("required");
    assertThat(rules(passenger(), Map.of("enable_schema_validation", false)))
        .isSameAs(ValueRules.NONE);
  }

  @Test
  @Drives({"validation.enable_validation_caching", "validation.validation_cache_ttl_seconds"})
  void compiledSchemasAreKeptForAWhile() throws IOException {
    Path file = Files.writeString(folder.resolve("calls.json"), "{\"type\": \"integer\"}");
    AtomicLong time = new AtomicLong();
    Validation validation = Validation.none().schema("trips", "calls", file);
    ValueRules kept = validation.rules(
        Contract.of(ValidationContract.class, Map.of("validation_cache_ttl_seconds", 60)),
        time::get);
    ValueRules fresh = rules(validation, Map.of("enable_validation_caching", false));
    Files.writeString(file, "{\"type\": \"string\"}");
    time.addAndGet(Duration.ofSeconds(59).toNanos());
    assertThat(violations(kept, "calls", "1")).isEmpty();
    assertThat(violations(fresh, "calls", "1")).hasSize(1);
    time.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(violations(kept, "calls", "1")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\": \"strnig\"}",
        "{\"type\": 7}",
        "{\"minimum\": \"low\"}",
        "[]",
        "{\"$ref\": \"http://127.0.0.1:1/other.json\"}",
        "{\"$ref\": \"file:///etc/hostname\"}",
        "{\"properties\": {\"$ref\": {\"$ref\": \"http://127.0.0.1:1/other.json\"}}}",
        "{\"properties\": {\"default\": {\"$ref\": \"http://127.0.0.1:1/other.json\"}}}",
        "{\"items\": [{\"not\": {\"$dynamicRef\": \"other.json#node\"}}]}",
        "{\"pattern\": \"(\"}",
        "not json"
      })
  void whatIsNoSchemaIsFoundAtTheStart(String schema) {
    assertThatThrownBy(
            () -> rules(Validation.none().schema("trips", "passenger*", schema), Map.of()))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining("trips/passenger*");
  }

  /** In a thread whose stack is small, as that of a pool can be. */
  private static void assertTooDeep(Runnable call, ErrorCode code, String... named)
      throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread thread = new Thread(
        null,
        () -> {
          try {
            call.run();
          } catch (RuntimeException | Error e) {
            failure.set(e);
          }
        },
        "small",
        256 << 10);
    thread.start();
    thread.join();
    assertThat(failure.get())
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContainingAll(named);
  }

  @Test
  void whatIsNestedTooDeeplyIsNamed() throws InterruptedException {
    Validation tree = Validation.none()
        .schema(
            "trips",
            "tree",
            "{\"anyOf\": [{\"type\": \"integer\"}, {\"allOf\": [{\"items\": {\"$ref\": \"#\"}}]}]}");
    ValueRules rules = rules(tree, Map.of());
    assertThat(violations(rules, "tree", "[[7]]")).isEmpty();
    String deep = "[".repeat(900) + "7" + "]".repeat(900);
    assertTooDeep(
        () -> rules.check(TRIP, "tree", deep), ErrorCode.VALIDATION, "\"tree\"", "trips/42");
    String schema = "{\"not\":".repeat(490) + "true" + "}".repeat(490);
    assertTooDeep(
        () -> rules(Validation.none().schema("trips", "passenger*", schema), Map.of()),
        ErrorCode.CONFIGURATION,
        "trips/passenger*",
        "nested too deeply");
  }

  @Test
  void aSchemaMayReferToItself() {
    ValueRules rules = rules(
        Validation.none()
            .schema(
                "trips",
                "tree",
                "{\"$defs\": {\"node\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/node\"}}}, \"$ref\": \"#/$defs/node\"}"),
        Map.of());
    assertThat(violations(rules, "tree", "[[], [[]]]")).isEmpty();
    assertThat(violations(rules, "tree", "[[], [[1]]]"))
        .extracting(Violation::path)
        .containsExactly("/1/0/0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"$ref\": \"#\"}",
        "{\"properties\": {\"a\": {\"$ref\": \"#/properties/a\"}}}",
        "{\"items\": {\"$ref\": \"#/$defs/a%20b\"}, \"$defs\": {\"a b\": {\"$ref\": \"#/$defs/b\"}, \"b\": {\"allOf\": [{\"$ref\": \"#/$defs/a b\"}]}}}",
        "{\"if\": {\"type\": \"object\"}, \"then\": {\"$ref\": \"#\"}}",
        "{\"dependentSchemas\": {\"a\": {\"$ref\": \"#\"}}}",
        "{\"$anchor\": \"top\", \"anyOf\": [{\"type\": \"null\"}, {\"$ref\": \"#top\"}]}",
        "{\"items\": {\"$id\": \"urn:holdfast:inner\", \"not\": {\"$ref\": \"#\"}}}"
      })
  void referencesThatNeverEndAreFoundAtTheStart(String schema) {
    assertThatThrownBy(() -> rules(Validation.none().schema("trips", "tree", schema), Map.of()))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageContaining("would never end: [#");
  }

  /** What is data may look like a reference, and be equal to a value. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"default\": {\"$ref\": \"other\"}}",
        "{\"examples\": [{\"$ref\": \"#\"}]}",
        "{\"const\": {\"$ref\": \"other\"}}",
        "{\"enum\": [{\"$ref\": \"other\"}]}",
        "{\"properties\": {\"$ref\": {\"type\": \"string\"}, \"const\": {\"$ref\": \"#/$defs/a\"}}, \"$defs\": {\"a\": {}}}"
      })
  void dataIsNoReference(String schema) {
    ValueRules rules = rules(Validation.none().schema("trips", "calls", schema), Map.of());
    assertThat(violations(rules, "calls", "{\"$ref\": \"other\"}")).isEmpty();
  }

  /** These end with the value, or are no circle at all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\": \"array\", \"items\": {\"$ref\": \"#\"}}",
        "{\"$dynamicAnchor\": \"node\", \"type\": \"array\", \"items\": {\"$dynamicRef\": \"#node\"}}",
        "{\"allOf\": [{\"$ref\": \"#/$defs/a\"}, {\"$ref\": \"#/$defs/a\"}], \"$defs\": {\"a\": {\"type\": \"array\"}}}",
        "{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"$id\": \"urn:holdfast:inner\", \"items\": {\"$ref\": \"#\"}}}}",
        "{\"type\": \"array\", \"items\": {\"anyOf\": [{\"type\": \"null\"}, {\"$ref\": \"#\"}]}}"
      })
  void referencesThatEndAreFollowed(String schema) {
    ValueRules rules = rules(Validation.none().schema("trips", "tree", schema), Map.of());
    assertThat(violations(rules, "tree", "[".repeat(100) + "]".repeat(100))).isEmpty();
  }

  @Test
  void aConstraintThatThrowsFailsTheWriteAndIsTheCause() {
    ValueRules rules = rules(
        Validation.none().constraint("trips", "calls", "whole", value -> {
          throw new IllegalStateException("cannot look at hunter2");
        }),
        Map.of());
    assertThatThrownBy(() -> rules.check(TRIP, "calls", "\"hunter2\""))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VALIDATION))
        .hasMessageContaining("whole")
        .hasMessageNotContaining("hunter2")
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void valuesOfOtherKeysAreNotEvenRead() {
    AtomicInteger calls = new AtomicInteger();
    ValueRules rules = rules(
        Validation.none().constraint("trips", "calls", "seen", value -> {
          calls.incrementAndGet();
          return true;
        }),
        Map.of());
    rules.check(TRIP, "phase", "this is no JSON");
    rules.check(TRIP, "calls", "1");
    assertThat(calls).hasValue(1);
  }
}
