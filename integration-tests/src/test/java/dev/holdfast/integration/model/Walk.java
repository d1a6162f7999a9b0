package dev.holdfast.integration.model;

import dev.holdfast.store.State;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A random walk: does the same to a state and to a model of it and compares what comes back. The state is reached through several objects
 * in turn, as if by several processes. Confined to one thread.
 */
final class Walk {

  private static final int REMEMBERED = 20;

  private final long seed;
  private final Dice dice;
  private final Model model;
  private final List<State<JsonNode>> views;
  private final Operations operations;
  private final Checks checks;
  private final Deque<String> trace = new ArrayDeque<>();

  Walk(long seed, Fault fault, List<State<JsonNode>> views) {
    this.seed = seed;
    this.dice = new Dice(seed);
    this.model = new Model(fault);
    this.views = views;
    this.operations = new Operations(dice);
    this.checks = new Checks(dice);
  }

  /** Runs so many operations with a check or two after each, and compares all of history at the end. */
  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      compare(operations.next(model));
      compare(checks.next(model));
      if (dice.oneIn(400)) {
        appendMany();
      }
    }
    compare(Checks.wholeHistory());
    for (long version = model.oldest(); version <= model.version(); version += 1 + dice.below(40)) {
      compare(atVersion(version));
    }
  }

  /** Enough in a row to reach the next whole value, however many deltas may lie between two. */
  private void appendMany() {
    for (int i = 0; i < 150; i++) {
      JsonNode element = dice.value();
      compare(new Step(
          "one of many appends, " + element,
          state -> state.append("log", element),
          appended -> appended.append("log", List.of(element))));
    }
  }

  private static Step atVersion(long version) {
    return new Step(
        "at " + version, state -> Outcome.of(state.at(version)), model -> model.at(version));
  }

  private void compare(Step step) {
    String actor = dice.actor();
    State<JsonNode> view = views.get(dice.below(views.size()));
    State<JsonNode> acting = actor == null ? view : view.by(actor);
    model.author(actor);
    remember("by " + actor + " at version " + model.version() + ": " + step.text());
    String expected = Outcome.of(() -> step.model().apply(model));
    String actual = Outcome.of(() -> step.real().apply(acting));
    if (!expected.equals(actual)) {
      throw new AssertionError(
          "Seed " + seed + ": the model says\n" + expected + "\nand the store\n"
              + actual + "\nThe last " + trace.size() + " operations:\n- "
              + String.join("\n- ", trace));
    }
  }

  private void remember(String text) {
    trace.add(text);
    if (trace.size() > REMEMBERED) {
      trace.remove();
    }
  }
}
