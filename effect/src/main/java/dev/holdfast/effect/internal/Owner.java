package dev.holdfast.effect.internal;

import java.time.Duration;
import java.util.UUID;

/**
 * Who runs an effect transaction. Immutable.
 *
 * @param run a new one for each run
 * @param process for people
 * @param lease for how long without a sign of life
 */
record Owner(UUID run, String process, Duration lease) {}
