package dev.holdfast.integration.linearizable;

import dev.holdfast.Holdfast;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.integration.linearizable.Observation.Kind;
import dev.holdfast.store.Changes;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One thread's random calls to one state, each recorded with what it saw. Every value that is written is written once. Calls that fail
 * are recorded as what their exception says of them. Confined to one thread.
 */
class Client {

  static final String NAMESPACE = "linearizable";

  private static final List<String> KEYS = List.of("a", "b", "c");
  private static final long CALLS_OF_A_CLIENT = 1_000_000;

  private final Holdfast holdfast;
  private final String name;
  private final long first;
  private final SharedClock clock;
  private final Random random;
  private final List<Observation> observations = new ArrayList<>();

  Client(Holdfast holdfast, String name, int number, SharedClock clock, Random random) {
    this.holdfast = holdfast;
    this.name = name;
    this.first = number * CALLS_OF_A_CLIENT;
    this.clock = clock;
    this.random = random;
  }

  /** Makes so many calls and returns what they saw. */
  List<Observation> run(int calls) {
    for (int i = 0; i < calls; i++) {
      Call call = new Call(first + i, clock.tick());
      State<Long> state = holdfast.state(NAMESPACE, name, Long.class).by(call.name());
      String key = KEYS.get(random.nextInt(KEYS.size()));
      switch (random.nextInt(10)) {
        case 0, 1 -> write(call, Map.of(key, call.number), s -> state.set(key, call.number));
        case 2 -> update(call, state);
        case 3, 4 -> compute(call, state, key);
        case 5 -> compareAndSet(call, state, key);
        case 6 -> read(call, () -> call.saw(Kind.READ_VERSION, state.version(), Map.of()));
        case 7 -> read(call, () -> get(call, state, key));
        case 8 -> read(call, () -> find(call, state, key));
        default -> read(call, () -> snapshot(call, state));
      }
    }
    return List.copyOf(observations);
  }

  private void write(Call call, Map<String, @Nullable Long> values, Function<Call, Long> work) {
    try {
      long version = work.apply(call);
      record(call, call.saw(Kind.WROTE, version, values));
    } catch (HoldfastException e) {
      record(call, call.saw(refusal(e), Observation.UNTOLD, values));
    }
  }

  private static Kind refusal(HoldfastException failure) {
    return failure.code() == ErrorCode.AMBIGUOUS_COMMIT ? Kind.IN_DOUBT : Kind.REFUSED;
  }

  private void update(Call call, State<Long> state) {
    Map<String, @Nullable Long> values = new TreeMap<>(Map.of("a", call.number, "b", call.number));
    write(call, values, c -> state.update(values));
  }

  /** What the function was given last is what the write was made from. */
  void compute(Call call, State<Long> state, String key) {
    Map<String, @Nullable Long> before = new TreeMap<>();
    Map<String, @Nullable Long> values = Map.of(key, call.number);
    try {
      state.compute(key, value -> {
        before.put(key, value);
        return call.number;
      });
      record(call, call.saw(Kind.WROTE, Observation.UNTOLD, values).withBefore(before));
    } catch (HoldfastException e) {
      record(call, call.saw(refusal(e), Observation.UNTOLD, values));
    }
  }

  /** A success has seen the version before its own; a conflict has seen the version that it names. */
  private void compareAndSet(Call call, State<Long> state, String key) {
    Map<String, @Nullable Long> values = Map.of(key, call.number);
    try {
      long expected = state.version();
      long version = state.compareAndSet(expected, Changes.set(key, call.number));
      if (version != expected + 1) {
        throw new AssertionError("compareAndSet at " + expected + " returned version " + version);
      }
      record(call, call.saw(Kind.WROTE, version, values));
    } catch (ConflictException e) {
      record(call, call.saw(Kind.READ_VERSION, e.actual(), Map.of()));
    } catch (HoldfastException e) {
      record(call, call.saw(refusal(e), Observation.UNTOLD, values));
    }
  }

  Observation get(Call call, State<Long> state, String key) {
    return call.saw(Kind.READ_KEYS, Observation.UNTOLD, one(key, state.get(key).orElse(null)));
  }

  private static Observation find(Call call, State<Long> state, String key) {
    return state
        .find(key)
        .map(found -> call.saw(Kind.FOUND_KEY, found.version(), one(key, found.value())))
        .orElseGet(() -> call.saw(Kind.FOUND_KEY, Observation.UNTOLD, one(key, null)));
  }

  private static Observation snapshot(Call call, State<Long> state) {
    Snapshot<Long> snapshot = state.snapshot();
    return call.saw(Kind.READ_ALL, snapshot.version(), snapshot.asMap());
  }

  private static Map<String, @Nullable Long> one(String key, @Nullable Long value) {
    Map<String, @Nullable Long> map = new TreeMap<>();
    map.put(key, value);
    return map;
  }

  private void read(Call call, Read read) {
    try {
      record(call, read.run());
    } catch (HoldfastException e) {
      // Nothing was seen: there is nothing to check.
    }
  }

  void record(Call call, Observation seen) {
    observations.add(seen.withTimes(call.invoked, clock.tick()));
  }

  private interface Read {
    Observation run();
  }

  /** A call under way: its number is the value that it writes, its name the actor. */
  record Call(long number, long invoked) {

    String name() {
      return "call-" + number;
    }

    Observation saw(Kind kind, long version, Map<String, @Nullable Long> values) {
      return new Observation(kind, name(), invoked, Long.MAX_VALUE, version, values, Map.of());
    }
  }
}
