package dev.holdfast.store;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reads of a state's newest version; what each does is said at {@link State}. Safe for use by multiple threads if its access is. */
interface Reads<V> {

  Optional<V> get(String key);

  @Nullable
  V getRequired(String key);

  Optional<Versioned<V>> find(String key);

  boolean has(String key);

  List<String> keys();

  int size();

  long version();

  Snapshot<V> snapshot();
}
