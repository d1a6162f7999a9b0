/**
 * What three operations with durable outcomes cost, beside a bare insert, a journal written by hand, and a workflow engine. Read
 * {@link dev.holdfast.benchmarks.effects.EffectsSuite} first; each contender is a {@code WorkflowStore}.
 */
@NullMarked
package dev.holdfast.benchmarks.effects;

import org.jspecify.annotations.NullMarked;
