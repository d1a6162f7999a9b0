package dev.holdfast.cache.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is done one after the other: by a thread, or by the part of a {@link Fork} that it works on just now. A strand waits for one
 * computation, or for the parts of its fork, and what it computes is complete only after that.
 *
 * <p>Strands that wait for each other in a circle are found: each says what it waits for before it looks along the chains, so of those that
 * close a circle at least the last one sees it.
 */
final class Strand {

  private static final ThreadLocal<Strand> CURRENT =
      ThreadLocal.withInitial(() -> new Strand(null));

  /** What this is a part of; null for a thread. */
  private final @Nullable Fork fork;

  private volatile @Nullable Fork waitsForParts;
  private volatile @Nullable Flight<?> waitsFor;

  /** The computation whose body runs. Only the thread that works on this strand uses it. */
  private @Nullable Flight<?> innermost;

  private Strand(@Nullable Fork fork) {
    this.fork = fork;
  }

  /** What the calling thread works on. */
  static Strand current() {
    return CURRENT.get();
  }

  /** Runs work as a strand of its own, which is a part of a fork. */
  static <R> R part(Fork fork, Set<Strand> parts, Supplier<R> work) {
    Strand before = CURRENT.get();
    Strand part = new Strand(fork);
    CURRENT.set(part);
    parts.add(part);
    try {
      return work.get();
    } finally {
      parts.remove(part);
      CURRENT.set(before);
    }
  }

  /** The computation within whose body the strand is, also when that is the body of another strand. */
  @Nullable
  Flight<?> innermost() {
    return innermost != null || fork == null ? innermost : fork.enclosing();
  }

  void enter(Flight<?> flight) {
    innermost = flight;
  }

  void leave(Flight<?> flight) {
    Flight<?> outer = flight.enclosing();
    innermost = outer != null && outer.owner().equals(this) ? outer : null;
  }

  void waitFor(@Nullable Flight<?> flight) {
    waitsFor = flight;
  }

  void waitForParts(@Nullable Fork parts) {
    waitsForParts = parts;
  }

  /**
   * The computations of a circle that waiting for one would close, the first once more at the end; empty when there is none. One of them that
   * has ended meanwhile shows that what was read is not of one moment; so long as none has, all of them still wait.
   */
  List<Flight<?>> circle(Flight<?> wanted) {
    Set<Strand> held = heldUp();
    List<Flight<?>> circle = circle(wanted, held);
    while (circle.stream().anyMatch(Flight::hasLanded)) {
      circle = circle(wanted, held);
    }
    return circle;
  }

  private List<Flight<?>> circle(Flight<?> wanted, Set<Strand> held) {
    IdentityHashMap<Flight<?>, Flight<?>> waiting = new IdentityHashMap<>();
    Set<Flight<?>> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Flight<?>> open = new ArrayDeque<>(List.of(wanted));
    while (!open.isEmpty()) {
      Flight<?> flight = open.remove();
      if (!seen.add(flight) || flight.hasLanded()) {
        continue;
      }
      if (held.contains(flight.owner())) {
        return circle(flight, waiting);
      }
      for (Flight<?> next : flight.owner().needs()) {
        // The one that is wanted stays the beginning, also where others wait for it in a circle of
        // their own.
        if (!seen.contains(next) && waiting.putIfAbsent(next, flight) == null) {
          open.add(next);
        }
      }
    }
    return List.of();
  }

  /** This strand and those whose forks it is a part of: none of their computations is complete before it goes on. */
  private Set<Strand> heldUp() {
    Set<Strand> held = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Strand strand = this; strand != null; strand = strand.caller()) {
      held.add(strand);
    }
    return held;
  }

  private @Nullable Strand caller() {
    return fork == null ? null : fork.caller();
  }

  /** What this strand waits for, or a part of its fork, or a part of that. */
  private List<Flight<?>> needs() {
    List<Flight<?>> needs = new ArrayList<>();
    Deque<Strand> open = new ArrayDeque<>(List.of(this));
    while (!open.isEmpty()) {
      Strand strand = open.remove();
      Flight<?> flight = strand.waitsFor;
      if (flight != null) {
        needs.add(flight);
      }
      Fork parts = strand.waitsForParts;
      if (parts != null) {
        open.addAll(parts.parts());
      }
    }
    return needs;
  }

  /** From the computation that is held up inwards to what this strand computes, and from there along those that wait. */
  private List<Flight<?>> circle(Flight<?> last, IdentityHashMap<Flight<?>, Flight<?>> waiting) {
    Deque<Flight<?>> circle = new ArrayDeque<>();
    for (Flight<?> flight = last; flight != null; flight = waiting.get(flight)) {
      circle.addFirst(flight);
    }
    for (Flight<?> flight = innermost(); flight != null && flight != last; ) {
      circle.addFirst(flight);
      flight = flight.enclosing();
    }
    circle.addFirst(last);
    return List.copyOf(circle);
  }
}
