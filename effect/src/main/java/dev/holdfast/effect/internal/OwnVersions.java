package dev.holdfast.effect.internal;

import dev.holdfast.store.StateId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which versions of a state the steps of an effect transaction, and their undoing, made, and what these mean to the undoing of a step. Confined
 * to one thread.
 */
final class OwnVersions {

  /** By version. */
  private final Map<Long, JournaledOperation> written = new HashMap<>();

  /** By the versions of steps that were restored, and by those that restored them: the version of the step. */
  private final Map<Long, Long> restored = new HashMap<>();

  private final Predicate<JournaledOperation> beingUndone;

  private OwnVersions(Predicate<JournaledOperation> beingUndone) {
    this.beingUndone = beingUndone;
  }

  /**
   * Those of all states that steps wrote.
   *
   * @param all operations of the effect transaction
   * @param beingUndone which of them the same rollback undoes, whether it has come to them or not
   */
  static Map<StateId, OwnVersions> byState(
      List<JournaledOperation> all, Predicate<JournaledOperation> beingUndone) {
    Map<StateId, OwnVersions> byState = new HashMap<>();
    for (JournaledOperation operation : all) {
      Map<StateId, Long> undoing = versions(operation, Part.RESTORED);
      versions(operation, Part.WRITTEN)
          .forEach((state, version) -> byState
              .computeIfAbsent(state, each -> new OwnVersions(beingUndone))
              .add(operation, version, undoing.get(state)));
    }
    return byState;
  }

  private static Map<StateId, Long> versions(JournaledOperation operation, Part part) {
    return WrittenState.read(operation.payload(part)).stream()
        .collect(Collectors.toMap(WrittenState::state, WrittenState::version));
  }

  /** What was as it should be already was restored without a version. */
  private void add(JournaledOperation operation, long version, @Nullable Long undoing) {
    written.put(version, operation);
    if (operation.payload(Part.RESTORED) != null) {
      restored.put(version, version);
    }
    if (undoing != null) {
      restored.put(undoing, version);
    }
  }

  /** What a later version of a key means to who undoes the version of a step. */
  Later later(long version, long ofStep) {
    Long undone = restored.get(version);
    if (undone != null) {
      return undone < ofStep ? Later.UNDOES_OLDER : Later.HARMLESS;
    }
    JournaledOperation writer = written.get(version);
    return writer != null && isToBeUndone(writer) ? Later.HARMLESS : Later.STAYS;
  }

  /** What a person decided to leave stays, and so does what was kept. */
  private boolean isToBeUndone(JournaledOperation operation) {
    return switch (operation.status()) {
      case COMPENSATED, COMPENSATION_FAILED -> true;
      case SKIPPED -> false;
      default -> beingUndone.test(operation);
    };
  }

  /** The version of a step that was restored, when this is that one or the one that restored it. */
  Optional<Long> restored(long version) {
    return Optional.ofNullable(restored.get(version));
  }

  /** Whether {@link #restored} finds anything below a version. */
  boolean hasRestoredBelow(long version) {
    return restored.keySet().stream().anyMatch(each -> each < version);
  }

  /** What a later version of a key is. */
  enum Later {
    /** It is undone as well, or undid what came later. */
    HARMLESS,
    /** It gave the key a value from before the step. */
    UNDOES_OLDER,
    /** Somebody's, be it another step that is kept. */
    STAYS
  }
}
