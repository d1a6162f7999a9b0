package dev.holdfast.effect.internal;

import dev.holdfast.effect.rollback.RollbackFailure;

/**
 * A rollback failure as it is stored. Immutable.
 *
 * @param failure what is told of it
 * @param position where its operation stands
 * @param reported whether it was told
 */
record StoredFailure(RollbackFailure failure, Position position, boolean reported) {}
