package dev.holdfast.effect;

/** As exceptions are that compare their values, of which some are missing. */
@SuppressWarnings("ThrowableEqualsHashCode") // That is what it is for.
public final class IncomparableException extends Exception {
  private static final long serialVersionUID = 1L;

  @Override
  public boolean equals(Object other) {
    throw new NullPointerException("no values");
  }

  @Override
  public int hashCode() {
    throw new NullPointerException("no values");
  }
}
