package dev.holdfast.store.cache.internal;

import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.json.Codec;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A stored value in memory, and what it was last decoded to if that is immutable, so that it can be handed out again and again. Safe for use
 * by multiple threads: what is remembered has final fields only, and a thread that does not see it decodes once more.
 */
public final class Value {

  private static final int OBJECTS = 240;

  private final StoredEntry entry;
  private @Nullable Decoded decoded;

  Value(StoredEntry entry) {
    this.entry = entry;
  }

  /** The value as it is stored; it is there. */
  public StoredEntry entry() {
    return entry;
  }

  /**
   * The value, empty for JSON null.
   *
   * @param decoding how the codec decodes it, which is skipped when it is remembered
   */
  @SuppressWarnings({"unchecked", "ReferenceEquality"
  }) // The very codec is meant, and it decodes to its own type.
  public <V> Optional<V> as(Codec<V> codec, Function<StoredEntry, @Nullable V> decoding) {
    Decoded last = decoded;
    if (last != null && last.codec == codec) {
      return (Optional<V>) last.value;
    }
    Optional<V> value = Optional.ofNullable(decoding.apply(entry));
    // What one caller could change must not reach another.
    if (value.isEmpty() || codec.isImmutable(value.get())) {
      decoded = new Decoded(codec, value);
    }
    return value;
  }

  /** Whether what this codec decodes it to is remembered, and so the same for all. */
  @SuppressWarnings("ReferenceEquality") // The very codec is meant.
  public boolean remembers(Codec<?> codec) {
    Decoded last = decoded;
    return last != null && last.codec == codec;
  }

  /** About how many bytes it takes. */
  long weight() {
    String json = entry.json();
    return OBJECTS + 2L * entry.key().length() + 2L * (json == null ? 0 : json.length());
  }

  private record Decoded(Codec<?> codec, Optional<?> value) {}
}
