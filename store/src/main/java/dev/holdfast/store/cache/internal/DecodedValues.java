package dev.holdfast.store.cache.internal;

import dev.holdfast.store.json.Codec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a state that does not change for a while, and what their values are decoded to, in one array: found by hash and linear probing
 * with one look, where the {@link PersistentMap} and the {@link Value} take several that wait for one another. It has all keys from the
 * start, and a value from when it is first read.
 *
 * <p>Safe for use by multiple threads: what is put in never changes, and a thread that does not see it yet takes the longer way.
 *
 * @param <V> what values are decoded to
 */
public final class DecodedValues<V> {

  /** For more, making the array would hold up the reader who does it; so many take a tenth of a millisecond. */
  private static final int MOST_KEYS = 4_096;

  /** Half of the places are empty, so no key is this far from where it belongs, unless their hashes were made to collide. */
  private static final int LONGEST_REACH = 32;

  private static final int GOLDEN_RATIO = 0x9E3779B9;
  private static final DecodedValues<?> NONE = new DecodedValues<>(null, 1);

  private final @Nullable Codec<V> codec;

  /** Keys at even places, the value of each behind it. */
  private final @Nullable Object[] table;

  private final int shift;

  /** How far from where it belongs a key is at most. */
  private int reach;

  private DecodedValues(@Nullable Codec<V> codec, int bits) {
    this.codec = codec;
    this.table = new Object[2 << bits];
    this.shift = Integer.SIZE - bits;
  }

  /** Those of a map, still without values; of none when there are too many keys, or when they collide. */
  static <V> DecodedValues<?> of(PersistentMap<Value> map, Codec<V> codec) {
    if (map.size() > MOST_KEYS) {
      return NONE;
    }
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, 2 * map.size() - 1));
    DecodedValues<V> made = new DecodedValues<>(codec, bits);
    map.forEach((key, value) -> made.add(key));
    return made.reach > LONGEST_REACH ? NONE : made;
  }

  private void add(String key) {
    if (reach > LONGEST_REACH) {
      return;
    }
    int at = home(key);
    int steps = 0;
    while (table[at] != null) {
      at = after(at);
      steps++;
    }
    table[at] = key;
    reach = Math.max(reach, steps);
  }

  @SuppressWarnings("ReferenceEquality") // The very codec is meant.
  boolean isOf(Codec<?> other) {
    return codec == other;
  }

  /** The value of a key; null when there is none, or when it is not known. */
  // Only values of the type are put in. An Optional more would be one look more. Keys that are not
  // the very object are compared by their text.
  @SuppressWarnings({"unchecked", "NullableOptional", "ReferenceEquality"})
  public @Nullable Optional<V> get(String key) {
    int home = home(key);
    // Mostly it is where it belongs, and the very object that was asked for before.
    int at = table[home] == key ? home : find(key, home);
    return at < 0 ? null : (Optional<V>) table[at + 1];
  }

  /** Puts in what the value of a key is decoded to, and the caller's own key, which is the faster to compare with the next time. */
  public void put(String key, Optional<V> value) {
    int at = find(key, home(key));
    if (at >= 0) {
      table[at] = key;
      table[at + 1] = value;
    }
  }

  private int find(String key, int home) {
    int at = home;
    for (int steps = 0; steps <= reach; steps++) {
      Object found = table[at];
      if (key.equals(found)) {
        return at;
      }
      if (found == null) {
        return -1;
      }
      at = after(at);
    }
    return -1;
  }

  private int home(String key) {
    return (key.hashCode() * GOLDEN_RATIO) >>> shift << 1;
  }

  private int after(int at) {
    return (at + 2) & (table.length - 1);
  }
}
