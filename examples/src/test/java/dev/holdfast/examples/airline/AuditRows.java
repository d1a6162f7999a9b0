package dev.holdfast.examples.airline;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.holdfast.examples.airline.AuditJournal.Entry;
import dev.holdfast.store.json.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the expected answers are made of: groups of entries, and rows as they are compared. */
final class AuditRows {

  private static final int DIGEST = 40;

  private AuditRows() {}

  static @Nullable JsonNode after(@Nullable Entry entry) {
    return entry == null ? null : entry.after();
  }

  static String digest(String text) {
    return text.codePointCount(0, text.length()) <= DIGEST
        ? text
        : text.substring(0, text.offsetByCodePoints(0, DIGEST));
  }

  static Duration longestPause(List<Instant> times) {
    Duration longest = Duration.ZERO;
    for (int i = 1; i < times.size(); i++) {
      Duration pause = Duration.between(times.get(i - 1), times.get(i));
      longest = pause.compareTo(longest) > 0 ? pause : longest;
    }
    return longest;
  }

  static List<List<Entry>> byActor(Stream<Entry> entries) {
    return List.copyOf(
        entries.collect(groupingBy(e -> String.valueOf(e.actor()))).values());
  }

  static List<List<Entry>> bySet(Stream<Entry> entries) {
    return List.copyOf(
        entries.collect(groupingBy(e -> List.of(e.id(), e.version()))).values());
  }

  static Instant first(List<Entry> entries) {
    return entries.stream().map(Entry::at).min(Comparator.naturalOrder()).orElseThrow();
  }

  static Instant last(List<Entry> entries) {
    return entries.stream().map(Entry::at).max(Comparator.naturalOrder()).orElseThrow();
  }

  static long states(List<Entry> entries) {
    return distinct(entries.stream().map(Entry::id));
  }

  static long distinct(Stream<?> values) {
    return values.distinct().collect(counting());
  }

  static long bytes(List<Entry> entries) {
    return entries.stream().mapToLong(e -> bytes(e.payload())).sum();
  }

  static long bytes(@Nullable JsonNode json) {
    return json == null ? 0 : Json.write(json).getBytes(StandardCharsets.UTF_8).length;
  }

  static BigDecimal number(@Nullable JsonNode json) {
    return json == null ? BigDecimal.ZERO : json.decimalValue();
  }

  static String text(Entry entry, String member) {
    JsonNode value = Objects.requireNonNull(entry.after()).path(member);
    return value.isContainer() ? Json.write(value) : value.asString("");
  }

  static List<List<Object>> rows(Stream<List<Object>> rows) {
    return rows.toList();
  }

  /** A row as it is compared. */
  static List<Object> row(@Nullable Object... cells) {
    return Arrays.stream(cells).map(AuditRows::cell).toList();
  }

  /** A value as it is compared: numbers without trailing zeros, JSON in canonical form, a word for null. */
  static Object cell(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    if (value instanceof JsonNode tree) {
      return "json " + Json.canonical(tree);
    }
    return value instanceof Number number
        ? new BigDecimal(number.toString()).stripTrailingZeros()
        : value;
  }

  /**
   * Some time that the library does not tell.
   *
   * @param low not before
   * @param high not after
   */
  record Between(Instant low, Instant high) {

    boolean holds(Object time) {
      return time instanceof Instant instant && !instant.isBefore(low) && !instant.isAfter(high);
    }
  }
}
