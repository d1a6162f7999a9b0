package dev.holdfast.store.history;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One page of history, newest change first; within a version, keys in bytewise order backwards. Immutable.
 *
 * @param changes the changes of this page
 * @param nextQuery the query for the next page, null when this is the last one
 */
public record HistoryPage<V>(
    List<Change<V>> changes, @Nullable History nextQuery) implements Iterable<Change<V>> {

  /** Copies the list. */
  public HistoryPage {
    changes = List.copyOf(changes);
  }

  /** The query for the next, older page; empty when this is the last one. */
  public Optional<History> next() {
    return Optional.ofNullable(nextQuery);
  }

  @Override
  public Iterator<Change<V>> iterator() {
    return changes.iterator();
  }
}
