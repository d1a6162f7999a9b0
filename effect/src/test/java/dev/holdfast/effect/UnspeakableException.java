package dev.holdfast.effect;

/** As exceptions are whose message is made of something that is missing. */
final class UnspeakableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @Override
  public String getMessage() {
    throw new NullPointerException("no text");
  }

  @Override
  public synchronized Throwable getCause() {
    throw new NullPointerException("no cause");
  }
}
