package dev.holdfast.contract;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.holdfast.TelemetryTest;
import dev.holdfast.WarmUpTest;
import dev.holdfast.contract.TestingContracts.Leaf;
import dev.holdfast.contract.internal.ContractType;
import dev.holdfast.contract.internal.FieldType;
import dev.holdfast.contract.internal.JsonSchema;
import dev.holdfast.event.EventBusTest;
import dev.holdfast.health.HealthTest;
import dev.holdfast.telemetry.internal.MetersTest;
import dev.holdfast.validation.ValidationTest;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The schemas, the example and the table are those of the records, and each field that drives something has a test. With {@code
 * -Dholdfast.contracts.write=true} the files are written instead of compared.
 */
class ContractDocumentsTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path RESOURCES =
      ROOT.resolve("api/src/main/resources/dev/holdfast/contract");
  private static final Path TABLE = ROOT.resolve("docs/contracts.md");
  private static final Path EXAMPLE = ROOT.resolve("docs/holdfast.yaml");
  private static final String BEGIN = "<!-- contracts-table -->\n";
  private static final String END = "<!-- /contracts-table -->\n";
  private static final boolean WRITES = Boolean.getBoolean("holdfast.contracts.write");
  private static final String INTEGRATION =
      "integration-tests/src/test/java/dev/holdfast/integration/contract/ContractUseTest.java";

  /** Where fields have their tests. */
  private static final List<Class<?>> BEHAVIOUR = List.of(
      ContractBehaviourTest.class,
      LoggingBehaviourTest.class,
      ValidationTest.class,
      EventBusTest.class,
      EffectContractTest.class,
      HealthTest.class,
      MetersTest.class,
      TelemetryTest.class,
      WarmUpTest.class);

  /** Fields whose test needs a database and stands in the integration tests. */
  private static final Map<String, String> ELSEWHERE = Map.of(
      "transaction.transaction_enabled",
      "ContractUseTest.transactionsCanBeSwitchedOff",
      "transaction.enable_transaction_logging",
      "ContractUseTest.theEndOfTransactionsIsLogged",
      "caching.warm_up_enabled",
      "ContractUseTest.statesAreLoadedAtTheStart",
      "caching.warm_up_sources",
      "ContractUseTest.statesAreLoadedAtTheStart",
      "caching.hit_ratio_threshold",
      "ContractUseTest.fewHitsDegradeHealth");

  private static void same(Path file, String expected) throws IOException {
    if (WRITES) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, expected);
    }
    assertThat(Files.readString(file)).as("%s", file).isEqualTo(expected);
  }

  private static String document(Map<String, Object> tree) {
    SerializationContract contract = Contract.of(
        SerializationContract.class,
        Map.of(
            "serialization_format",
            "json",
            "sort_keys",
            false,
            "enable_deterministic_output",
            false));
    return new String(new DocumentWriter(contract).write(json(tree)), StandardCharsets.UTF_8);
  }

  @Test
  void theSchemasInTheArtifactAreThoseOfTheRecords() throws IOException {
    same(RESOURCES.resolve("holdfast.schema.json"), document(JsonSchema.ofFile()));
    for (Class<? extends Contract> type : Contracts.TYPES) {
      String section = ContractType.of(type).section();
      same(RESOURCES.resolve(section + ".schema.json"), document(JsonSchema.of(type)));
    }
  }

  private static Schema schema(Map<String, Object> schema) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(document(schema), InputFormat.JSON);
  }

  /** A validator that knows nothing of the records says yes and no to the same files. */
  @Test
  void theSchemaAcceptsWhatLoadingAccepts() {
    Schema schema = schema(JsonSchema.ofFile());
    int accepted = 0;
    int refused = 0;
    for (Leaf leaf : TestingContracts.leaves()) {
      for (Object value : samples(leaf.field())) {
        Map<String, Object> file = Map.of(
            leaf.section(),
            TestingContracts.fields(leaf.name(), value.equals(NULL) ? null : value));
        List<ContractViolation> violations =
            TestingContracts.violations(() -> Contracts.of(cast(file)));
        if (violations.stream().anyMatch(ContractDocumentsTest::isBeyondSchemas)) {
          continue;
        }
        boolean sound = schema.validate(document(file), InputFormat.JSON).isEmpty();
        assertThat(sound).as("%s: %s", leaf, value).isEqualTo(violations.isEmpty());
        accepted += sound ? 1 : 0;
        refused += sound ? 0 : 1;
      }
    }
    System.out.println(
        "schema and records agree on " + accepted + " files accepted and " + refused + " refused");
    assertThat(accepted).isGreaterThan(150);
    assertThat(refused).isGreaterThan(1_000);
  }

  private static boolean isBeyondSchemas(ContractViolation violation) {
    String message = violation.message();
    return message.startsWith("needs ") || message.contains("not blank");
  }

  @SuppressWarnings("unchecked") // Maps of maps.
  private static Map<String, Map<String, ?>> cast(Map<String, ?> file) {
    return (Map<String, Map<String, ?>>) file;
  }

  private static final Object NULL = new Object();

  private static List<Object> samples(FieldType field) {
    List<Object> samples = new ArrayList<>(List.of(
        NULL, true, false, "text", 1L, 100L, 1.5, List.of("a"), List.of(500L), Map.of("x_", 1L)));
    if (field.isInteger() || field.isDecimal()) {
      samples.add((long) Math.ceil(field.spec().min()));
      samples.add((long) Math.ceil(field.spec().min()) - 1);
      if (!Double.isInfinite(field.spec().max())) {
        samples.add((long) field.spec().max());
        samples.add((long) field.spec().max() + 1);
      }
    }
    samples.addAll(field.constants());
    return samples;
  }

  @Test
  void theExampleNamesEveryFieldAtItsDefault() throws IOException {
    StringBuilder example = new StringBuilder("""
        # Every contract, and every field at its default. Keep what you change and leave out the rest.
        # A file may begin with
        #   include: [base.yaml, team.yaml]
        # and then overrides what those say. See contracts.md for what each field drives.
        """);
    for (Contract contract : Contracts.defaults().all()) {
      example
          .append('\n')
          .append(ContractType.of(contract.getClass()).section())
          .append(":\n");
      example.append("  interface_version: 1.0.0\n");
      example(ContractType.of(contract.getClass()), "  ", example);
    }
    same(EXAMPLE, example.toString());
    assertThat(Contracts.load(EXAMPLE)).isEqualTo(Contracts.defaults());
    for (Leaf leaf : TestingContracts.leaves()) {
      if (!leaf.path().contains("distribution_config")) { // which is null
        String name = leaf.name().substring(leaf.name().lastIndexOf('.') + 1);
        assertThat(example.toString())
            .contains(name + ": " + leaf.field().spec().value());
      }
    }
  }

  @SuppressWarnings("unchecked") // isNested() says so.
  private static void example(
      ContractType<? extends ContractPart> type, String indent, StringBuilder to) {
    for (FieldType field : type.fields()) {
      to.append(indent).append(field.name()).append(':');
      if (field.isNested() && !field.isNullable()) {
        to.append('\n');
        example(ContractType.of((Class<? extends ContractPart>) field.type()), indent + "  ", to);
      } else {
        to.append(' ').append(field.spec().value()).append('\n');
      }
    }
  }

  @Test
  void everyFieldThatDrivesSomethingHasATest() throws IOException {
    Map<String, String> tests = tests();
    List<String> driven = TestingContracts.leaves().stream()
        .filter(Leaf::isDriven)
        .map(Leaf::path)
        .toList();
    long fixed = TestingContracts.leaves().stream().filter(Leaf::isFixed).count();
    System.out.println("contract fields: " + TestingContracts.leaves().size() + "; driven: "
        + driven.size() + "; with a behavioural test: " + tests.size() + "; fixed: " + fixed);
    assertThat(tests.keySet()).containsExactlyInAnyOrderElementsOf(driven);
    String source = Files.readString(ROOT.resolve(INTEGRATION));
    ELSEWHERE
        .values()
        .forEach(test ->
            assertThat(source).contains("void " + test.substring(test.indexOf('.') + 1) + "("));
  }

  private static Map<String, String> tests() {
    Map<String, String> tests = new TreeMap<>(ELSEWHERE);
    for (Class<?> type : BEHAVIOUR) {
      for (Method method : type.getDeclaredMethods()) {
        Drives drives = method.getAnnotation(Drives.class);
        if (drives != null && method.isAnnotationPresent(Test.class)) {
          String test = type.getSimpleName() + "." + method.getName();
          Arrays.stream(drives.value()).forEach(path -> tests.put(path, test));
        }
      }
    }
    return tests;
  }

  @Test
  void theTableIsThatOfTheRecords() throws IOException {
    Map<String, String> tests = tests();
    Map<String, StringBuilder> sections = new LinkedHashMap<>();
    for (Leaf leaf : TestingContracts.leaves()) {
      StringBuilder table = sections.computeIfAbsent(
          leaf.section(),
          name -> new StringBuilder(
              "\n### " + name
                  + "\n\n| field | default | allowed | what it drives | proved by |\n|---|---|---|---|---|\n"));
      table.append("| `%s` | `%s` | %s | %s | %s |\n"
          .formatted(
              leaf.name(),
              leaf.field().spec().value(),
              allowed(leaf),
              leaf.field().spec().says(),
              proof(leaf, tests)));
    }
    String table = String.join("", sections.values()) + "\n";
    String page = Files.readString(TABLE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    same(TABLE, page.substring(0, begin) + table + page.substring(end));
  }

  private static String allowed(Leaf leaf) {
    return leaf.isFixed() ? "its default" : leaf.field().expected();
  }

  private static String proof(Leaf leaf, Map<String, @Nullable String> tests) {
    return leaf.isFixed()
        ? "refused: " + leaf.field().spec().because()
        : "`" + Objects.requireNonNull(tests.get(leaf.path()), leaf.path()) + "`";
  }
}
