package dev.holdfast.store;

import dev.holdfast.store.internal.Reader.Span;
import dev.holdfast.store.internal.Reader.VersionAt;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.json.Codec;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads snapshots of one state and remembers the newest one. The database is asked what has changed since then, so a snapshot costs by what has
 * changed and not by what is there; the remembered one is handed out again when nothing has. Safe for use by multiple threads.
 */
final class Snapshots<V> {

  /** Looked at in a few milliseconds; a state of which more has changed is as well read as a whole, twice. */
  private static final int MOST_CHANGES_TO_COMPARE = 5_000;

  private final StateId id;
  private final Access access;
  private final Codec<V> codec;
  private final Counters counters;
  private final boolean remembers;
  private volatile @Nullable Snapshot<V> last;

  Snapshots(StateId id, Access access, Codec<V> codec, Counters counters, boolean remembers) {
    this.id = id;
    this.access = access;
    this.codec = codec;
    this.counters = counters;
    this.remembers = remembers;
  }

  @SuppressWarnings("ReferenceEquality") // The very snapshot is meant.
  Snapshot<V> newest() {
    Snapshot<V> known = last;
    Snapshot<V> newest = known == null ? read() : followed(known).orElseGet(this::read);
    if (newest == known) {
      counters.snapshotHit();
      return newest;
    }
    counters.snapshotMiss();
    if (remembers && newest.version() > 0) {
      last = newest;
    }
    return newest;
  }

  /** What has become of a snapshot; empty when the database cannot tell. */
  private Optional<Snapshot<V>> followed(Snapshot<V> known) {
    return access
        .changed(Span.since(known.version(), known.size()))
        .filter(changed -> known.changedAt().equals(Optional.ofNullable(changed.versionAt())))
        .map(changed -> changed.newest() == known.version() ? known : known.plus(changed));
  }

  private Snapshot<V> read() {
    Optional<StoredSnapshot> stored = access.snapshot(Long.MAX_VALUE);
    return snapshot(
        stored.map(StoredSnapshot::newest).orElse(0L),
        stored.map(StoredSnapshot::newestAt).orElse(null),
        stored);
  }

  /** What the keys that changed between two versions had at both; all keys where that cannot be told, or is more than reading all. */
  StateDiff diff(long from, long to) {
    Optional<StoredSnapshot> before = changed(from, to, from);
    Optional<StoredSnapshot> after = before.isEmpty() ? before : changed(from, to, to);
    if (before.isEmpty() || after.isEmpty()) {
      return Differ.diff(from, at(from).entries(), to, at(to).entries());
    }
    return Differ.diff(from, before.get().entries(), to, after.get().entries());
  }

  private Optional<StoredSnapshot> changed(long from, long to, long version) {
    return access.readsWhatIsCommitted()
        ? access
            .changed(
                new Span(Math.min(from, to), Math.max(from, to), version, MOST_CHANGES_TO_COMPARE))
            .filter(changed -> changed.newest() >= Math.max(from, to))
        : Optional.empty();
  }

  Snapshot<V> at(long version) {
    Optional<StoredSnapshot> stored = access.snapshot(version);
    long newest = stored.map(StoredSnapshot::newest).orElse(0L);
    long oldest = stored.map(StoredSnapshot::oldest).orElse(0L);
    if (version > newest) {
      throw new StateVersionException(id, newest, version);
    }
    if (version < oldest && !access.isTagged(version)) {
      throw new StateRollbackException(id, version, oldest);
    }
    return snapshot(version, stored.map(StoredSnapshot::versionAt).orElse(null), stored);
  }

  private Snapshot<V> snapshot(
      long version, @Nullable Instant at, Optional<StoredSnapshot> stored) {
    return new Snapshot<>(
        id,
        version,
        version == 0 ? null : at,
        stored.map(StoredSnapshot::entries).orElse(Map.of()),
        codec);
  }

  Snapshot<V> asOf(Instant time) {
    VersionAt found = access.versionAt(time);
    if (found.cleared()) {
      throw new StateRollbackException(id, time, found.oldest());
    }
    return at(found.version());
  }
}
