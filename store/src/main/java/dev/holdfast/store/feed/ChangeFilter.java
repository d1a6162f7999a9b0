package dev.holdfast.store.feed;

import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which change sets a consumer wants; what does not match counts as delivered. Immutable: every method returns a new filter. */
public final class ChangeFilter {

  private static final ChangeFilter ALL = new ChangeFilter(null, null);

  private final @Nullable String namespace;
  private final @Nullable String key;

  private ChangeFilter(@Nullable String namespace, @Nullable String key) {
    this.namespace = namespace;
    this.key = key;
  }

  /** Every change set. */
  public static ChangeFilter all() {
    return ALL;
  }

  /** Only those of states of this namespace. */
  public ChangeFilter namespace(String only) {
    TextRules.requireText("namespace", only, StateId.MAX_BYTES);
    return new ChangeFilter(only, key);
  }

  /** Only those that change this key; the event still tells all keys of the change set. */
  public ChangeFilter key(String only) {
    TextRules.requireText("key", only, StateId.MAX_BYTES);
    return new ChangeFilter(namespace, only);
  }

  /** The namespace, if only one is wanted. */
  public Optional<String> namespace() {
    return Optional.ofNullable(namespace);
  }

  /** Whether a change set of a state of a wanted namespace is wanted. */
  boolean matches(ChangeEvent event) {
    return key == null || event.keys().stream().anyMatch(change -> change.key().equals(key));
  }

  @Override
  public String toString() {
    return "ChangeFilter[namespace=" + namespace + ", key=" + key + "]";
  }
}
