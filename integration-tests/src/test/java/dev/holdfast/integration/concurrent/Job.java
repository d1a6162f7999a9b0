package dev.holdfast.integration.concurrent;

import dev.holdfast.Holdfast;
import dev.holdfast.store.State;
import java.util.Map;

/** What each thread of a {@link Worker} does. */
enum Job {
  /** Adds one to the key {@code n}, atomically. */
  COMPUTE {
    @Override
    void run(Holdfast holdfast, String state, int worker, int times) {
      State<Integer> counter = counter(holdfast, state).by("worker-" + worker);
      for (int i = 0; i < times; i++) {
        counter.compute("n", n -> n == null ? 1 : n + 1);
      }
    }
  },
  /** The control: adds one to the key {@code n} by reading and then writing, so that increments get lost. */
  GET_THEN_SET {
    @Override
    void run(Holdfast holdfast, String state, int worker, int times) {
      State<Integer> counter = counter(holdfast, state);
      for (int i = 0; i < times; i++) {
        counter.set("n", counter.get("n").orElse(0) + 1);
      }
    }
  },
  /** Appends its own number and a running one to the key {@code list}. */
  APPEND {
    @Override
    void run(Holdfast holdfast, String state, int worker, int times) {
      State<?> list = holdfast.state(NAMESPACE, state);
      for (int i = 0; i < times; i++) {
        list.append("list", Map.of("worker", worker, "i", i));
      }
    }
  },
  /** Is among the first to write to so many states, each worker in its own way. */
  CREATE {
    @Override
    void run(Holdfast holdfast, String state, int worker, int times) {
      for (int i = 0; i < times; i++) {
        create(counter(holdfast, state + "-" + i), worker);
      }
    }
  };

  static final String NAMESPACE = "processes";

  abstract void run(Holdfast holdfast, String state, int worker, int times);

  private static State<Integer> counter(Holdfast holdfast, String state) {
    return holdfast.state(NAMESPACE, state, Integer.class);
  }

  private static void create(State<Integer> state, int worker) {
    switch (worker % 4) {
      case 0 -> state.set("set-" + worker, worker);
      case 1 -> state.append("list", worker);
      case 2 -> state.putIfAbsent("once", worker);
      default -> state.compute("n", n -> n == null ? 1 : n + 1);
    }
  }
}
