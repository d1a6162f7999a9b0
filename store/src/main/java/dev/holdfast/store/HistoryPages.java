package dev.holdfast.store;

import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.internal.ChangeRow;
import dev.holdfast.store.internal.StoredChange;
import dev.holdfast.store.json.Codec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns stored records of history into pages of typed changes. Immutable. */
final class HistoryPages<V> {

  private final Codec<V> codec;

  HistoryPages(Codec<V> codec) {
    this.codec = codec;
  }

  /** A page of what was read for a query, which is one more than the page holds when there is another page. */
  HistoryPage<V> page(History query, List<StoredChange> stored) {
    boolean more = stored.size() > query.limit();
    List<Change<V>> changes = stored.subList(0, Math.min(stored.size(), query.limit())).stream()
        .map(this::change)
        .toList();
    return new HistoryPage<>(changes, more ? query.after(changes.get(changes.size() - 1)) : null);
  }

  private Change<V> change(StoredChange stored) {
    ChangeRow row = stored.row();
    return new Change<>(
        row.version(),
        row.key(),
        row.operation(),
        versioned(row.key(), stored.before(), stored.beforeVersion().orElse(0L)),
        versioned(row.key(), stored.after(), row.version()),
        row.origin());
  }

  private @Nullable Versioned<V> versioned(String key, @Nullable String json, long version) {
    return json == null ? null : new Versioned<>(Decoder.decode(codec, key, json), version);
  }
}
