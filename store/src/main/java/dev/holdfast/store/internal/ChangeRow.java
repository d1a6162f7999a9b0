package dev.holdfast.store.internal;

import dev.holdfast.store.history.Operation;
import dev.holdfast.store.history.Origin;
import java.util.Optional;

/**
 * One record of history without its values. Immutable.
 *
 * @param version the version that the change made
 * @param key the key
 * @param operation the call
 * @param origin who, why and when
 * @param after where the value after comes from, empty when the change removed the key
 * @param before where the value before comes from, empty when the key was absent
 */
public record ChangeRow(
    long version,
    String key,
    Operation operation,
    Origin origin,
    Optional<Link> after,
    Optional<Link> before) {}
