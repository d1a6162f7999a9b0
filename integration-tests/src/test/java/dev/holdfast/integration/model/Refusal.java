package dev.holdfast.integration.model;

/** What the model throws where the store throws an exception of its own; the message is that of {@link Outcome}. */
final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Refusal(String exception, Object... facts) {
    super(Outcome.refused(exception, facts));
  }
}
