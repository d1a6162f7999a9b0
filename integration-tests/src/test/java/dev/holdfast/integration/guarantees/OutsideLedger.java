package dev.holdfast.integration.guarantees;

import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The world outside, which does not die with the server: entries by idempotency key, in memory. It fails now and then, as a seed and the key
 * say, and refuses whoever comes with a smaller epoch than it has seen, as {@link EffectContext#epoch()} asks of it. Safe for use by
 * multiple threads.
 */
final class OutsideLedger {

  static final String POST = "post";

  private static final int PERCENT_REFUSED = 6;
  private static final int PERCENT_REPLY_LOST = 6;
  private static final int PERCENT_NOT_UNDONE = 20;
  private static final int MAX_MILLIS = 8;

  private final long seed;
  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Long> epochs = new HashMap<>();
  private boolean isRepaired;

  OutsideLedger(long seed) {
    this.seed = seed;
  }

  /**
   * What was done under a key.
   *
   * @param performed how often
   */
  record Entry(int performed, boolean isUndone) {}

  int percent(String what, String key) {
    return Math.floorMod(Objects.hash(seed, what, key) * 31, 100);
  }

  void register(Effects effects) {
    effects.register(EffectHandler.of(POST, Integer.class, String.class)
        .perform((context, amount) -> {
          TimeUnit.MILLISECONDS.sleep(percent("sleep", context.idempotencyKey()) % MAX_MILLIS);
          post(context);
          return context.idempotencyKey();
        })
        .reconcile((context, amount) -> isPosted(context)
            ? Reconciliation.done(context.idempotencyKey())
            : Reconciliation.notDone())
        .compensate((context, amount, key) -> undo(context)));
  }

  private synchronized void post(EffectContext context) throws IOException {
    String key = context.idempotencyKey();
    requireNewest(context);
    if (percent("refuse", key) < PERCENT_REFUSED) {
      throw new IllegalStateException("refused");
    }
    entries.merge(
        key, new Entry(1, false), (old, one) -> new Entry(old.performed() + 1, old.isUndone()));
    if (percent("lose", key) < PERCENT_REPLY_LOST) {
      throw new IOException("reply lost");
    }
  }

  private synchronized boolean isPosted(EffectContext context) {
    requireNewest(context);
    return entries.containsKey(context.idempotencyKey());
  }

  private synchronized void undo(EffectContext context) {
    String key = context.idempotencyKey();
    requireNewest(context);
    if (percent("undo", key) < PERCENT_NOT_UNDONE && !isRepaired) {
      throw new IllegalStateException("cannot be undone");
    }
    entries.computeIfPresent(key, (same, entry) -> new Entry(entry.performed(), true));
  }

  private void requireNewest(EffectContext context) {
    long newest = epochs.merge(context.effect().toString(), context.epoch(), Math::max);
    if (context.epoch() < newest) {
      throw new IllegalStateException("epoch " + context.epoch() + " is over");
    }
  }

  /** From now on everything can be undone. */
  synchronized void repair() {
    isRepaired = true;
  }

  synchronized Map<String, Entry> entries() {
    return Map.copyOf(entries);
  }
}
