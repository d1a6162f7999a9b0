package dev.holdfast.store;

import dev.holdfast.store.internal.Backoff;
import dev.holdfast.store.internal.ChangeSet;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Engine.InDoubtException;
import dev.holdfast.store.internal.SqlWork;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.WriteOutcome;
import dev.holdfast.store.internal.WriteOutcome.Moved;
import dev.holdfast.store.internal.WriteOutcome.NeedsFold;
import dev.holdfast.store.internal.WriteOutcome.Unchanged;
import dev.holdfast.store.internal.WriteOutcome.Written;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the change sets of one state. An append that the database cannot store as a delta, because the array lies behind a patch or a
 * rollback, is read, joined and sent as a whole value guarded by the version that was read. Safe for use by multiple threads.
 */
final class Sender {

  private final StateId id;
  private final UUID uuid;
  private final Core core;
  private final Counters counters;

  Sender(StateId id, Core core, Counters counters) {
    this.id = id;
    this.uuid = id.uuid();
    this.core = core;
    this.counters = counters;
  }

  UUID uuid() {
    return uuid;
  }

  ChangeSet changeSet(Author author, @Nullable Long expectedVersion, List<Item> items) {
    return new ChangeSet(id, uuid, author, core.ids().get(), expectedVersion, items);
  }

  /** Sends a change set; what comes back is never {@link NeedsFold}. */
  WriteOutcome send(ChangeSet wanted) {
    Backoff backoff = core.retries().backoff();
    ChangeSet set = wanted;
    boolean folded = false;
    while (true) {
      WriteOutcome outcome = sendOnce(set);
      if (outcome instanceof NeedsFold needsFold) {
        set = folded(set, needsFold.key());
        folded = true;
      } else if (folded
          && outcome instanceof Moved moved
          && moved.key() != null
          && backoff.pause()) {
        counters.conflict();
        set = wanted;
        folded = false;
      } else {
        return outcome;
      }
    }
  }

  private WriteOutcome sendOnce(ChangeSet set) {
    WriteOutcome outcome = resolved(set, () -> core.writes().write(set));
    if (outcome instanceof Written written) {
      core.cache().wrote(uuid, written.version(), set.items());
      counters.set(set.items().size());
    } else if (outcome instanceof Moved moved) {
      core.cache().saw(uuid, moved.actual());
    } else if (outcome instanceof Unchanged unchanged) {
      core.cache().saw(uuid, unchanged.version());
    }
    return outcome;
  }

  /** Runs a write that is not a list of items. */
  WriteOutcome run(ChangeSet set, SqlWork<WriteOutcome> work) {
    WriteOutcome outcome = resolved(set, () -> core.engine().write(set, work));
    if (outcome instanceof Written written) {
      core.cache().wrote(uuid, written.version(), null);
    }
    return outcome;
  }

  private WriteOutcome resolved(ChangeSet set, Supplier<WriteOutcome> write) {
    try {
      return write.get();
    } catch (InDoubtException e) {
      throw new AmbiguousCommitException(
          id, set.transactionId(), Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  private ChangeSet folded(ChangeSet set, String key) {
    List<Item> items = set.items().stream()
        .map(item -> item.key().equals(key) ? whole(item) : item)
        .toList();
    return new ChangeSet(id, uuid, set.author(), set.transactionId(), set.expectedVersion(), items);
  }

  private Item whole(Item append) {
    Optional<StoredEntry> entry =
        core.engine().read(id, connection -> core.reader().entry(connection, uuid, append.key()));
    long read = entry.map(StoredEntry::version).orElse(0L);
    // An append that has a guard was checked against that version, whatever was written since.
    return Appends.whole(id, append, entry.map(StoredEntry::json).orElse(null))
        .guardedBy(append.guard() == null ? read : append.guard());
  }
}
