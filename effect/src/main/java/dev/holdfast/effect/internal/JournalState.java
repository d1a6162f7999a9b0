package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectStatus;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A journal as it was read. Immutable.
 *
 * @param head the row of the effect transaction
 * @param result what the body returned, as JSON; null unless it is committed
 * @param input what the body was given, as JSON; null unless recovery is to go on with it
 * @param operations in order
 */
record JournalState(
    Head head,
    @Nullable String result,
    @Nullable String input,
    List<JournaledOperation> operations) {

  /**
   * The row of an effect transaction.
   *
   * @param run the run that has, or had, it
   * @param expired whether its lease ran out, so that it can be taken over
   * @param error why it is rolled back
   */
  record Head(
      EffectStatus status,
      long epoch,
      long revision,
      UUID run,
      String process,
      boolean expired,
      @Nullable String error) {}
}
