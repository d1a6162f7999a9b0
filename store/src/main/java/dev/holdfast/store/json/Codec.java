package dev.holdfast.store.json;

import org.jspecify.annotations.Nullable;

/**
 * Turns values of one type into JSON text and back. Implementations must be safe for use by multiple threads, must not call back
 * into the store, and must keep the law that {@code decode(encode(value))} equals {@code value}.
 *
 * <p>A failure of either direction is a {@link CodecException}. What {@link #encode} returns is checked again before it is
 * stored, see {@link JsonLimits}.
 *
 * @param <V> the type of the values
 */
public interface Codec<V> {

  /**
   * The value as one JSON document. Called before any I/O.
   *
   * @param value the value, or null for JSON null
   * @throws CodecException if the value has no JSON form
   */
  String encode(@Nullable V value);

  /**
   * The value that a JSON document stands for: null for JSON null, else an object that shares nothing mutable with any other
   * call.
   *
   * @throws CodecException if the text is not JSON, or not JSON of this type
   */
  @Nullable
  V decode(String json);

  /** Whether a decoded value can be handed to several callers without a copy. When in doubt, false, which is the default. */
  default boolean isImmutable(V value) {
    return false;
  }
}
