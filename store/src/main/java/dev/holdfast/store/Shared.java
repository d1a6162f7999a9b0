package dev.holdfast.store;

import dev.holdfast.store.cache.ReadMode;
import dev.holdfast.store.json.Codec;
import org.jspecify.annotations.Nullable;

/** What all views of one state object share. Safe for use by multiple threads if its access is. */
final class Shared<V> {

  final StateId id;
  final Core core;
  final Codec<V> codec;
  final Access access;
  final Counters counters;
  final Encoder<V> encoder;
  final Edits<V> edits;
  final Outcomes outcomes;
  final Snapshots<V> snapshots;
  final Reads<V> strict;
  private volatile @Nullable Reads<V> cached;

  Shared(StateId id, Core core, Codec<V> codec, Access access, Counters counters) {
    this.id = id;
    this.core = core;
    this.codec = codec;
    this.access = access;
    this.counters = counters;
    this.encoder = new Encoder<>(id, codec, core.limits(), core.rules());
    this.edits = new Edits<>(id, codec, encoder, core.writer().deltasPerSnapshot());
    this.outcomes = new Outcomes(id, counters);
    this.snapshots = new Snapshots<>(
        id, access, codec, counters, core.keepsSnapshots() && access.readsWhatIsCommitted());
    this.strict = new StrictReads<>(id, access, codec, counters, snapshots);
  }

  /** Reads that are as current as a mode asks for. Within a transaction, and without a cache, they all come from the database. */
  Reads<V> reads(ReadMode mode) {
    if (!mode.isCached() || !access.readsWhatIsCommitted()) {
      return strict;
    }
    return mode.minimumVersion() == 0
        ? cached()
        : new CachedReads<>(this, strict, mode.minimumVersion());
  }

  private Reads<V> cached() {
    Reads<V> known = cached;
    if (known == null) {
      known = new CachedReads<>(this, strict, 0);
      cached = known;
    }
    return known;
  }

  /** Of a state whose calls are transactions of their own. */
  static <V> Shared<V> pooled(StateId id, Core core, Codec<V> codec) {
    Counters counters = new Counters(core.counters());
    Access access = ObservedAccess.of(core.activities(), id, new PooledAccess(id, core, counters));
    return new Shared<>(id, core, codec, access, counters);
  }
}
