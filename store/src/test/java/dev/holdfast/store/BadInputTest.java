package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.JsonPatchException;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.record.AgentCoordinationState;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Bad input changes nothing and names what is wrong. After every test the state is compared with what it was before. */
@HoldfastTest
@Tag("G12")
final class BadInputTest {

  private static final long NEWEST = 5;

  /** Text that cannot be a key, a name, a namespace or an actor. */
  private static final List<String> BAD_TEXTS = List.of(
      "",
      "k".repeat(513),
      "\u00E9".repeat(257),
      "\uD83D\uDE00".repeat(129),
      "\u0000",
      "a\u0000b",
      "\uD83D",
      "a\uDE00",
      "\uDE00\uD83D");

  private static final List<String> BAD_REASONS =
      List.of("", "r".repeat(4097), "\u00E9".repeat(2049), "a\u0000b", "\uD83D");

  /** What Jackson cannot write: its only property fails. */
  static final class Unwritable {
    private final Optional<String> name = Optional.empty();

    public String getName() {
      return name.orElseThrow(() -> new IllegalStateException("on purpose"));
    }
  }

  private static final class OnPurpose extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @AutoClose
  private final TestingStore store;

  private final TestDatabase database;
  private final State<JsonNode> state;
  private @Nullable Content before;

  BadInputTest(TestDatabase database) {
    this.database = database;
    this.store = TestingStore.on(database);
    this.state = store.state();
  }

  @BeforeEach
  void write() {
    state.set("number", json(1));
    state.update(Map.of("list", json(List.of(1)), "text", json("a")));
    state.set("null", null);
    state.set("object", json(Map.of("a", 1)));
    assertThat(state.append("list", 2)).isEqualTo(NEWEST);
    before = Content.of(state);
  }

  @AfterEach
  void nothingHasChanged() {
    assertThat(Content.of(state)).isEqualTo(before);
  }

  private static AbstractThrowableAssert<?, ?> assertInvalid(ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HoldfastException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
  }

  private Map<String, Consumer<String>> callsWithAKey() {
    Map<String, Consumer<String>> calls = new LinkedHashMap<>();
    calls.put("get", state::get);
    calls.put("getRequired", state::getRequired);
    calls.put("find", state::find);
    calls.put("has", state::has);
    calls.put("set", key -> state.set(key, json(1)));
    calls.put("set null", key -> state.set(key, null));
    calls.put("update", key -> state.update(Map.of("good", json(1), key, json(2))));
    calls.put(
        "apply set", key -> state.apply(Changes.<JsonNode>set("good", json(1)).andSet(key, null)));
    calls.put(
        "apply delete", key -> state.apply(Changes.<JsonNode>set("a", json(1)).andDelete(key)));
    calls.put(
        "apply append", key -> state.apply(Changes.<JsonNode>append("list", 1).andAppend(key, 1)));
    calls.put("compareAndSet", key -> state.compareAndSet(NEWEST, Changes.set(key, json(1))));
    calls.put("delete", state::delete);
    calls.put("compute", key -> state.compute(key, value -> json(1)));
    calls.put("merge", key -> state.merge(key, json(1), (stored, given) -> given));
    calls.put("putIfAbsent", key -> state.putIfAbsent(key, json(1)));
    calls.put("increment", key -> state.increment(key, 1));
    calls.put("increment decimal", key -> state.increment(key, BigDecimal.ONE));
    calls.put("append", key -> state.append(key, 1));
    calls.put("appendAll", key -> state.appendAll(key, List.of(1, 2)));
    calls.put("appendAll of nothing", key -> state.appendAll(key, List.of()));
    calls.put("patch", key -> state.patch(key, JsonPatch.parse("[]")));
    calls.put("merge patch", key -> state.patch(key, MergePatch.parse("{}")));
    calls.put("History.of", History::of);
    return calls;
  }

  @Test
  void badKeysAreRefusedByEveryMethod() {
    callsWithAKey().forEach((method, call) -> {
      for (String key : BAD_TEXTS) {
        assertInvalid(() -> call.accept(key)).as(method).hasMessageStartingWith("key must not ");
      }
    });
  }

  @Test
  void noCallbackRunsForABadKey() {
    List<String> ran = new ArrayList<>();
    for (String key : BAD_TEXTS) {
      assertInvalid(() -> state.compute(key, value -> {
        ran.add(key);
        return json(1);
      }));
    }
    assertThat(ran).isEmpty();
  }

  @Test
  void badActorsAndReasonsAreRefused() {
    RecordState<AgentCoordinationState> view = RecordState.of(AgentCoordinationState.class, state);
    for (String actor : BAD_TEXTS) {
      assertInvalid(() -> state.by(actor).set("a", json(1))).hasMessageStartingWith("actor must");
      assertInvalid(() -> view.by(actor)).hasMessageStartingWith("actor must");
      assertInvalid(() -> History.all().by(actor)).hasMessageStartingWith("actor must");
    }
    for (String reason : BAD_REASONS) {
      assertInvalid(() -> state.because(reason).set("a", json(1)))
          .hasMessageStartingWith("reason must");
      assertInvalid(() -> view.because(reason)).hasMessageStartingWith("reason must");
    }
  }

  @Test
  void badNamespacesAndNamesAreRefused() {
    StateStore all = store.store();
    for (String text : BAD_TEXTS) {
      assertInvalid(() -> new StateId(text, "name")).hasMessageStartingWith("namespace must");
      assertInvalid(() -> all.state(text, "name")).hasMessageStartingWith("namespace must");
      assertInvalid(() -> all.state(text, "name", String.class))
          .hasMessageStartingWith("namespace must");
      assertInvalid(() -> all.record(AgentCoordinationState.class, text, "name"))
          .hasMessageStartingWith("namespace must");
      assertInvalid(() -> all.states(text, "", 1)).hasMessageStartingWith("namespace must");
      assertInvalid(() -> new StateId("namespace", text)).hasMessageStartingWith("name must");
      assertInvalid(() -> all.state("namespace", text)).hasMessageStartingWith("name must");
      if (!text.isEmpty()) {
        assertInvalid(() -> all.states("namespace", text, 1)).hasMessageStartingWith("after must");
      }
    }
    for (int limit : new int[] {0, -1, 10_001, Integer.MIN_VALUE}) {
      assertInvalid(() -> all.states("namespace", "", limit))
          .hasMessageContaining(String.valueOf(limit));
    }
  }

  private Map<String, Consumer<Long>> callsWithAVersion() {
    Map<String, Consumer<Long>> calls = new LinkedHashMap<>();
    calls.put("at", state::at);
    calls.put("rollback", state::rollback);
    calls.put("diff from", version -> state.diff(version, 1));
    calls.put("diff to", version -> state.diff(1, version));
    calls.put("clearHistoryBefore", state::clearHistoryBefore);
    return calls;
  }

  @Test
  void versionsOfTheFutureAreRefused() {
    callsWithAVersion().forEach((method, call) -> {
      for (long version : new long[] {NEWEST + 1, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> call.accept(version))
            .as(method)
            .isInstanceOfSatisfying(StateVersionException.class, e -> {
              assertThat(e.current()).isEqualTo(NEWEST);
              assertThat(e.target()).isEqualTo(version);
            })
            .hasMessageContainingAll(String.valueOf(version), state.id().toString());
      }
    });
  }

  @Test
  void negativeVersionsAreRefused() {
    callsWithAVersion().forEach((method, call) -> {
      for (long version : new long[] {-1, Long.MIN_VALUE}) {
        assertThatThrownBy(() -> call.accept(version))
            .as(method)
            .isInstanceOfSatisfying(
                StateVersionException.class, e -> assertThat(e.target()).isEqualTo(version))
            .hasMessageContainingAll(String.valueOf(version), state.id().toString());
      }
    });
    assertThatThrownBy(() -> state.compareAndSet(-1, Changes.set("a", json(1))))
        .isInstanceOf(StateVersionException.class);
    assertThatThrownBy(() -> state.compareAndSet(-1, Changes.none()))
        .isInstanceOf(StateVersionException.class);
  }

  @Test
  void theMessageForANegativeVersionSaysNothingThatIsNotSo() {
    assertThatThrownBy(() -> state.at(-1))
        .isInstanceOf(StateVersionException.class)
        .hasMessageNotContaining("its versions are 0 to 0");
  }

  @Test
  void otherExpectedVersionsAreConflicts() {
    for (long expected : new long[] {0, NEWEST - 1, NEWEST + 1, Long.MAX_VALUE}) {
      for (Changes<JsonNode> changes : List.of(
          Changes.<JsonNode>none(),
          Changes.<JsonNode>set("a", json(1)),
          Changes.<JsonNode>set("a", json(1)).andAppend("list", 3),
          Changes.<JsonNode>delete("absent"))) {
        assertThatThrownBy(() -> state.compareAndSet(expected, changes))
            .isInstanceOfSatisfying(ConflictException.class, e -> {
              assertThat(e.expected()).isEqualTo(expected);
              assertThat(e.actual()).isEqualTo(NEWEST);
              assertThat(e.key()).isEmpty();
            })
            .hasMessageContaining(state.id().toString());
      }
    }
  }

  @Test
  void limitsAndRangesOfHistoryAreChecked() {
    for (int limit : new int[] {0, -1, History.MAX_LIMIT + 1, Integer.MIN_VALUE}) {
      assertInvalid(() -> History.all().limit(limit))
          .hasMessageContainingAll("History", String.valueOf(limit));
    }
    assertInvalid(() -> History.all().versions(-1, 5)).hasMessageContainingAll("History", "-1");
    assertInvalid(() -> History.all().versions(3, 2)).hasMessageContainingAll("History", "3 to 2");
    assertThat(state.history(History.all().versions(NEWEST + 1, Long.MAX_VALUE)).changes())
        .isEmpty();
  }

  /** Ends of time are what callers without a bound pass; an answer or a refusal will do, a failure of the database will not. */
  @Test
  void timesBeyondTheCalendarOfTheDatabaseAreNoFailures() {
    List<String> failures = new ArrayList<>();
    for (Instant time : List.of(
        Instant.MIN,
        Instant.MAX,
        Instant.ofEpochSecond(-400_000_000_000L),
        Instant.ofEpochSecond(20_000_000_000_000L))) {
      failures.addAll(failureOf("asOf " + time, () -> state.asOf(time)));
      failures.addAll(
          failureOf("from " + time, () -> state.history(History.all().from(time))));
      failures.addAll(
          failureOf("until " + time, () -> state.history(History.all().until(time))));
    }

    assertThat(failures).isEmpty();
  }

  private static List<String> failureOf(String call, Runnable work) {
    try {
      work.run();
      return List.of();
    } catch (RuntimeException e) {
      boolean refused = e instanceof HoldfastException refusal
          && (refusal.code() == ErrorCode.INVALID_ARGUMENT
              || refusal.code() == ErrorCode.VERSION_CLEARED);
      return refused ? List.of() : List.of(call + ": " + e);
    }
  }

  @Test
  void aKeyCanOccurOnceInAChangeSet() {
    Changes<JsonNode> changes = Changes.set("a", json(1));

    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> changes.andSet("a", json(2)),
        () -> changes.andDelete("a"),
        () -> changes.andAppend("a", 1),
        () -> Changes.<JsonNode>delete("a").andSet("a", null),
        () -> Changes.<JsonNode>append("a", 1).andAppend("a", 2),
        () -> Changes.<JsonNode>setAll(Map.of("a", json(1), "b", json(2))).andDelete("a"))) {
      assertInvalid(call).hasMessageContaining("\"a\"");
    }
    assertThat(changes).hasToString("Changes[set a]");
  }

  @Test
  void aBatchWithOneValueThatCannotBeEncodedChangesNothing() {
    State<Object> objects = store.state(Object.class);
    objects.set("a", "before");
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("a", 1);
    values.put("b", 2);
    values.put("third", new Unwritable());
    values.put("d", 4);
    Content unchanged = Content.of(objects);

    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> objects.update(values),
        () -> objects.apply(Changes.setAll(values)),
        () -> objects.compareAndSet(1, Changes.setAll(values)),
        () -> objects.apply(
            Changes.<Object>set("a", 1).andDelete("b").andAppend("third", new Unwritable())))) {
      assertThatThrownBy(call)
          .isInstanceOf(CodecException.class)
          .hasMessageContaining("\"third\"")
          .hasRootCauseMessage("on purpose");
    }

    assertThat(Content.of(objects)).isEqualTo(unchanged);
  }

  @Test
  void aBatchWithOneValueThatCannotBeStoredChangesNothing() {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    values.put("a", json(1));
    values.put("b", json(2));
    values.put("third", json(Map.of("x", List.of("fine", "a\u0000b"))));

    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> state.update(values),
        () -> state.apply(Changes.setAll(values)),
        () -> state.compareAndSet(NEWEST, Changes.setAll(values)))) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              CodecException.class, e -> assertThat(e.path()).isEqualTo("/x/1"))
          .hasMessageContaining("\"third\"");
    }
  }

  @Test
  void whatACallbackThrowsReachesTheCaller() {
    OnPurpose failure = new OnPurpose();
    AssertionError error = new AssertionError("on purpose");

    assertThatThrownBy(() -> state.compute("number", value -> {
          throw failure;
        }))
        .isSameAs(failure);
    assertThatThrownBy(() -> state.compute("absent", value -> {
          throw error;
        }))
        .isSameAs(error);
    assertThatThrownBy(() -> state.merge("number", json(1), (stored, given) -> {
          throw failure;
        }))
        .isSameAs(failure);
  }

  @Test
  void aKeyIsFreeAfterACallbackThrew() {
    State<Integer> other = store.state(Integer.class);
    assertThatThrownBy(() -> other.compute("n", n -> {
          throw new OnPurpose();
        }))
        .isInstanceOf(OnPurpose.class);

    assertThat(other.compute("n", n -> 1)).contains(1);
    assertThat(other.version()).isEqualTo(1);
  }

  @Test
  void whatACallbackOfARecordThrowsReachesTheCaller() {
    RecordState<AgentCoordinationState> view =
        RecordState.of(AgentCoordinationState.class, store.state());
    view.set(AgentCoordinationState.of("session", 1));
    OnPurpose failure = new OnPurpose();

    assertThatThrownBy(() -> view.update(old -> {
          throw failure;
        }))
        .isSameAs(failure);
    assertThatThrownBy(() -> view.update(old -> AgentCoordinationState.of(old.sessionId(), -1)))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("agentCount");
    assertThatThrownBy(
            () -> view.update(old -> AgentCoordinationState.of("a\u0000b", old.agentCount())))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("session_id");

    assertThat(view.state().version()).isEqualTo(1);
    assertThat(view.get()).contains(AgentCoordinationState.of("session", 1));
  }

  @Test
  void whatACallbackReturnsIsChecked() {
    assertThatThrownBy(() -> state.compute("number", value -> json("a\u0000b")))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("\"number\"");
    assertThatThrownBy(() -> state.merge("number", json(1), (stored, given) -> json("\uD83D")))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("\"number\"");
  }

  @Test
  void valuesOfAnotherTypeAreNamed() {
    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> state.increment("text", 1),
        () -> state.increment("text", BigDecimal.ONE),
        () -> state.append("text", 1),
        () -> state.appendAll("text", List.of(1, 2)),
        () -> state.apply(Changes.<JsonNode>set("a", json(1)).andAppend("text", 1)))) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              ValueTypeException.class, e -> assertThat(e.key()).isEqualTo("text"))
          .hasMessageContainingAll("\"text\"", state.id().toString());
    }
    for (String key : List.of("null", "list", "object")) {
      assertThatThrownBy(() -> state.increment(key, 1))
          .isInstanceOf(ValueTypeException.class)
          .hasMessageContaining("\"" + key + "\"");
    }
    for (String key : List.of("null", "number", "object")) {
      assertThatThrownBy(() -> state.append(key, 1))
          .isInstanceOf(ValueTypeException.class)
          .hasMessageContaining("\"" + key + "\"");
    }
  }

  @Test
  void sumsThatAreNoLongAreRefused() {
    State<JsonNode> numbers = store.state();
    numbers.update(Map.of("max", json(Long.MAX_VALUE), "half", json(new BigDecimal("1.5"))));
    Content unchanged = Content.of(numbers);

    assertThatThrownBy(() -> numbers.increment("max", 1))
        .isInstanceOf(ValueTypeException.class)
        .hasMessageContaining("\"max\"");
    assertThatThrownBy(() -> numbers.increment("half", 1))
        .isInstanceOf(ValueTypeException.class)
        .hasMessageContaining("\"half\"");

    assertThat(Content.of(numbers)).isEqualTo(unchanged);
  }

  private record Seats(int booked) {}

  /** Written all the same, it would make the key unreadable, and with it every page of history that it is on. */
  @Test
  void whatCannotBeReadAsTheTypeOfTheStateIsNotWritten() {
    State<Integer> numbers = store.state(Integer.class);
    numbers.set("n", Integer.MAX_VALUE);
    State<Seats> objects = store.state(Seats.class);
    objects.set("n", new Seats(1));

    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> numbers.increment("n", 1),
        () -> numbers.increment("n", new BigDecimal("-0.5")),
        () -> numbers.increment("absent", 1L << 31),
        () -> store
            .store()
            .transaction(
                Isolation.READ_COMMITTED,
                tx -> tx.state(numbers.id().namespace(), numbers.id().name(), Integer.class)
                    .increment("n", 1)),
        () -> objects.patch("n", MergePatch.parse("{\"booked\": \"many\"}")),
        () -> objects.patch("absent", MergePatch.parse("{\"other\": 1}")),
        () -> objects.patch("n", JsonPatch.parse("""
            [{"op":"replace","path":"/booked","value":1.5}]""")))) {
      assertThatThrownBy(call).isInstanceOf(CodecException.class).hasMessageContaining("key \"");
    }

    assertThat(numbers.history().changes()).hasSize(1);
    assertThat(objects.history().changes()).hasSize(1);
    assertThat(numbers.increment("n", -1)).isEqualTo(Integer.MAX_VALUE - 1);
    assertThat(objects.patch("n", MergePatch.parse("{\"booked\": 2}"))).isEqualTo(2);
    assertThat(objects.get("n")).contains(new Seats(2));
  }

  @Test
  void patchesThatDoNotApplyAreNamed() {
    assertThatThrownBy(() -> state.patch("object", JsonPatch.parse("""
            [{"op":"add","path":"/b","value":1},{"op":"remove","path":"/missing"}]""")))
        .isInstanceOf(JsonPatchException.class)
        .hasMessageContaining("/missing");
    assertThatThrownBy(() -> state.patch("object", JsonPatch.parse("""
            [{"op":"replace","path":"/a","value":2},{"op":"test","path":"/a","value":1}]""")))
        .isInstanceOf(JsonPatchException.class)
        .hasMessageContaining("/a");
    assertThatThrownBy(() -> state.patch("absent", JsonPatch.parse("[]")))
        .isInstanceOfSatisfying(
            StateKeyException.class, e -> assertThat(e.key()).isEqualTo("absent"));
    assertThatThrownBy(() -> state.patch("object", MergePatch.parse("{\"b\":\"\\u0000\"}")))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("\"object\"");
  }

  /** Twenty copies of a small document into itself are a million; a few more, and no memory would hold them. */
  @Test
  void aPatchThatMultipliesTheValueIsStoppedOnItsWay() {
    JsonPatch patch = JsonPatch.parse(IntStream.range(0, 20)
        .mapToObj("{\"op\":\"copy\",\"from\":\"\",\"path\":\"/k%d\"}"::formatted)
        .collect(Collectors.joining(",", "[", "]")));

    assertThatThrownBy(() -> state.patch("object", patch))
        .isInstanceOf(JsonPatchException.class)
        .hasMessageContaining("copies more than may be stored");
  }

  @Test
  void aCodecThatFailsChangesNothing() {
    OnPurpose failure = new OnPurpose();
    State<String> throwing = view(value -> {
      throw failure;
    });
    State<String> malformed = view(value -> "{");

    assertThatThrownBy(() -> throwing.set("number", "x")).isSameAs(failure);
    assertThatThrownBy(() -> throwing.update(Map.of("number", "x"))).isSameAs(failure);
    assertThatThrownBy(() -> malformed.set("number", "x"))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("\"number\"");
  }

  private State<String> view(Function<@Nullable String, String> encode) {
    return store.store().state(state.id().namespace(), state.id().name(), new Codec<String>() {
      @Override
      public String encode(@Nullable String value) {
        return encode.apply(value);
      }

      @Override
      public String decode(String json) {
        return json;
      }
    });
  }

  /** The type says that there is no null; those who pass one all the same get an exception and change nothing. */
  @Test
  @SuppressWarnings("NullAway")
  void nullArgumentsAreRefused() {
    callsWithAKey()
        .forEach((method, call) -> assertThatThrownBy(() -> call.accept(null))
            .as(method)
            .isInstanceOf(RuntimeException.class));
    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> state.update(null),
        () -> state.apply(null),
        () -> state.compareAndSet(NEWEST, null),
        () -> state.compute("number", null),
        () -> state.merge("number", null, (stored, given) -> given),
        () -> state.merge("number", json(1), null),
        () -> state.increment("number", (BigDecimal) null),
        () -> state.appendAll("list", null),
        () -> state.patch("object", (JsonPatch) null),
        () -> state.patch("object", (MergePatch) null),
        () -> state.by(null),
        () -> state.because(null),
        () -> state.asOf(null),
        () -> state.history(null),
        () -> store.store().state(null, "name"),
        () -> store.store().state("namespace", null))) {
      assertThatThrownBy(call).isInstanceOf(RuntimeException.class);
    }
  }

  @Test
  void settingsOfAStoreAreChecked() {
    StateStore.Builder builder = StateStore.builder(database.dataSource());

    assertConfiguration("deltasPerSnapshot", () -> builder.deltasPerSnapshot(0));
    assertConfiguration("deltasPerSnapshot", () -> builder.deltasPerSnapshot(10_001));
    assertConfiguration("contentionTimeout", () -> builder.contentionTimeout(Duration.ZERO));
    assertConfiguration("closePatience", () -> builder.closePatience(Duration.ofSeconds(-1)));
    Duration tooLong = Duration.ofNanos(Long.MAX_VALUE).plusNanos(1);
    assertConfiguration("contentionTimeout", () -> builder.contentionTimeout(tooLong));
    assertConfiguration("closePatience", () -> builder.closePatience(tooLong));
    assertConfiguration("writeQueueTimeout", () -> builder.writeQueueTimeout(tooLong));
  }

  @Test
  void timeoutsOfATransactionAreChecked() {
    TransactionOptions options = TransactionOptions.of(Isolation.READ_COMMITTED);
    for (Duration timeout : List.of(
        Duration.ZERO,
        Duration.ofNanos(999_999),
        Duration.ofSeconds(Long.MIN_VALUE),
        Duration.ofNanos(Long.MAX_VALUE).plusNanos(1),
        Duration.ofSeconds(Long.MAX_VALUE))) {
      assertInvalid(() -> options.timeout(timeout)).hasMessageStartingWith("timeout must");
      assertInvalid(() -> options.statementTimeout(timeout))
          .hasMessageStartingWith("statementTimeout must");
      assertInvalid(() -> options.lockTimeout(timeout)).hasMessageStartingWith("lockTimeout must");
    }
  }

  private static void assertConfiguration(String name, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION))
        .hasMessageStartingWith(name);
  }

  /** Line feeds can forge lines of a log, and directional marks can turn its text around: TextRules escapes them, so must everybody. */
  @Test
  void noMessageShowsCharactersThatDoNotPrint() {
    String forged = "a\nlevel=INFO all is well \u202E";
    State<JsonNode> named = store.store().state("test", forged);
    named.set(forged, json("text"));

    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> named.getRequired("missing"),
        () -> named.getRequired(forged + "!"),
        () -> named.snapshot().getRequired("missing"),
        () -> named.set(forged, json("a\u0000b")),
        () -> named.increment(forged, 1),
        () -> named.compareAndSet(0, Changes.none()),
        () -> named.rollback(100),
        () -> Changes.<JsonNode>delete(forged).andDelete(forged))) {
      assertThatThrownBy(call)
          .isInstanceOf(HoldfastException.class)
          .message()
          .doesNotContain("\n", "\u202E");
    }
  }

  @Test
  void aClosedStoreSaysSo() {
    TestingStore closed = TestingStore.on(database);
    State<JsonNode> late =
        closed.store().state(state.id().namespace(), state.id().name());
    closed.close();

    for (ThrowingCallable call : List.<ThrowingCallable>of(
        () -> late.get("number"),
        () -> late.set("number", json(2)),
        late::clear,
        () -> late.rollback(0),
        () -> late.compute("number", value -> json(2)),
        late::snapshot)) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    }
  }
}
