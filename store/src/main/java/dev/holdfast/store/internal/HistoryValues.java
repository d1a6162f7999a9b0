package dev.holdfast.store.internal;

import dev.holdfast.store.internal.FoldedRanges.Range;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of one page of history. Confined to one thread. */
final class HistoryValues {

  private final UUID state;
  private final FoldedRanges folded;

  private HistoryValues(UUID state, FoldedRanges folded) {
    this.state = state;
    this.folded = folded;
  }

  static HistoryValues read(Connection connection, String sql, UUID state, List<ChangeRow> changes)
      throws SQLException {
    List<Range> ranges =
        changes.stream().flatMap(change -> ranges(state, change)).toList();
    return new HistoryValues(state, FoldedRanges.read(connection, sql, ranges));
  }

  private static Stream<Range> ranges(UUID state, ChangeRow change) {
    return Stream.concat(change.after().stream(), change.before().stream())
        .filter(link -> link.whole() == null)
        .map(link -> link.range(state, change.key()));
  }

  boolean isWhole() {
    return folded.isWhole();
  }

  StoredChange complete(ChangeRow change) {
    return new StoredChange(
        change, value(change.key(), change.after()), value(change.key(), change.before()));
  }

  private @Nullable String value(String key, Optional<Link> link) {
    return link.map(at -> at.whole() == null ? folded.value(at.range(state, key)) : at.whole())
        .orElse(null);
  }
}
