package dev.holdfast.store.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Values folded from ranges of rows, one statement for each state that has some of the rows. Rows that several values need, such as a long
 * array that each of twenty changes appended to, are read once and folded once, step by step.
 *
 * <p>The ranges were found by an earlier statement, and retention may have removed rows since. A row that is removed takes all versions that
 * it belonged to out of reach, so the earlier statement would not find it any more: when the last row of a range is missing, {@link #isWhole}
 * says so, and the caller begins again. When it is there, so is everything that it is folded from. Confined to one thread.
 */
final class FoldedRanges {

  /** How often a reader begins again; each time retention has to overtake it once more. */
  private static final int ATTEMPTS = 10;

  private final Map<Range, @Nullable String> values = new HashMap<>();
  private boolean whole = true;

  private FoldedRanges() {}

  /** Reads and folds; does no I/O when there is nothing to read. */
  static FoldedRanges read(Connection connection, String sql, Collection<Range> ranges)
      throws SQLException {
    FoldedRanges result = new FoldedRanges();
    if (ranges.isEmpty()) {
      return result;
    }
    Map<UUID, List<Range>> byState =
        ranges.stream().distinct().collect(Collectors.groupingBy(Range::state));
    for (Map.Entry<UUID, List<Range>> entry : byState.entrySet()) {
      List<Range> ofState = entry.getValue();
      result.fold(ofState, fetch(connection, sql, entry.getKey(), merge(ofState)));
    }
    return result;
  }

  /** One range for all that begin at the same whole value. */
  private static List<Range> merge(List<Range> ranges) {
    Map<Range, Range> longest = new HashMap<>();
    for (Range range : ranges) {
      longest.merge(range.start(), range, (a, b) -> a.high >= b.high ? a : b);
    }
    return List.copyOf(longest.values());
  }

  private static Map<String, NavigableMap<Long, Row>> fetch(
      Connection connection, String sql, UUID state, List<Range> ranges) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Binder.of(statement)
          .texts(ranges, Range::key)
          .numbers(ranges, Range::low)
          .numbers(ranges, Range::high)
          .uuid(state);
      try (ResultSet rows = statement.executeQuery()) {
        return readRows(rows);
      }
    }
  }

  private static Map<String, NavigableMap<Long, Row>> readRows(ResultSet rows) throws SQLException {
    Map<String, NavigableMap<Long, Row>> byKey = new HashMap<>();
    while (rows.next()) {
      byKey
          .computeIfAbsent(rows.getString(1), key -> new TreeMap<>())
          .put(rows.getLong(2), new Row(Form.ofSqlName(rows.getString(3)), rows.getString(4)));
    }
    return byKey;
  }

  private void fold(List<Range> ranges, Map<String, NavigableMap<Long, Row>> rows) {
    ranges.stream()
        .collect(Collectors.groupingBy(Range::start, Collectors.toCollection(ArrayList::new)))
        .forEach((start, chain) -> foldChain(chain, rows.getOrDefault(start.key, new TreeMap<>())));
  }

  /** Ranges that begin at the same whole value: each goes on where the one before it ended. */
  private void foldChain(List<Range> chain, NavigableMap<Long, Row> rows) {
    chain.sort(Comparator.comparingLong(Range::high));
    Fold fold = new Fold();
    long from = chain.get(0).low;
    for (Range range : chain) {
      if (!rows.containsKey(range.high)) {
        whole = false;
        return;
      }
      rows.subMap(from, true, range.high, true)
          .values()
          .forEach(row -> fold.add(row.form, row.payload));
      values.put(range, fold.result());
      from = range.high + 1;
    }
  }

  /** Whether every range was still there. */
  boolean isWhole() {
    return whole;
  }

  /** The value at the end of a range, null when the key was absent. */
  @Nullable
  String value(Range range) {
    return values.get(range);
  }

  /** Repeats a read of several statements until retention did not overtake it. */
  static <T> T untilWhole(Attempt<T> attempt) throws SQLException {
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<T> result = attempt.run();
      if (result.isPresent()) {
        return result.get();
      }
    }
    throw Fold.damaged("rows that are referred to are missing");
  }

  /** A read of several statements. */
  interface Attempt<T> {

    /** Empty when retention removed rows between the statements. */
    Optional<T> run() throws SQLException;
  }

  /** The rows of a key from one version to another, and so the value at the last of them. */
  record Range(UUID state, String key, long low, long high) {

    private Range start() {
      return new Range(state, key, low, low);
    }
  }

  private record Row(Form form, @Nullable String payload) {}
}
