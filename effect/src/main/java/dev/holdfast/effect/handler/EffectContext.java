package dev.holdfast.effect.handler;

import dev.holdfast.effect.EffectId;

/**
 * What a handler knows of the operation that it works for. Immutable.
 *
 * @param effect the effect transaction
 * @param operation the name of the operation
 * @param idempotencyKey identifies the operation, the same for every attempt to perform, reconcile or compensate it, in every process
 * @param epoch of the run; a service that refuses smaller epochs than it has seen is safe from processes that were given up for dead
 * @param attempt counted from 1
 */
public record EffectContext(
    EffectId effect, String operation, String idempotencyKey, long epoch, int attempt) {}
