package dev.holdfast.integration.model;

import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import dev.holdfast.store.StateDiff;
import dev.holdfast.store.Versioned;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Random calls that read. Confined to one thread. */
final class Checks {

  private static final Comparator<Change<JsonNode>> NEWEST_FIRST =
      Comparator.<Change<JsonNode>>comparingLong(Change::version)
          .thenComparing(Change::key, Model.BYTEWISE)
          .reversed();

  private final Dice dice;

  Checks(Dice dice) {
    this.dice = dice;
  }

  Step next(Model model) {
    return switch (dice.below(9)) {
      case 0 -> get();
      case 1 -> getRequired();
      case 2 -> find();
      case 3 -> keys();
      case 4 -> snapshot();
      case 5 -> at(model);
      case 6 -> diff(model);
      case 7 -> asOf(model);
      default -> history(model);
    };
  }

  private Step get() {
    String key = dice.anyKey();
    return new Step(
        "get " + key, state -> state.get(key), model -> Optional.ofNullable(model.seen(key)));
  }

  private Step getRequired() {
    String key = dice.anyKey();
    return new Step(
        "getRequired " + key,
        state -> Optional.ofNullable(state.getRequired(key)),
        model -> Optional.of(model.required(key)).filter(value -> !value.isNull()));
  }

  private Step find() {
    String key = dice.anyKey();
    return new Step(
        "find and has " + key,
        state -> state.find(key) + " " + state.has(key),
        model -> Optional.ofNullable(model.entries().get(key)).map(Checks::withoutNullNode) + " "
            + model.entries().containsKey(key));
  }

  private static Versioned<JsonNode> withoutNullNode(Versioned<JsonNode> entry) {
    JsonNode value = entry.value();
    return new Versioned<>(value == null || value.isNull() ? null : value, entry.version());
  }

  private Step keys() {
    return new Step(
        "keys, size and version",
        state -> state.keys() + " " + state.size() + " " + state.version(),
        model -> List.copyOf(model.entries().keySet()) + " " + model.entries().size() + " "
            + model.version());
  }

  private Step snapshot() {
    return new Step(
        "snapshot", state -> Outcome.of(state.snapshot()), model -> model.at(model.version()));
  }

  private Step at(Model model) {
    long version = dice.version(model);
    return new Step(
        "at " + version, state -> Outcome.of(state.at(version)), read -> read.at(version));
  }

  /** The operations of the one, applied to its content, give the content of the other; keys that are equal have none. */
  private Step diff(Model model) {
    long from = dice.version(model);
    long to = dice.version(model);
    return new Step(
        "diff " + from + " " + to,
        state -> {
          StateDiff diff = state.diff(from, to);
          JsonNode before = state.at(from).toJson();
          for (JsonPatch patch : diff.byKey().values()) {
            before = patch.apply(before);
          }
          return Json.canonical(before) + " " + List.copyOf(diff.byKey().keySet());
        },
        read -> read.diff(from, to));
  }

  /** The times are the database's, so the model is told them: a time finds the last version that is not later. */
  private Step asOf(Model model) {
    long version = model.oldest() + dice.below((int) (model.version() - model.oldest()) + 1);
    int shift = dice.below(3) - 1;
    return new Step(
        "asOf version " + version + " " + shift + " microseconds",
        state -> Outcome.of(state.asOf(time(state, version).plus(shift, ChronoUnit.MICROS))),
        read -> {
          long found = shift < 0 ? version - 1 : version;
          if (version == 0) {
            return read.at(0);
          }
          if (found < read.oldest()) {
            throw new Refusal("StateRollbackException", read.oldest() - 1, read.oldest());
          }
          return read.at(found);
        });
  }

  private static Instant time(State<JsonNode> state, long version) {
    Snapshot<JsonNode> snapshot = state.at(version);
    // Before the first version of all.
    return snapshot.changedAt().orElse(Instant.EPOCH);
  }

  private Step history(Model model) {
    Filter filter = filter(model);
    return new Step(
        "history " + filter,
        state -> lines(allPages(state, filter.query())),
        read ->
            lines(read.history().stream().filter(filter).sorted(NEWEST_FIRST).toList()));
  }

  private Filter filter(Model model) {
    long width = dice.below(60);
    long first = dice.below((int) model.version() + 1);
    return new Filter(
        dice.oneIn(3) ? Optional.of(dice.anyKey()) : Optional.empty(),
        dice.oneIn(4) ? Optional.ofNullable(dice.actor()) : Optional.empty(),
        first,
        first + width,
        1 + dice.below(30));
  }

  static List<Change<JsonNode>> allPages(State<JsonNode> state, History query) {
    List<Change<JsonNode>> changes = new ArrayList<>();
    Optional<History> next = Optional.of(query);
    while (next.isPresent()) {
      HistoryPage<JsonNode> page = state.history(next.get());
      changes.addAll(page.changes());
      next = page.next();
    }
    return changes;
  }

  static String lines(List<Change<JsonNode>> changes) {
    return String.join("\n", changes.stream().map(Outcome::of).toList());
  }

  /** All of history, and that every old value is the new value before. */
  static Step wholeHistory() {
    return new Step(
        "all of history",
        state -> {
          List<Change<JsonNode>> changes = allPages(state, History.all().limit(1000));
          requireLinked(changes);
          return lines(changes);
        },
        model -> lines(model.history().stream().sorted(NEWEST_FIRST).toList()));
  }

  private static void requireLinked(List<Change<JsonNode>> newestFirst) {
    LinkedHashMap<String, String> expected = new LinkedHashMap<>();
    for (Change<JsonNode> change : newestFirst) {
      String after = Outcome.text(change.after());
      String wanted = expected.put(change.key(), Outcome.text(change.before()));
      if (wanted != null && !wanted.equals(after)) {
        throw new AssertionError("Version " + change.version() + " of " + change.key() + " left "
            + after + ", but the next change of it found " + wanted);
      }
    }
  }

  private record Filter(
      Optional<String> key, Optional<String> actor, long first, long last, int limit)
      implements Predicate<Change<JsonNode>> {

    History query() {
      History query = key.map(History::of).orElse(History.all());
      return actor.map(query::by).orElse(query).versions(first, last).limit(limit);
    }

    @Override
    public boolean test(Change<JsonNode> change) {
      return key.map(change.key()::equals).orElse(true)
          && actor.equals(actor.isEmpty() ? actor : change.actor())
          && change.version() >= first
          && change.version() <= last;
    }
  }
}
