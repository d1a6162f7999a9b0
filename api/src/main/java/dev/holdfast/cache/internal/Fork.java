package dev.holdfast.cache.internal;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work in parts, for which its caller waits. Other threads may take parts; what they compute there belongs to what the caller computes, so
 * that circles through them are found. Safe for use by multiple threads.
 */
public final class Fork {

  private final @Nullable Flight<?> enclosing;
  private final Set<Strand> parts = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Strand caller;

  private Fork(Strand caller) {
    this.caller = caller;
    this.enclosing = caller.innermost();
  }

  /** Begins; the calling thread waits for the parts until it calls {@link #end}. */
  public static Fork begin() {
    Strand caller = Strand.current();
    Fork fork = new Fork(caller);
    caller.waitForParts(fork);
    return fork;
  }

  /** Works on one part, in any thread. */
  public <R> R part(Supplier<R> work) {
    return Strand.part(this, parts, work);
  }

  /** The caller does not wait any more, though there may be parts under way after an interrupt. Called by the thread that began. */
  public void end() {
    caller = null;
    Strand.current().waitForParts(null);
  }

  /** Null when it waits no more. */
  @Nullable
  Strand caller() {
    return caller;
  }

  /** What the caller computes. */
  @Nullable
  Flight<?> enclosing() {
    return enclosing;
  }

  Collection<Strand> parts() {
    return parts;
  }
}
