package dev.holdfast.integration.linearizable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of all calls that respects real time and that a plain map explains, by trying (Wing and Gong): exponential, and so
 * simple that it can be believed. For small histories without writes in doubt. Confined to one thread.
 */
final class OrderSearch {

  private final ReplayedLog log;

  private OrderSearch(ReplayedLog log) {
    this.log = log;
  }

  static boolean isLinearizable(Recording history) {
    return new OrderSearch(new ReplayedLog(history.log()))
        .isExplained(history.observations(), 0, Map.of(), Map.of());
  }

  private boolean isExplained(
      List<Observation> left,
      long version,
      Map<String, @Nullable Long> content,
      Map<String, Long> wroteKey) {
    return left.isEmpty()
        || left.stream()
            .filter(call -> left.stream().noneMatch(o -> o.returned() < call.invoked()))
            .anyMatch(call -> isNext(call, left, version, content, wroteKey));
  }

  private boolean isNext(
      Observation call,
      List<Observation> left,
      long version,
      Map<String, @Nullable Long> content,
      Map<String, Long> wroteKey) {
    List<Observation> rest = new ArrayList<>(left);
    rest.remove(call);
    if (call.kind() != Observation.Kind.WROTE) {
      return isRight(call, version, content, wroteKey)
          && isExplained(rest, version, content, wroteKey);
    }
    long made = log.versionsOf(call.call()).get(0);
    Map<String, @Nullable Long> after = new TreeMap<>(content);
    after.putAll(call.values());
    Map<String, Long> wroteAfter = new TreeMap<>(wroteKey);
    call.values().keySet().forEach(key -> wroteAfter.put(key, made));
    return made == version + 1
        && agrees(call.before(), content)
        && isExplained(rest, made, after, wroteAfter);
  }

  private static boolean isRight(
      Observation read,
      long version,
      Map<String, @Nullable Long> content,
      Map<String, Long> wroteKey) {
    return switch (read.kind()) {
      case READ_VERSION -> read.version() == version;
      case READ_ALL -> read.version() == version && read.values().equals(content);
      case READ_KEYS -> agrees(read.values(), content);
      case FOUND_KEY ->
        agrees(read.values(), content)
            && read.values().keySet().stream()
                .allMatch(key -> wroteKey.getOrDefault(key, Observation.UNTOLD) == read.version());
      case WROTE, REFUSED, IN_DOUBT -> throw new IllegalArgumentException(read.toString());
    };
  }

  private static boolean agrees(
      Map<String, @Nullable Long> part, Map<String, @Nullable Long> whole) {
    return part.entrySet().stream()
        .allMatch(one -> Objects.equals(whole.get(one.getKey()), one.getValue()));
  }
}
