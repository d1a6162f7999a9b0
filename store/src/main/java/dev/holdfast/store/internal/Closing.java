package dev.holdfast.store.internal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Closes what belongs together: that one part cannot be closed keeps no other one open. */
public final class Closing {

  private Closing() {}

  /** Closes everything in order. The first failure is thrown at the end, with the others suppressed. */
  public static void all(List<Runnable> closings) {
    Throwable failure = run(closings, null);
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  /** Closes everything in order after a failure, which is to be thrown and keeps what fails meanwhile. */
  public static void after(Throwable failure, List<Runnable> closings) {
    run(closings, failure);
  }

  @SuppressWarnings("ReferenceEquality") // An exception cannot suppress itself.
  private static @Nullable Throwable run(List<Runnable> closings, @Nullable Throwable before) {
    Throwable first = before;
    for (Runnable closing : closings) {
      try {
        closing.run();
      } catch (RuntimeException | Error e) {
        if (first == null) {
          first = e;
        } else if (first != e) {
          first.addSuppressed(e);
        }
      }
    }
    return first;
  }

  /** Closes something that an interrupt would leave half closed and that ends by itself. The interrupt is handed back at the end. */
  public static void uninterrupted(Runnable closing) {
    boolean interrupted = Thread.interrupted();
    try {
      closing.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
