package dev.holdfast.effect.internal;

import java.util.UUID;

/**
 * What a write to a journal is conditional on. Immutable.
 *
 * @param effectId the effect transaction
 * @param epoch of the run
 * @param revision how many writes were made before
 */
record Fence(UUID effectId, long epoch, long revision) {

  Fence next() {
    return new Fence(effectId, epoch, revision + 1);
  }
}
