package dev.holdfast.store.internal;

import java.time.Instant;

/**
 * A state as one write has left it. The version alone would not do: where a server that lost its last writes goes on, others are given the
 * same versions again. Immutable.
 *
 * @param version its newest version
 * @param changedAt the time of that version
 */
public record Position(long version, Instant changedAt) {}
