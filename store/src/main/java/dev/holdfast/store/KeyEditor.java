package dev.holdfast.store;

import dev.holdfast.store.internal.Backoff;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Reader.Presence;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.WriteOutcome;
import dev.holdfast.store.internal.WriteOutcome.Moved;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Changes one key by a function of its value: reads the key, computes outside any transaction, and writes under the condition that the
 * key's newest row is still the one that was read. If it is not, all of it is repeated after a pause. Somebody's write always succeeds, so
 * the whole moves on; one caller gives up with a conflict after the store's contention timeout. Safe for use by multiple threads.
 */
final class KeyEditor {

  private final StateId id;
  private final Core core;
  private final Counters counters;
  private final Sender sender;
  private final Outcomes outcomes;

  KeyEditor(StateId id, Core core, Counters counters, Sender sender) {
    this.id = id;
    this.core = core;
    this.counters = counters;
    this.sender = sender;
    this.outcomes = new Outcomes(id, counters);
  }

  <R> Written<R> edit(
      Author author, String key, Function<Optional<StoredEntry>, Edit<R>> function) {
    Retries.Turn turn = core.retries().turn(id, key);
    try {
      return editUntilWritten(author, key, function);
    } finally {
      turn.end();
    }
  }

  private <R> Written<R> editUntilWritten(
      Author author, String key, Function<Optional<StoredEntry>, Edit<R>> function) {
    Backoff backoff = core.retries().backoff();
    while (true) {
      Optional<StoredEntry> entry = entry(key);
      long read = entry.map(StoredEntry::version).orElse(0L);
      Edit<R> edit = function.apply(entry.filter(StoredEntry::isPresent));
      Item item = edit.item();
      if (item == null) {
        return new Written<>(read, edit.result());
      }
      WriteOutcome outcome =
          sender.send(sender.changeSet(author, null, List.of(item.guardedBy(read))));
      if (!(outcome instanceof Moved) || !backoff.pause()) {
        return new Written<>(outcomes.version(outcome, 0), edit.result());
      }
      counters.conflict();
    }
  }

  Optional<StoredEntry> entry(String key) {
    Optional<StoredEntry> entry =
        core.engine().read(id, connection -> core.reader().entry(connection, sender.uuid(), key));
    saw(key, entry.map(StoredEntry::version).orElse(0L));
    return entry;
  }

  boolean has(String key) {
    Presence presence =
        core.engine().read(id, connection -> core.reader().has(connection, sender.uuid(), key));
    saw(key, presence.version());
    return presence.isThere();
  }

  /** A key that has no row, perhaps because retention removed it, tells no version: the state is asked where memory may show the key. */
  private void saw(String key, long version) {
    UUID state = sender.uuid();
    if (version > 0) {
      core.cache().saw(state, version);
    } else if (core.cache().mayShow(state, key)) {
      core.cache()
          .saw(
              state,
              core.engine().read(id, connection -> core.reader().version(connection, state)));
    }
  }

  /**
   * The outcome of an edit.
   *
   * @param version the new version of the state, or the one that had written the key when nothing was written
   * @param result what the edit's function made
   */
  record Written<R>(long version, R result) {}
}
