package dev.holdfast.telemetry.internal;

import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.store.activity.Activity;
import dev.holdfast.store.activity.ActivityKind;
import dev.holdfast.store.activity.ActivityListener;
import io.micrometer.core.instrument.DistributionSummary;
import java.util.Optional;

/** Records how many compensations of an effect transaction failed, for each of which some did. Safe for use by multiple threads. */
public final class FailedOperations implements ActivityListener {

  private static final Ending NOTHING = failure -> {};

  private final Optional<DistributionSummary> summary;

  /** Records into meters, if they have distributions. */
  public FailedOperations(Meters meters) {
    this.summary = meters.summary(MeterName.FAILED_OPERATIONS);
  }

  @Override
  public Ending begun(Activity activity) {
    return activity.kind() == ActivityKind.ROLLBACK
        ? failure -> {
          if (failure instanceof EffectRollbackException failed) {
            summary.ifPresent(known -> known.record(failed.failures().size()));
          }
        }
        : NOTHING;
  }
}
