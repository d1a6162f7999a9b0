package dev.holdfast.effect;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operation, a scope or an effect transaction failed. What an operation throws is the cause; when the failure is answered from the
 * journal, because the body ran before, there is no cause and the message holds the recorded one. Thrown by {@link Effects#run} it says
 * that everything that was done has been compensated. Immutable.
 */
public final class EffectFailedException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final transient EffectId effect;

  /**
   * A failure.
   *
   * @param what what failed, such as {@code operation 2 (hotel.book)}
   */
  public EffectFailedException(
      EffectId effect, String what, String why, @Nullable Throwable cause) {
    super(
        ErrorCode.EFFECT_FAILED,
        "Effect transaction " + effect + ": " + what + " failed: " + why,
        Map.of("effect", effect.toString(), "what", what),
        effect.uuid().toString(),
        cause);
    this.effect = effect;
  }

  /** The effect transaction. */
  public EffectId effect() {
    return effect;
  }
}
