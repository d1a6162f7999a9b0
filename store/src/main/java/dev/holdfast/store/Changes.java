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

/**
 * Several changes to be written as one change set. Immutable: every method returns a new object. A key can occur once.
 *
 * <p>Mutable values are encoded when the changes are written, not when they are added here.
 *
 * @param <V> the Java type of the state's values
 */
public final class Changes<V> {

  private final Map<String, Item<V>> items;

  private Changes(Map<String, Item<V>> items) {
    this.items = Collections.unmodifiableMap(items);
  }

  /** No change. */
  public static <V> Changes<V> none() {
    return new Changes<>(Map.of());
  }

  /** Sets a key. */
  public static <V> Changes<V> set(String key, @Nullable V value) {
    return Changes.<V>none().andSet(key, value);
  }

  /** Removes a key; nothing when it is absent. */
  public static <V> Changes<V> delete(String key) {
    return Changes.<V>none().andDelete(key);
  }

  /** Appends elements to the array under a key; an absent key counts as an empty array. */
  public static <V> Changes<V> append(String key, @Nullable Object... elements) {
    return Changes.<V>none().andAppend(key, elements);
  }

  /** Sets every key of a map. */
  public static <V> Changes<V> setAll(Map<String, ? extends @Nullable V> values) {
    Map<String, Item<V>> items = new LinkedHashMap<>();
    values.forEach((key, value) -> items.put(key, new SetItem<>(value)));
    return new Changes<>(items);
  }

  /**
   * These changes, and a key set.
   *
   * @throws HoldfastException when the key occurs already
   */
  public Changes<V> andSet(String key, @Nullable V value) {
    return and(key, new SetItem<>(value));
  }

  /**
   * These changes, and a key removed.
   *
   * @throws HoldfastException when the key occurs already
   */
  public Changes<V> andDelete(String key) {
    return and(key, new DeleteItem<>());
  }

  /**
   * These changes, and elements appended.
   *
   * @throws HoldfastException when the key occurs already
   */
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
    return new Changes<>(more);
  }

  /** Whether there is no change. */
  public boolean isEmpty() {
    return items.isEmpty();
  }

  Map<String, Item<V>> items() {
    return items;
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
