package dev.holdfast.integration.linearizable;

import dev.holdfast.integration.linearizable.Observation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes random histories that are linearizable by construction: each call takes effect on a plain map at one moment between its
 * invocation and its return, and several calls are under way at any time. Confined to one thread.
 */
final class TestingHistories {

  private static final List<String> KEYS = List.of("a", "b", "c");

  private final Random random;
  private final Map<String, @Nullable Long> content = new TreeMap<>();
  private final List<Observation> observations = new ArrayList<>();
  private final List<LoggedChange> log = new ArrayList<>();
  private long version;
  private long clock;
  private int calls;

  private TestingHistories(Random random) {
    this.random = random;
  }

  /** A history of so many calls by so many clients. */
  static Recording random(Random random, int clients, int calls) {
    return new TestingHistories(random).run(clients, calls);
  }

  private Recording run(int clients, int wanted) {
    List<Pending> pending = new ArrayList<>();
    while (calls < wanted || !pending.isEmpty()) {
      if (calls < wanted && pending.size() < clients && random.nextBoolean()) {
        pending.add(new Pending(calls++, clock++));
      } else if (!pending.isEmpty()) {
        proceed(pending, random.nextInt(pending.size()));
      }
    }
    return new Recording(observations, log);
  }

  private void proceed(List<Pending> pending, int index) {
    Pending call = pending.get(index);
    if (call.done == null) {
      call.done = effect(call);
    } else {
      observations.add(call.done.withTimes(call.invoked, clock++));
      pending.remove(index);
    }
  }

  private Observation effect(Pending call) {
    // No two calls write the same, or the checker could not tell whose value was read.
    long value = random.nextInt(1_000) * 1_000_000L + call.number;
    String key = oneKey();
    return switch (random.nextInt(10)) {
      case 0, 1 -> write(call, Kind.WROTE, Map.of(key, value), Map.of(), true);
      case 2 -> write(call, Kind.WROTE, Map.of("a", value, "b", value), Map.of(), true);
      case 3, 4 -> write(call, Kind.WROTE, Map.of(key, value), values(List.of(key)), false);
      case 5 -> doubtful(call, Map.of(key, value));
      case 6 -> read(call, Kind.READ_VERSION, version, Map.of());
      case 7 -> read(call, Kind.READ_KEYS, Observation.UNTOLD, values(List.of(key)));
      case 8 -> found(call, key);
      default -> read(call, Kind.READ_ALL, version, content);
    };
  }

  private String oneKey() {
    return KEYS.get(random.nextInt(KEYS.size()));
  }

  private Map<String, @Nullable Long> values(List<String> keys) {
    Map<String, @Nullable Long> values = new TreeMap<>();
    keys.forEach(key -> values.put(key, content.get(key)));
    return values;
  }

  private Observation write(
      Pending call,
      Kind kind,
      Map<String, @Nullable Long> values,
      Map<String, @Nullable Long> before,
      boolean isVersionTold) {
    version++;
    values.forEach((key, value) ->
        log.add(new LoggedChange(version, call.name, key, content.put(key, value), value)));
    long told = isVersionTold ? version : Observation.UNTOLD;
    return new Observation(kind, call.name, call.invoked, Long.MAX_VALUE, told, values, before);
  }

  private Observation doubtful(Pending call, Map<String, @Nullable Long> values) {
    return switch (random.nextInt(3)) {
      case 0 -> write(call, Kind.IN_DOUBT, values, Map.of(), false);
      case 1 -> read(call, Kind.IN_DOUBT, Observation.UNTOLD, values);
      default -> read(call, Kind.REFUSED, Observation.UNTOLD, values);
    };
  }

  private Observation found(Pending call, String key) {
    long wrote = log.stream()
        .filter(change -> change.key().equals(key))
        .mapToLong(LoggedChange::version)
        .max()
        .orElse(Observation.UNTOLD);
    return read(call, Kind.FOUND_KEY, wrote, values(List.of(key)));
  }

  private static Observation read(
      Pending call, Kind kind, long version, Map<String, @Nullable Long> values) {
    return new Observation(
        kind, call.name, call.invoked, Long.MAX_VALUE, version, values, Map.of());
  }

  private static final class Pending {
    final int number;
    final String name;
    final long invoked;

    @Nullable
    Observation done;

    Pending(int number, long invoked) {
      this.number = number;
      this.name = "c" + number;
      this.invoked = invoked;
    }
  }
}
