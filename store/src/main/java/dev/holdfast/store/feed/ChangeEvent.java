package dev.holdfast.store.feed;

import dev.holdfast.store.StateId;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.history.Origin;
import dev.holdfast.store.json.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One change set of one state: everything that made one version. Immutable.
 *
 * @param state the state
 * @param version the version that was made
 * @param changedAt database time of the version
 * @param transactionId the call or transaction; the same in all states that changed together
 * @param keys the keys that changed, in order of their bytes
 */
public record ChangeEvent(
    StateId state, long version, Instant changedAt, UUID transactionId, List<KeyChange> keys) {

  /** An event with a copy of the list. */
  public ChangeEvent {
    keys = List.copyOf(keys);
  }

  /** How the new value of a key is told. */
  public enum Kind {
    /** The payload is the new value. */
    VALUE,
    /** The payload is an array of the elements that were appended. */
    APPENDED,
    /** The payload is an RFC 6902 patch of the value before. */
    PATCHED,
    /**
     * The key went back to an earlier value, or has that of the state that this one was forked from; it was not stored again, so read it from
     * the state at this version.
     */
    RESTORED,
    /** The key was removed. */
    REMOVED
  }

  /**
   * What happened to one key, as it is stored.
   *
   * @param key the key
   * @param operation the call
   * @param origin who, why and when
   * @param kind how the new value is told
   * @param json the payload as JSON text, null when the kind has none
   */
  public record KeyChange(
      String key,
      Operation operation,
      Origin origin,
      Kind kind,
      @Nullable String json) {

    /** The payload as a tree, made anew for every call; empty when the kind has none. */
    public Optional<JsonNode> payload() {
      return json == null ? Optional.empty() : Optional.of(Json.parse(json));
    }
  }
}
