package dev.holdfast.examples.airline;

import dev.holdfast.Holdfast;
import dev.holdfast.store.Changes;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.State;
import dev.holdfast.store.transaction.Transaction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The states that all runs share, and what tool calls write to them. Safe for use by multiple threads and processes.
 *
 * <p>That a call writes once is the work of its effect transaction, whose step this is. The call's {@linkplain CallMark#key() key}, in
 * the same change set, tells in history which call made a version, so that it can be verified without believing the journal.
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

  /** Gives a reservation what it is like before, unless it is there. */
  void seed(SharedWrite write) {
    if (!(write instanceof SharedWrite.ReservationWrite) || !seeds.containsKey(write.state())) {
      return;
    }
    State<JsonNode> state = holdfast.state(namespaces.of(write.kind()), write.state());
    if (state.version() > 0) {
      return;
    }
    try {
      state.by(SEEDER).because("reservations file").compareAndSet(0, fields(write.state()));
      listener.seeded(write.state());
    } catch (ConflictException somebodyElse) {
      // It is there now, which is all that was wanted.
    }
  }

  private Changes<JsonNode> fields(String reservation) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    ObjectNode seed = Objects.requireNonNull(seeds.get(reservation));
    seed.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    return Changes.setAll(fields);
  }

  /** Writes what a call changes. The mark goes first: it locks the state, so that what is read then is the newest. */
  void record(Transaction transaction, String actor, SharedWrite write) {
    CallMark call = write.call();
    State<JsonNode> state = transaction
        .state(namespaces.of(write.kind()), write.state())
        .by(actor)
        .because(call.tool());
    state.set(call.key(), call.value());
    state.apply(write.changes(state.snapshot()));
  }
}
