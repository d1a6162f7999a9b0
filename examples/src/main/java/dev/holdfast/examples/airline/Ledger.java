package dev.holdfast.examples.airline;

import dev.holdfast.Holdfast;
import dev.holdfast.store.Changes;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the writes of tool calls to the states that all runs share, each exactly once. Safe for use by multiple threads and processes.
 *
 * <p>A tool call writes two states, the reservation and then its run, and the process can die in between. So the reservation's own change
 * set says which call made it, under the {@linkplain CallMark#key() key} of the call. Whoever comes again, this process after a crash or
 * another one that works on the same run, finds the key and writes nothing. Two that come at the same moment both read a state without
 * the key, but they write for the version that they read: one of them gets a conflict, looks again and finds the key.
 */
final class Ledger {

  static final String SEEDER = "seed";

  private final Holdfast holdfast;
  private final Namespaces namespaces;
  private final Map<String, ObjectNode> seeds;
  private final ReplayListener listener;

  /**
   * A ledger.
   *
   * @param seeds what reservations are like before the first run touches them
   */
  Ledger(
      Holdfast holdfast,
      Namespaces namespaces,
      Map<String, ObjectNode> seeds,
      ReplayListener listener) {
    this.holdfast = holdfast;
    this.namespaces = namespaces;
    this.seeds = Map.copyOf(seeds);
    this.listener = listener;
  }

  /** Makes a write unless it was made before. */
  void apply(String actor, SharedWrite write) {
    State<JsonNode> state = holdfast
        .state(namespaces.of(write.kind()), write.state())
        .by(actor)
        .because(write.call().tool());
    while (!isApplied(state, write)) {
      // Somebody else changed the state between the read and the write: look again.
    }
  }

  private boolean isApplied(State<JsonNode> state, SharedWrite write) {
    Snapshot<JsonNode> now = state.snapshot();
    if (now.has(write.call().key())) {
      return true;
    }
    if (now.version() == 0 && isSeeded(write)) {
      if (isWritten(state.by(SEEDER).because("reservations file"), now, seed(write))) {
        listener.seeded(write.state());
      }
      return false;
    }
    CallMark call = write.call();
    if (!isWritten(state, now, write.changes(now).andSet(call.key(), call.value()))) {
      return false;
    }
    listener.shared(write);
    return true;
  }

  private static boolean isWritten(
      State<JsonNode> state, Snapshot<JsonNode> now, Changes<JsonNode> changes) {
    try {
      state.compareAndSet(now.version(), changes);
      return true;
    } catch (ConflictException somebodyElse) {
      return false;
    }
  }

  private boolean isSeeded(SharedWrite write) {
    return write instanceof SharedWrite.ReservationWrite && seeds.containsKey(write.state());
  }

  private Changes<JsonNode> seed(SharedWrite write) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    ObjectNode seed = Objects.requireNonNull(seeds.get(write.state()));
    seed.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    return Changes.setAll(fields);
  }
}
