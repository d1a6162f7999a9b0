package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.internal.OwnVersions.Later;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Undoes steps: every key that a step changed gets the value it had before, as a new version, unless somebody else has changed it since.
 * A step of the same effect transaction that is kept is somebody else, too; one that was to be undone as well is not, and neither is its
 * undoing. Steps are undone in any order: branches commit in another order than they stand in, and what failed is undone later. So a key that
 * was given a value from before the step already is left as it is. Safe for use by multiple threads.
 */
final class StepRestorer {

  private static final String ACTOR = "holdfast";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final StateStore states;
  private final Predicate<JournaledOperation> beingUndone;

  /**
   * Restores as part of a rollback.
   *
   * @param beingUndone which operations that rollback undoes, whether it has come to them or not
   */
  StepRestorer(StateStore states, Predicate<JournaledOperation> beingUndone) {
    this.states = states;
    this.beingUndone = beingUndone;
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
    Map<StateId, OwnVersions> own = OwnVersions.byState(all, beingUndone);
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
            restore(state, written, Objects.requireNonNull(own.get(written.state())));
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

  private static void restore(State<JsonNode> state, WrittenState written, OwnVersions own) {
    long now = state.version();
    List<Change<JsonNode>> step =
        all(state, History.all().versions(written.version(), written.version()));
    if (step.isEmpty()) {
      throw new ChangedSinceException(
          written.state(), "its version " + written.version() + " was cleared from history");
    }
    Changes<JsonNode> changes = Changes.none();
    for (Change<JsonNode> change : step) {
      if (isToRestore(state, change, own, now)) {
        Versioned<JsonNode> before = before(state, change, own);
        changes = before == null
            ? changes.andDelete(change.key())
            : changes.andSet(change.key(), before.value());
      }
    }
    if (!changes.isEmpty()) {
      state.compareAndSet(now, changes);
    }
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

  /**
   * Not when the key has a value from before the step already, whatever came after that. Of the later versions the first that is not harmless
   * decides; history tells the newest first.
   */
  private static boolean isToRestore(
      State<JsonNode> state, Change<JsonNode> change, OwnVersions own, long now) {
    if (now == change.version()) {
      return true;
    }
    Later decisive = Later.HARMLESS;
    long version = now;
    Optional<History> next =
        Optional.of(History.of(change.key()).versions(change.version() + 1, now));
    while (next.isPresent()) {
      HistoryPage<JsonNode> page = state.history(next.get());
      for (Change<JsonNode> each : page) {
        Later later = own.later(each.version(), change.version());
        if (later != Later.HARMLESS) {
          decisive = later;
          version = each.version();
        }
      }
      next = page.next();
    }
    if (decisive == Later.STAYS) {
      throw new ChangedSinceException(
          state.id(),
          "version " + version + " changed a key that version " + change.version()
              + " had changed");
    }
    return decisive == Later.HARMLESS;
  }

  /** What the key had before the step, and before those of the steps before it that were restored since: that may have needed no version. */
  private static @Nullable Versioned<JsonNode> before(
      State<JsonNode> state, Change<JsonNode> change, OwnVersions own) {
    Change<JsonNode> oldest = change;
    while (own.hasRestoredBelow(oldest.version())) {
      Optional<Change<JsonNode>> undone = newest(state, change.key(), 1, oldest.version() - 1)
          .flatMap(previous -> own.restored(previous.version()))
          .flatMap(version -> newest(state, change.key(), version, version));
      if (undone.isEmpty()) {
        break;
      }
      oldest = undone.get();
    }
    return oldest.before();
  }

  private static Optional<Change<JsonNode>> newest(
      State<JsonNode> state, String key, long first, long last) {
    return state.history(History.of(key).versions(first, last).limit(1)).changes().stream()
        .findFirst();
  }
}
