package dev.holdfast.effect.internal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;

/** It is not known whether an operation was done, and its handler cannot compensate without knowing. */
final class OutcomeUnknownException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  OutcomeUnknownException(JournaledOperation operation) {
    super(
        ErrorCode.EFFECT_FAILED,
        "It is not known whether " + operation.label()
            + " was done, and its handler can neither reconcile nor compensate without the response");
  }
}
