package dev.holdfast.store;

import dev.holdfast.error.HoldfastException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Several changes to be written as one change set. Immutable: every method returns a new object. A key can occur once.
 *
 * <p>Mutable values are encoded when the changes are written, not when they are added here.
 *
 * <p>An interface, because {@code Changes.append(…).set(…)} would compile for a class and forget what was appended: a static method can be
 * called on an object of a class, and not on one of an interface.
 *
 * @param <V> the Java type of the state's values
 */
public sealed interface Changes<V> permits ChangeItems {

  /** No change. */
  static <V> Changes<V> none() {
    return new ChangeItems<>(Map.of());
  }

  /** Sets a key. */
  static <V> Changes<V> set(String key, @Nullable V value) {
    return Changes.<V>none().andSet(key, value);
  }

  /** Removes a key; nothing when it is absent. */
  static <V> Changes<V> delete(String key) {
    return Changes.<V>none().andDelete(key);
  }

  /** Appends elements to the array under a key; an absent key counts as an empty array. */
  static <V> Changes<V> append(String key, @Nullable Object... elements) {
    return Changes.<V>none().andAppend(key, elements);
  }

  /** Sets every key of a map. */
  static <V> Changes<V> setAll(Map<String, ? extends @Nullable V> values) {
    Map<String, ChangeItems.Item<V>> items = new LinkedHashMap<>();
    values.forEach((key, value) -> items.put(key, new ChangeItems.SetItem<>(value)));
    return new ChangeItems<>(items);
  }

  /**
   * These changes, and a key set.
   *
   * @throws HoldfastException when the key occurs already
   */
  Changes<V> andSet(String key, @Nullable V value);

  /**
   * These changes, and a key removed.
   *
   * @throws HoldfastException when the key occurs already
   */
  Changes<V> andDelete(String key);

  /**
   * These changes, and elements appended.
   *
   * @throws HoldfastException when the key occurs already
   */
  Changes<V> andAppend(String key, @Nullable Object... elements);

  /** Whether there is no change. */
  boolean isEmpty();
}
