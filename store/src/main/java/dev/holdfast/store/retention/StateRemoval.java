package dev.holdfast.store.retention;

import dev.holdfast.store.StateId;

/**
 * What a run removes from one state, or has removed. Immutable.
 *
 * @param state the state
 * @param oldest the oldest version that stays readable, tags aside
 * @param upTo rows up to this version are removed unless they are needed; at most {@code oldest}
 * @param removed number of rows of history removed
 * @param folded number of rows that become whole values, because what they were deltas to is removed
 */
public record StateRemoval(StateId state, long oldest, long upTo, long removed, long folded) {}
