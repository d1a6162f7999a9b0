package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectMismatchException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One pass of a body over a journal. Safe for use by multiple threads. */
final class Run {

  private final Journal journal;
  private final boolean answersOnly;
  private final Set<Position> visited = ConcurrentHashMap.newKeySet();

  /**
   * A pass.
   *
   * @param answersOnly whether the journal is complete, so that nothing may be added
   */
  Run(Journal journal, boolean answersOnly) {
    this.journal = journal;
    this.answersOnly = answersOnly;
  }

  Journal journal() {
    return journal;
  }

  /** Whether the journal is complete, so that nothing is done any more. */
  boolean isAnswer() {
    return answersOnly;
  }

  /** What the journal has at the place of an operation. */
  Optional<JournaledOperation> visit(JournaledOperation operation) {
    visited.add(operation.position());
    Optional<JournaledOperation> found = journal.find(operation.position());
    if (found.isEmpty() && answersOnly) {
      throw mismatch("it has no " + operation.label());
    }
    return found;
  }

  /** Whether the journal has an operation that the body comes to only when it was told how this one ended. */
  boolean hasGoneOnFrom(Position position) {
    return journal.newestFirst(Position.ROOT).stream()
        .anyMatch(operation -> isBehind(operation.position().path(), position.path()));
  }

  /** In the same scope or in one around it; the branches of a parallel scope are no operations, and none is behind another. */
  private static boolean isBehind(List<Integer> other, List<Integer> path) {
    int last = other.size() - 1;
    return last < path.size()
        && other.subList(0, last).equals(path.subList(0, last))
        && other.get(last) > path.get(last);
  }

  /** Refuses an end at which the journal has operations that the body did not come to; those of failed scopes are not run again. */
  void requireAllVisited() {
    Optional<JournaledOperation> missed = journal.newestFirst(Position.ROOT).stream()
        .filter(operation -> !visited.contains(operation.position()))
        .filter(operation -> !isInFailedScope(operation.position()))
        .findAny();
    if (missed.isPresent()) {
      throw mismatch("it has " + missed.get().label() + ", which the body did not come to");
    }
  }

  private boolean isInFailedScope(Position position) {
    for (int depth = 1; depth < position.path().size(); depth++) {
      Optional<JournaledOperation> outer =
          journal.find(new Position(position.path().subList(0, depth)));
      if (outer.isPresent() && outer.get().status() == OperationStatus.FAILED) {
        return true;
      }
    }
    return false;
  }

  /** Ends the run, whatever the body makes of the exception: it must not go on. */
  EffectMismatchException mismatch(String difference) {
    EffectMismatchException mismatch = new EffectMismatchException(journal.effect(), difference);
    journal.end(mismatch);
    return mismatch;
  }
}
