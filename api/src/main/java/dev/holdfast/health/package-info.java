/**
 * Whether this process works and what it needs does: checks at intervals, thresholds, a report. Begin with {@link dev.holdfast.health.Health}.
 */
@NullMarked
package dev.holdfast.health;

import org.jspecify.annotations.NullMarked;
