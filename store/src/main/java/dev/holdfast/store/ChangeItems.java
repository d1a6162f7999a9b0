package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The one kind of {@link Changes}. */
final class ChangeItems<V> implements Changes<V> {

  private final Map<String, Item<V>> items;

  ChangeItems(Map<String, Item<V>> items) {
    this.items = Collections.unmodifiableMap(items);
  }

  @Override
  public Changes<V> andSet(String key, @Nullable V value) {
    return and(key, new SetItem<>(value));
  }

  @Override
  public Changes<V> andDelete(String key) {
    return and(key, new DeleteItem<>());
  }

  @Override
  public Changes<V> andAppend(String key, @Nullable Object... elements) {
    return and(key, new AppendItem<>(Arrays.asList(elements.clone())));
  }

  private Changes<V> and(String key, Item<V> item) {
    if (items.containsKey(key)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "Key \"" + Shown.key(key) + "\" occurs twice in one change set",
          Map.of("key", key),
          null);
    }
    Map<String, Item<V>> more = new LinkedHashMap<>(items);
    more.put(key, item);
    return new ChangeItems<>(more);
  }

  @Override
  public boolean isEmpty() {
    return items.isEmpty();
  }

  /** What is to happen to each key, in the order given. */
  static <V> Map<String, Item<V>> of(Changes<V> changes) {
    return ((ChangeItems<V>) changes).items;
  }

  @Override
  public String toString() {
    return items.entrySet().stream()
        .map(entry -> entry.getValue().verb() + " " + Shown.key(entry.getKey()))
        .collect(Collectors.joining(", ", "Changes[", "]"));
  }

  /** What happens to one key. */
  sealed interface Item<V> {
    String verb();
  }

  record SetItem<V>(@Nullable V value) implements Item<V> {
    @Override
    public String verb() {
      return "set";
    }
  }

  record DeleteItem<V>() implements Item<V> {
    @Override
    public String verb() {
      return "delete";
    }
  }

  record AppendItem<V>(Collection<? extends @Nullable Object> elements) implements Item<V> {
    @Override
    public String verb() {
      return "append";
    }
  }
}
