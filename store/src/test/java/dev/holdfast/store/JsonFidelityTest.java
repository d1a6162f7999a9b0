package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.record.AgentCoordinationState;
import dev.holdfast.store.record.CodeGenerationState;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.FloatNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * JSON is kept exactly or refused before anything is written, and never changed in silence. What was stored can be read by every way in,
 * and PostgreSQL can make it {@code jsonb}.
 */
@HoldfastTest
@Tag("G12")
final class JsonFidelityTest {

  /** A codec that hands the text through, to see what is stored and to store what no tree would be written as. */
  private static final Codec<String> VERBATIM = new Codec<>() {
    @Override
    public String encode(@Nullable String value) {
      return String.valueOf(value);
    }

    @Override
    public String decode(String json) {
      return json;
    }
  };

  private static final int DEFAULT_DEPTH = JsonLimits.DEFAULT.maxDepth();
  private static final int DEFAULT_BYTES = JsonLimits.DEFAULT.maxBytes();

  private static final List<String> NUMBERS = List.of(
      "0",
      "1",
      "1.0",
      "1.10",
      "1.100",
      "-1",
      "0.1",
      "0.30000000000000004",
      "1E5",
      "1e5",
      "1E+5",
      "1e-5",
      "1e0",
      "100e-2",
      "0.000001e6",
      "0e10",
      "0.0",
      "0.00",
      "2147483647",
      "2147483648",
      "9007199254740993",
      "9223372036854775807",
      "9223372036854775808",
      "-9223372036854775809",
      "123456789012345678901234567890",
      "-123456789012345678901234567890",
      "1234567890.12345678901234567890",
      "0.123456789012345678901234567890",
      "3.141592653589793238462643383279502884197169399375105820974944592307816406286",
      "1.7976931348623157E308",
      "4.9E-324",
      "1e400",
      "9.99e400",
      "1e-400",
      "123e398",
      "9".repeat(1000).substring(0, 400),
      "0." + "123456789".repeat(111),
      "1." + "0".repeat(999));

  private static final List<String> DOCUMENTS = List.of(
      "null",
      "true",
      "false",
      "\"\"",
      "\"text\"",
      "[]",
      "{}",
      "[[],{},[{}]]",
      "{\"\":1}",
      "{\"a\":1,\"A\":2,\" a\":3}",
      "{\"b\":1,\"a\":{\"d\":2,\"c\":3}}",
      "{\"10\":1,\"9\":2}",
      "[1,1.0,1.10,1E5,null,true]",
      "[null]",
      "{\"a\":null}",
      "\"caf\u00E9 cafe\u0301 \uD83D\uDE00 \u202E \u200B \uFEFF\"",
      "\"quote \\\" backslash \\\\ slash / newline \\n tab \\t\"",
      "\"\u2028\u2029\u007F\"",
      "{\"\uD83D\uDE00\":\"\uFFFF\"}");

  /** The same values, written in a way that a tree would not be. */
  private static final List<String> SPELLINGS = List.of(
      "-0",
      "-0.0",
      "-0e5",
      " 1",
      "1 ",
      "\t[ 1 ,\n 2 ]\r\n",
      "{ \"a\" : 1 }",
      "\"\\u00e9\"",
      "\"\\ud83d\\ude00\"",
      "\"\\u005c\\u0022\\/\"",
      "{\"\\u0061\":1}",
      "1e+05",
      "1e00000000005");

  @AutoClose
  private final TestingStore store;

  private final TestDatabase database;

  JsonFidelityTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
  }

  private TestingStore with(JsonLimits limits) {
    return TestingStore.on(database, builder -> builder.limits(limits));
  }

  @Test
  void textIsStoredAsTheCodecWroteIt() {
    for (String text :
        Stream.of(NUMBERS, DOCUMENTS, SPELLINGS).flatMap(List::stream).toList()) {
      assertKept(store.state(VERBATIM), text);
    }
  }

  /** By every way in, and by every way out. */
  private void assertKept(State<String> state, String text) {
    state.set("set", text);
    state.update(Map.of("update", text, "other", "1"));
    state.apply(Changes.<String>set("apply", text).andSet("more", "2"));
    state.putIfAbsent("put", text);
    state.compute("compute", value -> text);
    state.merge("merge", text, (stored, given) -> given);
    state.set("rollback", text);
    long version = state.version();
    state.clear();
    long newest = state.rollback(version);

    Snapshot<String> snapshot = state.snapshot();
    Snapshot<String> earlier = state.at(version);
    List<Change<String>> changes =
        state.history(History.all().versions(newest, newest)).changes();
    List<String> keys = List.of("apply", "compute", "merge", "put", "rollback", "set", "update");
    for (String key : keys) {
      assertThat(state.get(key)).as(key).contains(text);
      assertThat(snapshot.get(key)).as(key).contains(text);
      assertThat(earlier.get(key)).as(key).contains(text);
    }
    assertThat(changes)
        .filteredOn(change -> keys.contains(change.key()))
        .hasSize(keys.size())
        .allSatisfy(change -> assertThat(change.newValue()).contains(text));
    assertStored(state, "set", text);
  }

  private void assertStored(State<?> state, String key, String text) {
    assertThat(payloads(state, key, "payload::text")).containsOnly(text);
    assertThat(store.query(
            "SELECT payload::jsonb = ?::jsonb FROM holdfast.change WHERE state_id = ? AND key = ? AND payload IS NOT NULL",
            text,
            state.id().uuid(),
            key))
        .containsOnly("t");
  }

  private List<String> payloads(State<?> state, String key, String column) {
    return store.query(
        "SELECT " + column
            + " FROM holdfast.change WHERE state_id = ? AND key = ? AND payload IS NOT NULL ORDER BY version",
        state.id().uuid(),
        key);
  }

  @Test
  void treesKeepTheDigitsOfNumbers() {
    State<JsonNode> state = store.state();
    for (String text : NUMBERS) {
      state.set("number", Json.parse(text));

      BigDecimal exact = new BigDecimal(text);
      assertThat(state.get("number").orElseThrow().decimalValue()).as(text).isEqualTo(exact);
      assertThat(state.snapshot().get("number").orElseThrow().decimalValue())
          .as(text)
          .isEqualTo(exact);
      assertThat(new BigDecimal(last(payloads(state, "number", "payload::text"))))
          .as(text)
          .isEqualTo(exact);
    }
  }

  private static String last(List<String> texts) {
    return texts.get(texts.size() - 1);
  }

  @Test
  void treesComeBackEqual() {
    State<JsonNode> state = store.state();
    for (String text : Stream.of(NUMBERS, DOCUMENTS).flatMap(List::stream).toList()) {
      JsonNode tree = Json.parse(text);
      long version = state.update(Map.of("value", tree, "nested", json(List.of(tree, tree))));

      String canonical = Json.canonical(tree);
      assertThat(canonical(state.getRequired("value"))).isEqualTo(canonical);
      assertThat(canonical(state.snapshot().getRequired("value"))).isEqualTo(canonical);
      assertThat(canonical(state.at(version).getRequired("value"))).isEqualTo(canonical);
      assertThat(Json.canonical(state.snapshot().toJson().get("nested")))
          .isEqualTo("[" + canonical + "," + canonical + "]");
    }
  }

  private static String canonical(@Nullable JsonNode node) {
    return node == null ? "null" : Json.canonical(node);
  }

  @Test
  void numbersThatDifferInDigitsAreDifferent() {
    State<JsonNode> state = store.state();
    state.set("n", Json.parse("1"));
    state.set("n", Json.parse("1.0"));
    state.set("n", Json.parse("1.00"));

    assertThat(state.diff(1, 2).byKey()).containsKey("n");
    assertThat(state.diff(2, 3).byKey()).containsKey("n");
    assertThat(state.diff(3, 3).isEmpty()).isTrue();
    assertThat(state.at(2)).isNotEqualTo(state.at(3));
  }

  @Test
  void deltasKeepTheDigitsAroundThem() {
    State<JsonNode> state = store.state();
    String numbers = "1.10,1E+5,123456789012345678901234567890,0.100";
    state.set("array", Json.parse("[" + numbers + "]"));
    state.append("array", Json.parse("2.50"));
    state.appendAll("array", List.of(Json.parse("[1.0]"), new BigDecimal("3.00")));
    state.set(
        "object", Json.parse("{\"a\":[" + numbers + "],\"text\":\"" + "x".repeat(200) + "\"}"));
    state.patch("object", JsonPatch.parse("[{\"op\":\"add\",\"path\":\"/b\",\"value\":2.50}]"));
    state.patch("object", MergePatch.parse("{\"c\":{\"d\":1.000}}"));
    long version = state.version();
    state.clear();
    state.rollback(version);

    String array = "[" + numbers + ",2.50,[1.0],3.00]";
    assertThat(canonical(state.getRequired("array"))).isEqualTo(array);
    assertThat(canonical(state.at(version).getRequired("array"))).isEqualTo(array);
    JsonNode object = state.get("object").orElseThrow();
    assertThat(canonical(object.get("a"))).isEqualTo("[" + numbers + "]");
    assertThat(canonical(object.get("b"))).isEqualTo("2.50");
    assertThat(canonical(object.get("c"))).isEqualTo("{\"d\":1.000}");
    assertThat(state.history(History.of("object")).changes().get(0).newValue()).contains(object);
    assertThat(payloads(state, "object", "form")).containsExactly("value", "patch", "patch");
    assertThat(payloads(state, "object", "payload::jsonb IS NULL")).containsOnly("f");
  }

  @Test
  void elementsAreAppendedToArraysHoweverTheyAreSpelled() {
    State<String> state = store.state(VERBATIM);
    for (String array : List.of("[]", "[ ]", "\n[\t]\n", "[ 1.10 ]", " [1.10 , \"]\"\n] ")) {
      state.set("array", array);
      state.append("array", Json.parse("2.50"));
      state.append("array", "[");

      String joined = Json.canonical(state.get("array").orElseThrow());
      String elements = Json.canonical(array).replaceFirst("]$", "");
      assertThat(joined).isEqualTo(elements + (elements.length() > 1 ? "," : "") + "2.50,\"[\"]");
    }
  }

  @Test
  void recordsKeepTheDigitsOfTheTreesInThem() {
    RecordState<AgentCoordinationState> view =
        RecordState.of(AgentCoordinationState.class, store.state());
    Map<String, JsonNode> context = Map.of(
        "price",
        Json.parse("1.10"),
        "list",
        Json.parse("[1,1.0,1E+5,123456789012345678901234567890,0.123456789012345678901234567890]"));
    AgentCoordinationState given = new AgentCoordinationState("s", 1, null, context, null, null);

    view.set(given);

    AgentCoordinationState read = view.get().orElseThrow();
    context.forEach((key, value) ->
        assertThat(canonical(read.sharedContext().get(key))).isEqualTo(Json.canonical(value)));
    assertThat(view.set(read)).isEqualTo(1);
  }

  @Test
  void incrementsAreExact() {
    State<JsonNode> state = store.state();

    assertThat(state.increment("sum", new BigDecimal("0.1"))).isEqualTo(new BigDecimal("0.1"));
    assertThat(state.increment("sum", new BigDecimal("0.20"))).isEqualTo(new BigDecimal("0.30"));
    assertThat(payloads(state, "sum", "payload::text")).containsExactly("0.1", "0.30");
    state.set("big", Json.parse("123456789012345678901234567890"));
    assertThat(state.increment("big", BigDecimal.ONE))
        .isEqualTo(new BigDecimal("123456789012345678901234567891"));
    state.increment("max", Long.MAX_VALUE);
    assertThat(state.increment("max", BigDecimal.ONE)).isEqualTo("9223372036854775808");
  }

  @Test
  void typedNumbersComeBackEqual() {
    State<Double> doubles = store.state(Double.class);
    for (double value : new double[] {
      0.0, -0.0, 0.1, 1e5, 1e-7, Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE, Math.PI
    }) {
      doubles.set("n", value);
      assertThat(doubles.get("n")).contains(value);
    }
    State<BigInteger> integers = store.state(BigInteger.class);
    BigInteger big = BigInteger.TEN.pow(399).subtract(BigInteger.ONE);
    integers.set("n", big);
    assertThat(integers.get("n")).contains(big);
    State<BigDecimal> decimals = store.state(BigDecimal.class);
    for (String text : NUMBERS) {
      decimals.set("n", new BigDecimal(text));
      assertThat(decimals.get("n")).contains(new BigDecimal(text));
    }
  }

  /** A tree has no negative zero, because its numbers are decimals; the text that is stored has, and so has a double. */
  @Test
  void negativeZeroIsStoredWithItsSign() {
    State<Double> doubles = store.state(Double.class);
    doubles.set("n", -0.0);
    State<JsonNode> trees = store.state();
    trees.set("n", DoubleNode.valueOf(-0.0));

    assertThat(payloads(doubles, "n", "payload::text")).containsExactly("-0.0");
    assertThat(doubles.get("n").map(Double::doubleToRawLongBits))
        .contains(Double.doubleToRawLongBits(-0.0));
    assertThat(payloads(trees, "n", "payload::text")).containsExactly("-0.0");
    assertThat(trees.get("n").orElseThrow().decimalValue()).isEqualByComparingTo("0");
  }

  @Test
  void nestingIsKeptUpToTheLimit() {
    assertKept(store.state(VERBATIM), arrays(DEFAULT_DEPTH));
    assertKept(store.state(VERBATIM), objects(DEFAULT_DEPTH));
    State<JsonNode> trees = store.state();
    JsonNode deep = Json.parse(arrays(DEFAULT_DEPTH));
    trees.set("deep", deep);
    assertThat(trees.get("deep")).contains(deep);
    assertThat(trees.diff(0, 1).byKey()).containsKey("deep");
    assertThat(trees.snapshot().toJson().get("deep")).isEqualTo(deep);
  }

  @Test
  void nestingIsKeptUpToTheHighestLimitThatCanBeSet() {
    try (TestingStore highest = with(new JsonLimits(1 << 20, 1_000, 1_000, 400))) {
      State<JsonNode> state = highest.state();
      JsonNode deep = Json.parse(arrays(1_000));
      state.set("deep", deep);
      state.set("list", json(List.of()));
      state.append("list", Json.parse(arrays(999)));
      state.set("object", json(Map.of("text", "x".repeat(5_000))));
      state.patch("object", MergePatch.parse("{\"deep\":" + arrays(999) + "}"));

      assertThat(state.get("deep")).contains(deep);
      assertThat(state.get("list")).contains(deep);
      assertThat(state.get("object").orElseThrow().get("deep")).isEqualTo(Json.parse(arrays(999)));
      assertThat(state.diff(0, state.version()).byKey()).containsKeys("deep", "list", "object");
      assertThat(state.history().changes()).hasSize(5);
      assertThat(payloads(state, "deep", "payload::jsonb IS NULL")).containsExactly("f");
      assertThat(payloads(state, "object", "payload::jsonb IS NULL")).containsExactly("f", "f");
    }
  }

  /** More than 16383 digits behind the point do not fit the type numeric of PostgreSQL, and so not jsonb: the limits stay below. */
  @Test
  void numbersAreKeptUpToTheHighestLimitThatCanBeSet() {
    try (TestingStore highest = with(new JsonLimits(1 << 20, 200, 8_000, 8_000))) {
      State<JsonNode> state = highest.state();
      for (String text : List.of(
          "9".repeat(8_000),
          "9." + "9".repeat(7_999) + "e8000",
          "9." + "9".repeat(7_999) + "e-8000",
          "0e-8000",
          "1e-8000",
          "1e8000")) {
        state.set("n", Json.parse(text));

        assertThat(state.get("n").orElseThrow().decimalValue()).isEqualTo(new BigDecimal(text));
      }
      assertThat(payloads(state, "n", "payload::jsonb IS NULL")).hasSize(6).containsOnly("f");
    }
  }

  @Test
  void noLimitCanBeSetForNumbersThatPostgresCannotRead() {
    assertThatThrownBy(() -> new JsonLimits(1 << 20, 200, 8_001, 400))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("maxNumberDigits");
    assertThatThrownBy(() -> new JsonLimits(1 << 20, 200, 1_000, 8_001))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("maxNumberExponent");
  }

  @Test
  void exactlyTheLimitOfBytesIsKept() {
    State<String> state = store.state(VERBATIM);
    String ascii = "\"" + "x".repeat(DEFAULT_BYTES - 2) + "\"";
    String wide = "\"" + "\u00E9".repeat((DEFAULT_BYTES - 2) / 2) + "\"";
    state.set("ascii", ascii);
    state.set("wide", wide);

    assertThat(state.get("ascii")).contains(ascii);
    assertThat(state.snapshot().get("wide")).contains(wide);
    assertThat(state.history(History.of("wide")).changes().get(0).newValue()).contains(wide);
    assertThat(payloads(state, "ascii", "octet_length(payload::text)"))
        .containsExactly(String.valueOf(DEFAULT_BYTES));
    assertThat(payloads(state, "wide", "length(payload::jsonb #>> '{}')"))
        .containsExactly(String.valueOf((DEFAULT_BYTES - 2) / 2));
  }

  @Test
  void oneByteMoreIsRefused() {
    assertRefused("\"" + "x".repeat(DEFAULT_BYTES - 1) + "\"");
    assertRefused("\"" + "\u00E9".repeat((DEFAULT_BYTES - 2) / 2) + "x\"");
    assertRefused("[1]" + " ".repeat(DEFAULT_BYTES - 2));
  }

  @Test
  void nestingBeyondTheLimitIsRefused() {
    assertRefused(arrays(DEFAULT_DEPTH + 1));
    assertRefused(objects(DEFAULT_DEPTH + 1));
    assertRefused(arrays(100_000));
    State<JsonNode> state = store.state();
    state.set("list", json(List.of(1)));
    state.set("object", json(Map.of("a", 1)));
    Content before = Content.of(state);

    assertCodecRefuses("list", () -> state.append("list", Json.parse(arrays(DEFAULT_DEPTH))));
    assertCodecRefuses(
        "object",
        () -> state.patch("object", MergePatch.parse("{\"b\":" + arrays(DEFAULT_DEPTH) + "}")));

    assertThat(Content.of(state)).isEqualTo(before);
  }

  @Test
  void whatIsNotStrictJsonIsRefused() {
    for (String text : List.of(
        "",
        " ",
        "tru",
        "nul",
        "NaN",
        "Infinity",
        "-Infinity",
        "+1",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "0x1F",
        "1_000",
        "'a'",
        "\"a",
        "\"a\nb\"",
        "\"\u0001\"",
        "\"\\x41\"",
        "\"\\u12\"",
        "{a:1}",
        "{\"a\":1,}",
        "[1,]",
        "[1 2]",
        "[",
        "]",
        "{\"a\"}",
        "{} []",
        "1 2",
        "1,2",
        "// c\n1",
        "/* c */ 1",
        "# c\n1",
        "\uFEFF1",
        "\f1",
        "\u00A01")) {
      assertRefused(text);
    }
  }

  @Test
  void repeatedKeysAreRefused() {
    assertThatThrownBy(() -> Json.parse("{\"a\":1,\"a\":1}")).isInstanceOf(CodecException.class);
    for (String text : List.of(
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "[{\"b\":{\"a\":1,\"c\":2,\"a\":3}}]",
        "{\"\":1,\"\":2}")) {
      assertRefused(text);
    }
  }

  @Test
  void textThatPostgresCannotStoreIsRefused() {
    for (String text : List.of(
        "\"\u0000\"",
        "\"\\u0000\"",
        "[\"a\\u0000b\"]",
        "{\"\\u0000\":1}",
        "\"\uD83D\"",
        "\"\uDE00\"",
        "\"\\ud83d\"",
        "\"\\uDE00\"",
        "\"\\ude00\\ud83d\"",
        "\"\\ud83d\\u0041\"",
        "\"\uD83D" + "\\ude00\"",
        "\"\\ud83d\uDE00\"",
        "{\"\\ud83d\":1}",
        "{\"\uD83D\":1}",
        "{\"a\":[1,{\"b\":\"\\udc00\"}]}")) {
      assertRefused(text);
    }
  }

  @Test
  void numbersThatCannotBeReadBackAreRefused() {
    for (String text : List.of(
        "1e1001",
        "1e401",
        "1e-401",
        "12e400",
        "1e131071",
        "1e-131071",
        "1e99999999999999999999",
        "-1e2147483648",
        "0e131071",
        "9".repeat(1_001),
        "0." + "9".repeat(1_001),
        "0.".concat("0".repeat(100_000)).concat("1"),
        "[" + String.join(",", Collections.nCopies(8_200, "1e131071")) + "]")) {
      assertRefused(text);
    }
  }

  @Test
  void numbersThatAreNotFiniteAreRefused() {
    State<Double> doubles = store.state(Double.class);
    State<Float> floats = store.state(Float.class);
    State<JsonNode> trees = store.state();
    State<double[]> arrays = store.state(double[].class);
    for (double value :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      assertCodecRefuses("k", () -> doubles.set("k", value));
      assertCodecRefuses("k", () -> doubles.compute("k", old -> value));
      assertCodecRefuses("k", () -> floats.set("k", (float) value));
      assertCodecRefuses("k", () -> arrays.set("k", new double[] {1, value}));
      assertCodecRefuses("k", () -> trees.set("k", DoubleNode.valueOf(value)));
      assertCodecRefuses("k", () -> trees.set("k", FloatNode.valueOf((float) value)));
      assertCodecRefuses(
          "k", () -> trees.set("k", JsonNodeFactory.instance.arrayNode().add(value)));
      assertCodecRefuses("k", () -> trees.append("k", value));
    }
    for (State<?> state : List.of(doubles, floats, arrays, trees)) {
      assertThat(state.version()).isZero();
    }
  }

  @Test
  void numbersInRecordViewsThatAreNotFiniteAreRefused() {
    RecordState<CodeGenerationState> view =
        RecordState.of(CodeGenerationState.class, store.state());
    CodeGenerationState notFinite = new CodeGenerationState(
        "w", null, null, null, null, null, null, Map.of("coverage", Double.NaN));

    assertThatThrownBy(() -> view.set(notFinite))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("not finite");
    assertThat(view.state().version()).isZero();
  }

  @Test
  void incrementsBeyondTheBoundsOfNumbersAreRefused() {
    State<JsonNode> state = store.state();
    state.set("n", json(5));
    Content before = Content.of(state);

    assertCodecRefuses("n", () -> state.increment("n", new BigDecimal("1e401")));
    assertCodecRefuses("n", () -> state.increment("n", new BigDecimal("1e-1001")));
    assertCodecRefuses("m", () -> state.increment("m", new BigDecimal("1e-401")));
    assertCodecRefuses("m", () -> state.increment("m", new BigDecimal("9".repeat(1_001))));
    assertCodecRefuses("n", () -> state.increment("n", new BigDecimal("1e5000")));

    assertThat(Content.of(state)).isEqualTo(before);
  }

  /** A sum with such a number has two billion digits: it must be refused without being made. */
  @Test
  void incrementsByAbsurdNumbersAreRefused() {
    State<JsonNode> state = store.state();
    state.set("n", json(5));
    Content before = Content.of(state);

    assertCodecRefuses("n", () -> state.increment("n", new BigDecimal("1e2000000000")));
    assertCodecRefuses("n", () -> state.increment("n", new BigDecimal("1e-2000000000")));
    assertCodecRefuses("m", () -> state.increment("m", new BigDecimal("1e2000000000")));

    assertThat(Content.of(state)).isEqualTo(before);
  }

  /** By every way in; the state is as before, and the message names the key. */
  private void assertRefused(String text) {
    State<String> state = store.state(VERBATIM);
    state.set("there", "\"before\"");

    assertCodecRefuses("k", () -> state.set("k", text));
    assertCodecRefuses("k", () -> state.update(Map.of("good", "1", "k", text)));
    assertCodecRefuses("k", () -> state.apply(Changes.<String>set("good", "1").andSet("k", text)));
    assertCodecRefuses("k", () -> state.compareAndSet(1, Changes.set("k", text)));
    assertCodecRefuses("k", () -> state.putIfAbsent("k", text));
    assertCodecRefuses("k", () -> state.compute("k", value -> text));
    assertCodecRefuses("k", () -> state.merge("k", text, (stored, given) -> given));
    assertCodecRefuses("there", () -> state.merge("there", "1", (stored, given) -> text));

    assertThat(state.version()).isEqualTo(1);
    assertThat(state.snapshot().asMap()).isEqualTo(Map.of("there", "\"before\""));
    assertThat(state.history().changes()).hasSize(1);
  }

  private static void assertCodecRefuses(String key, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("\"" + key + "\"");
  }

  private static String arrays(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  private static String objects(int depth) {
    return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
  }
}
