package dev.holdfast.effect;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;

/** An effect transaction of this name and id is under way elsewhere, so it was not begun. Ask again later for its result. Immutable. */
public final class EffectRunningException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  private final transient EffectId effect;
  private final String process;

  /** What runs where. */
  public EffectRunningException(EffectId effect, EffectStatus status, String process) {
    super(
        ErrorCode.EFFECT_RUNNING,
        "Effect transaction " + effect + " is " + status + " in process " + process
            + "; ask again later",
        Map.of("effect", effect.toString(), "status", status, "process", process),
        effect.uuid().toString(),
        null);
    this.effect = effect;
    this.process = process;
  }

  /** The effect transaction. */
  public EffectId effect() {
    return effect;
  }

  /** The process that has it. */
  public String process() {
    return process;
  }
}
