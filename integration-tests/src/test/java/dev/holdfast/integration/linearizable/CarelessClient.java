package dev.holdfast.integration.linearizable;

import dev.holdfast.Holdfast;
import dev.holdfast.integration.linearizable.Observation.Kind;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The control: a client that reads from a snapshot that it keeps for a while, and changes a value by reading and then writing it, as if
 * that were a read and a compute of the store. Confined to one thread.
 */
final class CarelessClient extends Client {

  private static final int KEPT_FOR = 10;

  private @Nullable Snapshot<Long> kept;
  private int uses;

  CarelessClient(Holdfast holdfast, String name, int number, SharedClock clock, Random random) {
    super(holdfast, name, number, clock, random);
  }

  @Override
  void compute(Call call, State<Long> state, String key) {
    Map<String, @Nullable Long> before = new TreeMap<>();
    before.put(key, state.get(key).orElse(null));
    long version = state.set(key, call.number());
    record(call, call.saw(Kind.WROTE, version, Map.of(key, call.number())).withBefore(before));
  }

  @Override
  Observation get(Call call, State<Long> state, String key) {
    Snapshot<Long> snapshot = kept;
    if (snapshot == null || uses++ % KEPT_FOR == 0) {
      snapshot = state.snapshot();
      kept = snapshot;
    }
    Map<String, @Nullable Long> values = new TreeMap<>();
    values.put(key, snapshot.get(key).orElse(null));
    return call.saw(Kind.READ_KEYS, Observation.UNTOLD, values);
  }
}
