package dev.holdfast.integration.concurrent;

import dev.holdfast.Holdfast;
import dev.holdfast.store.State;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
  /** Writes six states so many times, every other worker in the opposite order. */
  OPPOSITE {
    @Override
    void run(Holdfast holdfast, String state, int worker, int times) {
      List<State<Integer>> states = new ArrayList<>();
      for (int i = 0; i < OPPOSITE_STATES; i++) {
        states.add(counter(holdfast, state + "-" + i));
      }
      // Threads of one process go the same way, so that the messages of two processes meet in
      // opposite orders.
      if (worker / OPPOSITE_THREADS % 2 == 1) {
        Collections.reverse(states);
      }
      for (int i = 0; i < times; i++) {
        for (State<Integer> each : states) {
          each.set("worker-" + worker, i);
        }
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

  static final int OPPOSITE_STATES = 6;
  static final int OPPOSITE_THREADS = 8;
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
