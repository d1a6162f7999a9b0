package dev.holdfast.integration.cost;

import dev.holdfast.Holdfast;
import dev.holdfast.store.Changes;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.State;
import dev.holdfast.store.StateKeyException;
import dev.holdfast.store.history.History;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.record.AgentCoordinationState;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionWork;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * A call whose cost is measured, on a state that has five versions and the keys {@code n}, {@code list}, {@code doc} and {@code patched}.
 *
 * @param name as it stands in the table
 * @param promised what it must cost
 * @param call the call
 */
record Operation(String name, Cost promised, Consumer<State<JsonNode>> call) {

  private static final JsonNode VALUE = Json.json("value");

  /** What every operation finds, besides those of a new state. */
  static void prepare(State<JsonNode> state) {
    state.set("n", Json.json(1));
    state.append("list", "first");
    state.set("doc", Json.parse("{\"a\":1,\"long\":\"" + "x".repeat(100) + "\"}"));
    state.set("patched", Json.parse("[\"" + "x".repeat(100) + "\"]"));
    state.patch("patched", JsonPatch.parse("[{\"op\":\"add\",\"path\":\"/-\",\"value\":1}]"));
    state.tag("start", 2);
  }

  private static Operation read(int roundTrips, String name, Consumer<State<JsonNode>> call) {
    return new Operation(name, new Cost(roundTrips, roundTrips, 0), call);
  }

  private static Operation write(int roundTrips, String name, Consumer<State<JsonNode>> call) {
    return new Operation(name, new Cost(roundTrips, roundTrips, 1), call);
  }

  static List<Operation> onANewState() {
    return List.of(
        write(1, "`set` that creates the state", state -> state.set("n", VALUE)),
        write(1, "`update` of 100 keys that creates the state", state -> state.update(hundred())),
        write(1, "`append` that creates the state", state -> state.append("list", 1)),
        write(2, "`compute` that creates the state", state -> state.compute("n", n -> VALUE)),
        read(1, "`get` of a state that was never written", state -> state.get("n")),
        read(1, "`snapshot` of a state that was never written", State::snapshot));
  }

  static List<Operation> thatRead() {
    return List.of(
        read(1, "`get`, `find`", state -> state.get("n")),
        read(1, "`getRequired`", state -> state.getRequired("n")),
        read(2, "`getRequired` of an absent key, to name those that are there", Operation::miss),
        read(1, "`has`", state -> state.has("n")),
        read(1, "`keys`, `size`", State::keys),
        read(1, "`version`", State::version),
        read(1, "`snapshot`", State::snapshot),
        read(1, "`at`", state -> state.at(3)),
        read(2, "`asOf`", state -> state.asOf(Instant.now().plusSeconds(60))),
        read(2, "`at(tag)`", state -> state.at("start")),
        read(1, "`tags`", State::tags),
        read(2, "`diff`", state -> state.diff(2, 4)),
        read(1, "`history`, a page of whole values", state -> state.history(History.of("doc"))),
        read(2, "`history`, a page with appends, patches or rollbacks", State::history),
        read(1, "`history`, an empty page", state -> state.history(History.of("nobody"))));
  }

  /** On a state of which this process has read a snapshot, and another one has made a change since. */
  static List<Operation> thatReadWhatHasChanged() {
    return List.of(read(1, "`snapshot` behind a change", State::snapshot));
  }

  /** The same with more changes than there are keys to read. */
  static List<Operation> thatReadEverythingAgain() {
    return List.of(
        read(2, "`snapshot` behind more changes than the state has keys", State::snapshot));
  }

  private static void miss(State<JsonNode> state) {
    try {
      state.getRequired("nobody");
    } catch (StateKeyException e) {
      return;
    }
    throw new AssertionError("The key is there");
  }

  static List<Operation> thatWrite() {
    return List.of(
        write(1, "`set`", state -> state.set("n", VALUE)),
        write(1, "`update` of 100 keys", state -> state.update(hundred())),
        read(1, "`update` of nothing", state -> state.update(Map.of())),
        write(1, "`apply` of sets, deletes and appends", state -> state.apply(mixed())),
        write(1, "`compareAndSet`", state -> state.compareAndSet(5, mixed())),
        read(1, "`compareAndSet` that finds another version", Operation::conflict),
        write(1, "`append`", state -> state.append("list", 1)),
        write(1, "`appendAll` of 100 elements", Operation::appendHundred),
        write(3, "`append` behind a patch or a rollback", state -> state.append("patched", 1)),
        write(1, "`delete`", state -> state.delete("n")),
        read(1, "`delete` of an absent key", state -> state.delete("nobody")),
        write(1, "`clear`", State::clear),
        write(1, "`rollback`", state -> state.rollback(2)),
        write(1, "`clearHistory`, `clearHistoryBefore`", state -> state.clearHistoryBefore(2)),
        write(2, "`rollbackTo(tag)`", state -> state.rollbackTo("start")),
        write(1, "`tag`", state -> state.tag("here")),
        write(1, "`untag`", state -> state.untag("start")),
        write(1, "`fork`", state -> state.fork(state.id().name() + "-fork", 2)),
        write(2, "`compute`", state -> state.compute("n", n -> VALUE)),
        write(2, "`merge`", state -> state.merge("n", VALUE, (stored, given) -> given)),
        write(2, "`putIfAbsent`", state -> state.putIfAbsent("new", VALUE)),
        read(1, "`putIfAbsent` of a key that is there", state -> state.putIfAbsent("n", VALUE)),
        write(2, "`increment`", state -> state.increment("n", 1)),
        write(2, "`increment` by a decimal", state -> state.increment("n", BigDecimal.ONE)),
        write(2, "`patch` (RFC 6902)", state -> state.patch("doc", jsonPatch())),
        write(2, "`patch` (RFC 7396)", state -> state.patch("doc", mergePatch())));
  }

  /** On a state that another process has written since this one did. */
  static List<Operation> behindAnotherProcess() {
    return List.of(
        write(2, "`append` behind a write of another process", state -> state.append("list", 1)));
  }

  private static JsonPatch jsonPatch() {
    return JsonPatch.parse("[{\"op\":\"replace\",\"path\":\"/a\",\"value\":2}]");
  }

  private static MergePatch mergePatch() {
    return MergePatch.parse("{\"a\":2}");
  }

  private static void conflict(State<JsonNode> state) {
    try {
      state.compareAndSet(1, mixed());
    } catch (ConflictException e) {
      return;
    }
    throw new AssertionError("There was no conflict");
  }

  private static void appendHundred(State<JsonNode> state) {
    state.appendAll("list", IntStream.range(0, 100).boxed().toList());
  }

  private static Map<String, JsonNode> hundred() {
    return keys(100);
  }

  static Map<String, JsonNode> keys(int number) {
    return IntStream.range(0, number)
        .boxed()
        .collect(Collectors.toMap(i -> "key-" + i, i -> VALUE));
  }

  private static Changes<JsonNode> mixed() {
    return Changes.set("new", VALUE).andDelete("n").andAppend("list", 1, 2);
  }

  /** On a state that the process has appended to. */
  static List<Operation> ofTransactionsThatFollow(Holdfast holdfast) {
    return List.of(transaction(
        5,
        1,
        "`transaction` that appends where the process itself wrote last",
        state -> inTransaction(holdfast, tx -> again(tx, state).append("list", "more"))));
  }

  static List<Operation> ofRecords(Holdfast holdfast) {
    return List.of(
        write(2, "`record.set`", state -> record(holdfast, state).set(session(1))),
        read(1, "`record.get`", state -> record(holdfast, state).get()),
        write(2, "`record.update`", state -> {
          RecordState<AgentCoordinationState> record = record(holdfast, state);
          record.update(stored -> session(stored.agentCount() + 1));
        }),
        transaction(
            6,
            1,
            "`transaction` that sets keys of two states",
            state -> inTransaction(holdfast, tx -> {
              again(tx, state).set("n", VALUE);
              again(tx, state).set("m", VALUE);
              return tx.state(state.id().namespace(), state.id().name() + "-2").set("n", VALUE);
            })),
        transaction(
            7,
            1,
            "`transaction` that appends and reads what it appended",
            state -> inTransaction(holdfast, tx -> {
              again(tx, state).append("list", "more");
              return again(tx, state)
                  .get("list")
                  .map(list -> (long) list.size())
                  .orElse(0L);
            })),
        transaction(
            7,
            1,
            "`transaction` with a savepoint around its only `set`",
            state -> inTransaction(
                holdfast, tx -> tx.savepoint(inner -> again(inner, state).set("n", VALUE)))),
        transaction(
            4,
            0,
            "`transaction` that reads one key",
            state -> inTransaction(
                holdfast,
                tx ->
                    again(tx, state).get("list").map(list -> (long) list.size()).orElse(0L))));
  }

  private static Operation transaction(
      int roundTrips, int flushes, String name, Consumer<State<JsonNode>> call) {
    return new Operation(name, new Cost(roundTrips, 1, flushes), call);
  }

  private static void inTransaction(
      Holdfast holdfast, TransactionWork<Long, RuntimeException> work) {
    holdfast.transaction(Isolation.READ_COMMITTED, work);
  }

  private static State<JsonNode> again(Transaction tx, State<JsonNode> state) {
    return tx.state(state.id().namespace(), state.id().name());
  }

  static AgentCoordinationState session(int agents) {
    return AgentCoordinationState.of("session", agents);
  }

  static RecordState<AgentCoordinationState> record(Holdfast holdfast, State<JsonNode> state) {
    return holdfast.record(
        AgentCoordinationState.class, state.id().namespace(), state.id().name());
  }
}
