package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.contract.TestingContracts.Leaf;
import dev.holdfast.contract.internal.ContractType;
import dev.holdfast.contract.internal.Field;
import dev.holdfast.contract.internal.FieldType;
import dev.holdfast.contract.internal.Section;
import dev.holdfast.contract.internal.SourceNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field of every contract: its bounds, its constants, its type, and what it refuses. */
class ContractFieldsTest {

  /** What must be said as well, so that no rule between fields is broken. */
  private static final Map<String, Map<String, Object>> RULED_BY = Map.of(
      "transaction.rollback_support",
      Map.of("enable_savepoints", false),
      "transaction.auto_commit",
      Map.of("enable_savepoints", false, "rollback_support", false));

  static List<Leaf> leaves() {
    return TestingContracts.leaves();
  }

  static Stream<Leaf> numbers() {
    return leaves().stream()
        .filter(leaf -> leaf.field().isInteger() || leaf.field().isDecimal());
  }

  /** What a record says of a value, apart from rules between fields. */
  private static List<String> problems(Leaf leaf, @Nullable Object value) {
    List<String> problems = new ArrayList<>();
    SourceNode.Mapping mapping =
        (SourceNode.Mapping) SourceNode.of(TestingContracts.fields(leaf.name(), value));
    ContractType.of(leaf.type()).read(mapping, leaf.section(), (path, message) -> {
      if (path.equals(leaf.path()) && message.startsWith("must be ")) {
        problems.add(message);
      }
    });
    return problems;
  }

  private static Object asGiven(FieldType field, double number) {
    Object value = field.isInteger() ? (Object) (long) number : (Object) number;
    return field.isList() ? List.of(value) : value;
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void boundsAreTheLastThatAreAccepted(Leaf leaf) {
    FieldType field = leaf.field();
    double step = field.isInteger() ? 1 : 0.001;
    double min = field.spec().min();
    double max = field.spec().max();
    assertThat(min).as("%s has a lower bound", leaf).isFinite();
    assertThat(problems(leaf, asGiven(field, min))).isEmpty();
    assertThat(problems(leaf, asGiven(field, min - step))).hasSize(1);
    if (Double.isInfinite(max)) {
      assertThat(problems(leaf, asGiven(field, Integer.MAX_VALUE))).isEmpty();
      assertThat(problems(leaf, asGiven(field, Integer.MAX_VALUE + 1.0))).hasSize(1);
    } else {
      assertThat(problems(leaf, asGiven(field, max))).isEmpty();
      assertThat(problems(leaf, asGiven(field, max + step))).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void valuesOfAnotherTypeAreRefused(Leaf leaf) {
    FieldType field = leaf.field();
    List<Object> others = new ArrayList<>(List.of(Map.of("a", 1L)));
    if (!field.isList()) {
      others.add(List.of(1L));
    }
    if (field.isList() || field.isBoolean() || field.isInteger() || field.isDecimal()) {
      others.add("12");
      others.add("yes");
    }
    if (!field.isBoolean()) {
      others.add(true);
    }
    if (!field.isDecimal()) {
      others.add(1.5);
    }
    others.forEach(other -> assertThat(problems(leaf, other)).as("%s", other).hasSize(1));
    assertThat(problems(leaf, null)).hasSize(field.isNullable() ? 0 : 1);
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void anEnumerationTakesItsNamesAndNoOther(Leaf leaf) {
    for (String constant : leaf.field().constants()) {
      assertThat(problems(leaf, constant)).isEmpty();
      assertThat(problems(leaf, constant + "x")).hasSize(1);
      boolean lower = constant.toLowerCase(Locale.ROOT).equals(constant);
      String otherCase =
          lower ? constant.toUpperCase(Locale.ROOT) : constant.toLowerCase(Locale.ROOT);
      assertThat(problems(leaf, otherCase)).hasSize(1);
    }
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void whatNothingHonoursIsRefused(Leaf leaf) {
    Object other = other(leaf);
    Map<String, Object> fields = TestingContracts.fields(leaf.name(), other);
    fields.putAll(RULED_BY.getOrDefault(leaf.path(), Map.of()));
    List<ContractViolation> violations =
        TestingContracts.violations(() -> Contract.of(leaf.type(), fields));
    List<String> found = violations.stream().map(ContractViolation::message).toList();
    if (leaf.isFixed()) {
      assertThat(found)
          .as("%s", other)
          .anyMatch(message -> message.contains(leaf.field().spec().because()));
    } else if (leaf.field().spec().only().length == 0) {
      assertThat(found).as("%s", other).noneMatch(message -> message.startsWith("must be"));
    }
  }

  /** A list of one empty text, and a text with a comma, look like other lists when they are printed. */
  @ParameterizedTest
  @CsvSource({
    "caching.invalidation_policy.invalidation_triggers",
    "caching.performance_config.preload_patterns"
  })
  void whatOnlyLooksLikeAnHonouredValueIsRefused(String path) {
    String field = path.substring("caching.".length());
    assertThat(TestingContracts.violations(
            () -> TestingContracts.contracts("caching", field, List.of(""))))
        .extracting(ContractViolation::path)
        .containsExactly(path);
    assertThat(TestingContracts.violations(
            () -> TestingContracts.contracts("caching", field, List.of())))
        .isEmpty();
  }

  @Test
  void theTextNullIsNotNull() {
    String field = "key_strategy.namespace";
    assertThat(
            TestingContracts.violations(() -> TestingContracts.contracts("caching", field, "null")))
        .extracting(ContractViolation::path)
        .containsExactly("caching." + field);
    assertThat(TestingContracts.contracts("caching", field, null)).isEqualTo(Contracts.defaults());
  }

  /** A contract of a test. */
  @Section("example")
  public record Example(
      @Field(
          value = "1",
          only = {"1", "2.50"},
          because = "so",
          says = "a number")
      double number,

      @Field(
          value = "[a, b]",
          only = {"[a, b]", "[]"},
          because = "so",
          says = "a list")
      List<String> list)
      implements ContractPart {}

  private static List<String> refused(double number, List<String> list) {
    List<String> paths = new ArrayList<>();
    ContractType.of(Example.class)
        .refusals(new Example(number, list), "example", (path, message) -> paths.add(path));
    return paths;
  }

  /** As in YAML, where 1 and 1.0 are one number, and a comma within a text makes no list. */
  @Test
  void valuesAreComparedAndNotTheirText() {
    assertThat(refused(1.0, List.of("a", "b"))).isEmpty();
    assertThat(refused(2.5, List.of())).isEmpty();
    assertThat(refused(1.5, List.of("a, b"))).containsExactly("example.number", "example.list");
    assertThat(refused(1, List.of(""))).containsExactly("example.list");
  }

  /** A sound value that is not the default. */
  private static Object other(Leaf leaf) {
    FieldType field = leaf.field();
    String byDefault = field.spec().value();
    if (field.isBoolean()) {
      return !Boolean.parseBoolean(byDefault);
    }
    if (field.isInteger() || field.isDecimal()) {
      double min = field.spec().min();
      boolean isMin =
          !field.isList() && !byDefault.equals("null") && Double.parseDouble(byDefault) == min;
      return asGiven(field, isMin ? min + 1 : min);
    }
    if (field.isList()) {
      return List.of("other");
    }
    return field.constants().stream()
        .filter(constant -> !constant.equals(byDefault))
        .findFirst()
        .orElse("other");
  }

  /** Of the names of an enumeration, those that are refused are not offered. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "caching.cache_strategy|fifo|one of adaptive, lru",
        "event_bus.event_bus_type|rabbit|one of memory, hybrid",
        "metrics.metrics_backend|graphite|prometheus",
        "retry.backoff_strategy|cubic|one of fixed, linear, exponential, random, fibonacci"
      })
  void whatIsExpectedIsWhatIsHonoured(String path, String other, String expected) {
    Leaf leaf =
        leaves().stream().filter(each -> each.path().equals(path)).findFirst().orElseThrow();
    assertThat(leaf.field().expected()).isEqualTo(expected);
    assertThat(problems(leaf, other + "_"))
        .containsExactly("must be " + expected + ", not \"" + other + "_\"");
  }

  /** A field with one possible value has its default as that value, and says why. */
  @Test
  void whatIsFixedIsFixedAtItsDefault() {
    for (Leaf leaf : leaves()) {
      if (leaf.isFixed()) {
        String byDefault = leaf.field().spec().value().replace("\"", "");
        assertThat(leaf.field().spec().only()).as("%s", leaf).containsExactly(byDefault);
      }
      assertThat(leaf.field().spec().because().isBlank())
          .as("%s", leaf)
          .isEqualTo(leaf.field().spec().only().length == 0);
    }
  }

  @Test
  void numbersOfEveryKindAreRead() {
    for (Number seconds : List.<Number>of(1.5, 1.5f, new BigDecimal("1.50"))) {
      assertThat(Contracts.of(Map.of("retry", Map.of("base_delay_seconds", seconds)))
              .retry()
              .baseDelaySeconds())
          .isEqualTo(1.5);
    }
    for (Number retries : List.<Number>of(7, 7L, (short) 7, (byte) 7, BigInteger.valueOf(7))) {
      assertThat(Contracts.of(Map.of("retry", Map.of("max_retries", retries)))
              .retry()
              .maxRetries())
          .isEqualTo(7);
    }
    refused("retry", Map.of("max_retries", BigInteger.TWO.pow(64)), "retry.max_retries");
    refused("retry", Map.of("max_retries", new BigDecimal("1.5")), "retry.max_retries");
    refused(
        "retry", Map.of("max_delay_seconds", Float.POSITIVE_INFINITY), "retry.max_delay_seconds");
  }

  @Test
  void unknownFieldsAreRefusedInEverySectionAndMapping() {
    for (Leaf leaf : leaves()) {
      String typo = leaf.name() + "s_";
      assertThat(TestingContracts.violations(
              () -> Contract.of(leaf.type(), TestingContracts.fields(typo, 1))))
          .as("%s", leaf)
          .anyMatch(violation -> violation.path().equals(leaf.section() + "." + typo)
              && violation.message().contains("is not known"));
    }
  }

  @Test
  void everyContractHasItsDefaultsAndVersion() throws ReflectiveOperationException {
    for (Class<? extends Contract> type : Contracts.TYPES) {
      assertThat(Contract.of(type, Map.of())).isEqualTo(Contract.defaults(type));
      assertThat(type.getField("INTERFACE_VERSION").get(null))
          .isEqualTo(SemanticVersion.of(1, 0, 0));
      assertThat(type.isRecord()).isTrue();
    }
    assertThat(Contracts.TYPES).hasSize(13);
    assertThat(Contracts.TYPES)
        .containsExactlyInAnyOrderElementsOf(Arrays.stream(Contract.class.getPermittedSubclasses())
            .<Class<? extends Contract>>map(type -> type.asSubclass(Contract.class))
            .toList());
  }

  @Test
  void valuesSurviveTheMapAndEqualContractsAreEqual() {
    for (Class<? extends Contract> type : Contracts.TYPES) {
      Contract contract = Contract.defaults(type);
      Contract copy = Contract.of(type, contract.asMap());
      assertThat(copy).isEqualTo(contract).hasSameHashCodeAs(contract).isNotSameAs(contract);
    }
  }

  @Test
  void theConstructorsRefuseWhatFilesMayNotSay() {
    List<ContractViolation> found = TestingContracts.violations(
        () -> new EffectHandlerContract(true, true, true, true, 9, 1001, 30_000));
    assertThat(found)
        .extracting(ContractViolation::toString)
        .containsExactly(
            "effect_handler.handler_cache_ttl_seconds must be a whole number from 10 to 3600, not 9",
            "effect_handler.max_concurrent_handlers must be a whole number from 1 to 1000, not 1001");
  }

  @Test
  void rulesBetweenFieldsAreKept() {
    refused(
        "caching",
        Map.of("multi_level_enabled", true, "l1_cache_size", 10, "l2_cache_size", 10),
        "caching.l2_cache_size");
    refused("caching", Map.of("warm_up_sources", List.of("trips")), "caching.warm_up_sources");
    refused("caching", Map.of("warm_up_sources", List.of("a/b", "/b")), "caching.warm_up_sources");
    refused(
        "caching",
        Map.of("warm_up_sources", List.of("a/" + "x".repeat(513))),
        "caching.warm_up_sources");
    refused("caching", Map.of("warm_up_enabled", true), "caching.warm_up_enabled");
    refused(
        "caching",
        Map.of(
            "warm_up_enabled", true, "warm_up_sources", List.of("a/*"), "caching_enabled", false),
        "caching.warm_up_enabled");
    refused(
        "retry",
        Map.of("base_delay_seconds", 3, "max_delay_seconds", 2),
        "retry.max_delay_seconds");
    refused(
        "circuit_breaker",
        Map.of("slow_call_rate_threshold", 0.5),
        "circuit_breaker.slow_call_rate_threshold");
    refused(
        "logging",
        Map.of("sensitive_field_patterns", List.of()),
        "logging.sensitive_field_patterns");
    refused(
        "security",
        Map.of("sensitive_field_patterns", List.of()),
        "security.sensitive_field_patterns");
    refused(
        "security",
        Map.of("sensitive_field_patterns", List.of("api_key", "ApiKey")),
        "security.sensitive_field_patterns");
    refused(
        "security",
        Map.of("sensitive_field_patterns", List.of("--")),
        "security.sensitive_field_patterns");
    refused(
        "serialization", Map.of("sort_keys", false), "serialization.enable_deterministic_output");
    refused(
        "serialization",
        Map.of("enable_canonical_mode", false),
        "serialization.enable_deterministic_output");
    refused("transaction", Map.of("rollback_support", false), "transaction.enable_savepoints");
    refused("transaction", Map.of("auto_commit", true), "transaction.auto_commit");
    assertThat(Contracts.of(Map.of(
                "retry", Map.of("base_delay_seconds", 3, "max_delay_seconds", 3),
                "circuit_breaker",
                    Map.of("slow_call_rate_threshold", 0.5, "slow_call_duration_threshold_ms", 100),
                "security",
                    Map.of("enable_redaction", false, "sensitive_field_patterns", List.of()),
                "serialization", Map.of("sort_keys", false, "enable_deterministic_output", false)))
            .retry()
            .maxDelaySeconds())
        .isEqualTo(3);
  }

  private static void refused(String section, Map<String, ?> fields, String path) {
    assertThat(TestingContracts.violations(() -> Contracts.of(Map.of(section, fields))))
        .as("%s %s", section, fields)
        .extracting(ContractViolation::path)
        .containsOnly(path);
  }
}
