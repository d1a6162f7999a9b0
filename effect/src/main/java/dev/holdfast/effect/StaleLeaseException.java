package dev.holdfast.effect;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Another process took over, because this one gave no sign of life for longer than its lease. Nothing that this run wanted to record was
 * written, and it must do nothing more; the other process decides what becomes of the transaction. Immutable.
 */
public final class StaleLeaseException extends HoldfastException {

  private static final long serialVersionUID = 1L;

  /** The epoch that is over. */
  public StaleLeaseException(EffectId effect, long epoch, @Nullable Throwable cause) {
    super(
        ErrorCode.STALE_LEASE,
        "This run of effect transaction " + effect + " (epoch " + epoch
            + ") lost its lease; another process has taken over",
        Map.of("effect", effect.toString(), "epoch", epoch),
        effect.uuid().toString(),
        cause);
  }
}
