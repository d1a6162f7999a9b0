package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.Changes;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.State;
import dev.holdfast.store.StateId;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.Versioned;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.internal.Backoff;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;

/**
 * Undoes steps: every key that a step changed gets the value it had before, as a new version, unless somebody else has changed it since.
 * What counts as somebody else are versions that neither a step of the same effect transaction nor its undoing made. Safe for use by
 * multiple threads.
 */
final class StepRestorer {

  private static final String ACTOR = "holdfast";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final StateStore states;

  StepRestorer(StateStore states) {
    this.states = states;
  }

  /**
   * Restores in one database transaction.
   *
   * @param all operations of the effect transaction, the step among them
   * @param begin called at the start of each attempt
   * @param finish called within the database transaction at its end, with what was written; it may run several times
   * @throws ChangedSinceException when that is not possible; nothing was changed
   */
  void restore(
      EffectId effect,
      JournaledOperation step,
      List<JournaledOperation> all,
      Runnable begin,
      BiConsumer<Transaction, WrittenState[]> finish) {
    Map<StateId, Set<Long>> own = ownVersions(all);
    Backoff backoff = Backoff.between(Duration.ofMillis(1), Duration.ofMillis(100), PATIENCE);
    while (true) {
      try {
        states.transaction(options(effect), transaction -> {
          begin.run();
          for (WrittenState written : WrittenState.read(step.payload(Part.WRITTEN))) {
            State<JsonNode> state = transaction
                .state(written.namespace(), written.name())
                .by(ACTOR)
                .because("undoes step " + step.position() + " (" + step.name() + ") of " + effect);
            restore(state, written, own.getOrDefault(written.state(), Set.of()));
          }
          finish.accept(transaction, WrittenState.of(transaction.written()));
          return true;
        });
        return;
      } catch (HoldfastException e) {
        if (!isPassing(e) || !backoff.pause()) {
          throw e;
        }
      }
    }
  }

  /** Somebody wrote the state in between, so look again; or the database was gone, and nothing was written. */
  private static boolean isPassing(HoldfastException failure) {
    return switch (failure.code()) {
      case TRANSIENT, UNREACHABLE, LOCK_TIMEOUT -> true;
      default -> failure instanceof ConflictException;
    };
  }

  /** How steps are undone: what changes says of which effect transaction it is. */
  private static TransactionOptions options(EffectId effect) {
    return TransactionOptions.of(Isolation.READ_COMMITTED).effectId(effect.uuid());
  }

  private static Map<StateId, Set<Long>> ownVersions(List<JournaledOperation> all) {
    Map<StateId, Set<Long>> own = new HashMap<>();
    for (JournaledOperation operation : all) {
      for (Part part : List.of(Part.WRITTEN, Part.RESTORED)) {
        for (WrittenState written : WrittenState.read(operation.payload(part))) {
          own.computeIfAbsent(written.state(), state -> new HashSet<>()).add(written.version());
        }
      }
    }
    return own;
  }

  private static void restore(State<JsonNode> state, WrittenState written, Set<Long> own) {
    long now = state.version();
    Changes<JsonNode> changes = Changes.none();
    History step = History.all().versions(written.version(), written.version());
    for (Change<JsonNode> change : all(state, step)) {
      requireUnchanged(state, change, own, now);
      Versioned<JsonNode> before = change.before();
      changes = before == null
          ? changes.andDelete(change.key())
          : changes.andSet(change.key(), before.value());
    }
    if (changes.isEmpty()) {
      throw new ChangedSinceException(
          written.state(), "its version " + written.version() + " was cleared from history");
    }
    state.compareAndSet(now, changes);
  }

  private static List<Change<JsonNode>> all(State<JsonNode> state, History query) {
    List<Change<JsonNode>> all = new ArrayList<>();
    Optional<History> next = Optional.of(query);
    while (next.isPresent()) {
      HistoryPage<JsonNode> page = state.history(next.get());
      page.forEach(all::add);
      next = page.next();
    }
    return all;
  }

  private static void requireUnchanged(
      State<JsonNode> state, Change<JsonNode> change, Set<Long> own, long now) {
    if (now == change.version()) {
      return;
    }
    Optional<History> next =
        Optional.of(History.of(change.key()).versions(change.version() + 1, now));
    while (next.isPresent()) {
      HistoryPage<JsonNode> page = state.history(next.get());
      for (Change<JsonNode> later : page) {
        if (!own.contains(later.version())) {
          throw new ChangedSinceException(
              state.id(),
              "version " + later.version() + " changed a key that version " + change.version()
                  + " had changed");
        }
      }
      next = page.next();
    }
  }
}
