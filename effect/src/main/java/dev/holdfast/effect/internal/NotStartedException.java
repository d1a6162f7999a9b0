package dev.holdfast.effect.internal;

import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.error.internal.FailureFacts;

/** A handler could not be started, so it was not called and certainly did nothing. */
final class NotStartedException extends Exception {

  private static final long serialVersionUID = 1L;

  NotStartedException(Candidate candidate, Exception cause) {
    super(
        "Handler \"" + candidate.id() + "\" could not be started: " + FailureFacts.message(cause),
        cause);
  }
}
