package dev.holdfast.effect;

import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An effect transaction or scope failed, and some of what it had done could not be undone: the outside world may be inconsistent until
 * somebody settles {@link #failures()}, which are durable. The original failure is the cause; what the compensations threw is suppressed.
 * Immutable.
 */
public final class EffectRollbackException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final transient EffectId effect;
  private final transient List<RollbackFailure> failures;

  /** A failure with the compensations that failed after it. */
  public EffectRollbackException(
      EffectId effect, String why, List<RollbackFailure> failures, @Nullable Throwable cause) {
    super(
        ErrorCode.EFFECT_ROLLBACK_FAILURE,
        "Effect transaction " + effect + " failed (" + why
            + ") and its rollback failed too, data may be inconsistent: "
            + failures.stream()
                .map(failure -> "operation " + failure.operation().position() + " ("
                    + failure.operation().name() + "): " + failure.problem().message())
                .collect(Collectors.joining("; ")),
        Map.of(
            "effect",
            effect.toString(),
            "originalError",
            why,
            "rollbackErrors",
            failures.stream().map(failure -> failure.problem().message()).toList()),
        effect.uuid().toString(),
        cause);
    this.effect = effect;
    this.failures = List.copyOf(failures);
  }

  /** The effect transaction. */
  public EffectId effect() {
    return effect;
  }

  /** The durable record of every compensation that failed, in the order in which they were attempted. */
  public List<RollbackFailure> failures() {
    return failures;
  }
}
