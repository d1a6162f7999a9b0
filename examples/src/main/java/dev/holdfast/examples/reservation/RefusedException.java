package dev.holdfast.examples.reservation;

/** The service did nothing of what it was asked, and says why. */
public final class RefusedException extends Exception {

  private static final long serialVersionUID = 1L;

  RefusedException(String why) {
    super(why);
  }
}
