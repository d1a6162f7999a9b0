package dev.holdfast.benchmarks.features;

import dev.holdfast.benchmarks.load.Worker;
import dev.holdfast.store.State;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is done with states whose values are numbers. Immutable.
 *
 * @param work of all threads, on these states
 */
record Load(String name, int threads, Function<List<State<Integer>>, Worker> work) {

  static final int STATES = 100;

  private static final int KEYS = 10;

  /** What every state has before anything is measured. */
  static final Map<String, Integer> VALUES = IntStream.range(0, KEYS)
      .boxed()
      .collect(Collectors.toMap(number -> "key-" + number, Function.identity()));

  static final List<Load> ALL = List.of(
      new Load("Set one key", 1, Load::sets),
      new Load("Set one key", 16, Load::sets),
      new Load("Get one key", 1, Load::gets),
      new Load("Get one key", 16, Load::gets),
      new Load("Snapshot of 10 keys", 1, Load::snapshots));

  static Load titled(String title) {
    return ALL.stream().filter(load -> load.title().equals(title)).findFirst().orElseThrow();
  }

  private static Worker sets(List<State<Integer>> states) {
    return (thread, number, random) ->
        states.get(random.nextInt(STATES)).set("key-" + random.nextInt(KEYS), random.nextInt());
  }

  private static Worker gets(List<State<Integer>> states) {
    return (thread, number, random) ->
        states.get(random.nextInt(STATES)).get("key-" + random.nextInt(KEYS));
  }

  private static Worker snapshots(List<State<Integer>> states) {
    return (thread, number, random) -> states.get(random.nextInt(STATES)).snapshot();
  }

  String title() {
    return name + ", " + threads + (threads == 1 ? " thread" : " threads");
  }
}
