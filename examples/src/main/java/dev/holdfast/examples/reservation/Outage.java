package dev.holdfast.examples.reservation;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Which calls of the service fail, and how. It follows from the seed and the key of the call alone, so that a job that was killed and
 * started again meets the same failures. Immutable.
 *
 * @param rate of calls that fail, 0 to 1
 * @param seed another one fails other calls
 */
public record Outage(double rate, long seed) {

  /** Nothing fails. */
  public static final Outage NONE = new Outage(0, 0);

  private static final double REPLY_LOST = 0.3;
  private static final double CARD_CLOSED = 0.4;
  private static final int UNUSED_BITS = 11;
  private static final double UNIT = 0x1.0p-53;

  /** Whether a call does nothing and says so. */
  boolean isRefused(String key) {
    return chance("perform", key) < rate * (1 - REPLY_LOST);
  }

  /** Whether a call does what it is asked and its reply is lost. */
  boolean isReplyLost(String key) {
    double chance = chance("perform", key);
    return chance >= rate * (1 - REPLY_LOST) && chance < rate;
  }

  /** Whether a question gets no answer. */
  boolean isSilent(String key) {
    return chance("find", key) < rate;
  }

  /** Whether a call is not undone. */
  boolean isNotUndone(String key) {
    return chance("undo", key) < rate;
  }

  /** Whether a payment that is not given back never can be, because its card was closed meanwhile. */
  boolean isCardClosed(String key) {
    return isNotUndone(key) && chance("card", key) < CARD_CLOSED;
  }

  /** 0 to 1, evenly. */
  private double chance(String what, String key) {
    String text = seed + "/" + what + "/" + key;
    UUID hash = UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    return (hash.getLeastSignificantBits() << 2 >>> UNUSED_BITS) * UNIT;
  }
}
