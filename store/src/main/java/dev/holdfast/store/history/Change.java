package dev.holdfast.store.history;

import dev.holdfast.store.Versioned;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One record of history: what one change set did to one key. A record that was read shares nothing with the store, so changing a
 * mutable value in it changes neither history nor what a rollback restores.
 *
 * @param version the version that the change made
 * @param key the key that changed
 * @param operation the call that made the change
 * @param before the value before and the version that had written it, null when the key was absent
 * @param after the value after, null when the change removed the key
 * @param origin who, why and when
 */
public record Change<V>(
    long version,
    String key,
    Operation operation,
    @Nullable Versioned<V> before,
    @Nullable Versioned<V> after,
    Origin origin) {

  /** The value before; empty when the key was absent or held JSON null, see {@link #before()} to tell them apart. */
  public Optional<V> oldValue() {
    return before == null ? Optional.empty() : Optional.ofNullable(before.value());
  }

  /** The value after; empty when the key was removed or holds JSON null, see {@link #after()} to tell them apart. */
  public Optional<V> newValue() {
    return after == null ? Optional.empty() : Optional.ofNullable(after.value());
  }

  /** Who made the change; empty when not stated. */
  public Optional<String> actor() {
    return Optional.ofNullable(origin.actor());
  }

  /** Why the change was made; empty when not stated. */
  public Optional<String> reason() {
    return Optional.ofNullable(origin.reason());
  }

  /** The effect transaction that made the change in a step, or undid a step by it; empty for every other change. */
  public Optional<UUID> effectId() {
    return Optional.ofNullable(origin.effectId());
  }

  /** Database time of the version. */
  public Instant changedAt() {
    return origin.changedAt();
  }
}
