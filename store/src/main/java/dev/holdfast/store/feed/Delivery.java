package dev.holdfast.store.feed;

import dev.holdfast.store.feed.ChangeEvent.KeyChange;
import dev.holdfast.store.feed.ChangeEvent.Kind;
import dev.holdfast.store.internal.FeedStore.Row;
import dev.holdfast.store.internal.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * An event on its way.
 *
 * @param stateUuid the state as stored
 * @param event what the handler gets
 * @param xid the transaction that wrote it
 */
record Delivery(UUID stateUuid, ChangeEvent event, long xid) {

  /** Puts the rows of each change set together; they come one after the other. */
  static List<Delivery> of(List<Row> rows, ChangeFilter filter) {
    List<Delivery> deliveries = new ArrayList<>();
    int from = 0;
    while (from < rows.size()) {
      int to = from + 1;
      while (to < rows.size() && isSameSet(rows.get(from), rows.get(to))) {
        to++;
      }
      ChangeEvent event = event(rows.subList(from, to));
      if (filter.matches(event)) {
        deliveries.add(
            new Delivery(rows.get(from).stateUuid(), event, rows.get(from).xid()));
      }
      from = to;
    }
    return deliveries;
  }

  private static boolean isSameSet(Row a, Row b) {
    return a.version() == b.version() && a.stateUuid().equals(b.stateUuid());
  }

  private static ChangeEvent event(List<Row> rows) {
    Row first = rows.get(0);
    return new ChangeEvent(
        first.state(),
        first.version(),
        first.origin().changedAt(),
        first.origin().transactionId(),
        rows.stream().map(Delivery::change).toList());
  }

  private static KeyChange change(Row row) {
    return new KeyChange(row.key(), row.operation(), row.origin(), kind(row.form()), row.payload());
  }

  private static Kind kind(Form form) {
    return switch (form) {
      case VALUE -> Kind.VALUE;
      case APPEND -> Kind.APPENDED;
      case PATCH -> Kind.PATCHED;
      case REFERENCE -> Kind.RESTORED;
      case NONE -> Kind.REMOVED;
    };
  }
}
