package dev.holdfast.effect.internal;

/** Another run has begun an effect transaction of the same name and id in the meantime. */
final class AlreadyBegunException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  AlreadyBegunException() {
    super("Another run was faster to begin this effect transaction", null, false, false);
  }
}
