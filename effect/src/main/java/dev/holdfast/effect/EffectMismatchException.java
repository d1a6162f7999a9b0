package dev.holdfast.effect;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;

/**
 * A body that runs again does not do what the journal says it did before: another operation, another order or another request. Nothing was
 * called or written. An interrupted transaction is left to a body that fits, or to recovery. Immutable.
 */
public final class EffectMismatchException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  /** What differs where. */
  public EffectMismatchException(EffectId effect, String difference) {
    super(
        ErrorCode.EFFECT_MISMATCH,
        "Effect transaction " + effect + " differs from its journal: " + difference,
        Map.of("effect", effect.toString()),
        effect.uuid().toString(),
        null);
  }
}
