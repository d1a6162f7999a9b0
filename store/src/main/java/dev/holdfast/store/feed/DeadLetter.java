package dev.holdfast.store.feed;

import dev.holdfast.store.StateId;
import java.time.Instant;

/**
 * A change set that a consumer could not handle. It stays in the history of its state.
 *
 * @param state the state
 * @param version the version whose change set it is
 * @param attempts how often it was tried
 * @param error what the last attempt failed with
 * @param failedAt database time of the last attempt
 */
public record DeadLetter(
    StateId state, long version, int attempts, String error, Instant failedAt) {}
