package dev.holdfast.integration.linearizable;

import org.jspecify.annotations.Nullable;

/**
 * One record of the state's own history, read when all clients had finished. Immutable.
 *
 * @param version the version that it made
 * @param call the actor: the call that wrote it
 * @param key the key that changed
 * @param before the value before, null when the key was absent
 * @param after the value after, null when the key was removed
 */
record LoggedChange(
    long version,
    String call,
    String key,
    @Nullable Long before,
    @Nullable Long after) {}
