package dev.holdfast.store;

import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.CodecException;
import org.jspecify.annotations.Nullable;

/** Reads stored values; says of which key when one cannot be read as the type asked for, because a codec does not know. */
final class Decoder {

  private Decoder() {}

  static <V> @Nullable V decode(Codec<V> codec, String key, String json) {
    try {
      return codec.decode(json);
    } catch (CodecException e) {
      throw e.in("the value of key \"" + Shown.key(key) + "\"");
    }
  }
}
