package dev.holdfast.store.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of one page of history. Rows that several changes need, such as a long array that each of twenty changes appended to, are read
 * once and folded once, step by step. Confined to one thread.
 */
final class HistoryValues {

  private final Map<Place, @Nullable String> values = new HashMap<>();

  private HistoryValues() {}

  static HistoryValues read(Connection connection, String sql, UUID state, List<ChangeRow> changes)
      throws SQLException {
    HistoryValues result = new HistoryValues();
    List<Place> places =
        changes.stream().flatMap(HistoryValues::places).distinct().toList();
    if (!places.isEmpty()) {
      result.fold(places, fetch(connection, sql, state, merge(places)));
    }
    return result;
  }

  private static Stream<Place> places(ChangeRow change) {
    return Stream.concat(change.after().stream(), change.before().stream())
        .map(link -> new Place(change.key(), link.low(), link.high()));
  }

  /** One range for all places of a key that begin at the same whole value. */
  private static List<Place> merge(List<Place> places) {
    Map<Place, Place> longest = new HashMap<>();
    for (Place place : places) {
      longest.merge(
          new Place(place.key, place.low, place.low), place, (a, b) -> a.high >= b.high ? a : b);
    }
    return List.copyOf(longest.values());
  }

  private static Map<String, NavigableMap<Long, Row>> fetch(
      Connection connection, String sql, UUID state, List<Place> ranges) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      Binder.of(statement)
          .texts(ranges, Place::key)
          .numbers(ranges, Place::low)
          .numbers(ranges, Place::high)
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

  private void fold(List<Place> places, Map<String, NavigableMap<Long, Row>> rows) {
    Map<Place, List<Place>> byBase = new HashMap<>();
    for (Place place : places) {
      byBase
          .computeIfAbsent(new Place(place.key, place.low, place.low), base -> new ArrayList<>())
          .add(place);
    }
    byBase.forEach((base, chain) -> foldChain(chain, rows.getOrDefault(base.key, new TreeMap<>())));
  }

  /** Places that begin at the same whole value: each goes on where the one before it ended. */
  private void foldChain(List<Place> chain, NavigableMap<Long, Row> rows) {
    chain.sort(Comparator.comparingLong(Place::high));
    Fold fold = new Fold();
    long from = chain.get(0).low;
    for (Place place : chain) {
      rows.subMap(from, true, place.high, true)
          .values()
          .forEach(row -> fold.add(row.form, row.payload));
      values.put(place, fold.result());
      from = place.high + 1;
    }
  }

  StoredChange complete(ChangeRow change) {
    return new StoredChange(
        change, value(change.key(), change.after()), value(change.key(), change.before()));
  }

  private @Nullable String value(String key, Optional<Link> link) {
    return link.map(at -> values.get(new Place(key, at.low(), at.high()))).orElse(null);
  }

  /** The rows of a key from one version to another, and so the value at the last of them. */
  private record Place(String key, long low, long high) {}

  private record Row(Form form, @Nullable String payload) {}
}
