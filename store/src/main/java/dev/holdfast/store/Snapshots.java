package dev.holdfast.store;

import dev.holdfast.store.internal.Reader.VersionAt;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.json.Codec;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads snapshots of one state and remembers the newest one. The remembered one is handed out again only after the database said that its
 * version still is the newest, in the same round trip that would bring the values otherwise. Safe for use by multiple threads.
 */
final class Snapshots<V> {

  private static final long NONE = -1;

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

  Snapshot<V> newest() {
    Snapshot<V> known = last;
    Optional<StoredSnapshot> stored =
        access.snapshot(Long.MAX_VALUE, known == null ? NONE : known.version());
    long version = stored.map(StoredSnapshot::newest).orElse(0L);
    if (known != null && known.version() == version) {
      counters.snapshotHit();
      return known;
    }
    counters.snapshotMiss();
    Snapshot<V> fresh =
        snapshot(version, stored.map(StoredSnapshot::newestAt).orElse(null), stored);
    remember(fresh);
    return fresh;
  }

  private void remember(Snapshot<V> fresh) {
    Snapshot<V> known = last;
    if (remembers && (known == null || known.version() < fresh.version())) {
      last = fresh;
    }
  }

  Snapshot<V> at(long version) {
    Optional<StoredSnapshot> stored = access.snapshot(version, NONE);
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
