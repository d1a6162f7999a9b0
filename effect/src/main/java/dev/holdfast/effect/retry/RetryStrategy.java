package dev.holdfast.effect.retry;

import java.util.random.RandomGenerator;

/**
 * How pauses grow from attempt to attempt, before jitter and cap. Immutable.
 *
 * <p>In the formulas, k counts the pauses from 1 and m is the multiplier.
 */
public enum RetryStrategy {

  /** The initial delay every time. The multiplier does nothing. */
  FIXED {
    @Override
    double nanos(double initial, double multiplier, int k, double cap) {
      return initial;
    }
  },

  /** Initial delay × (1 + (k − 1) × (m − 1)); with the multiplier 2 that is initial delay × k. */
  LINEAR {
    @Override
    double nanos(double initial, double multiplier, int k, double cap) {
      return initial * (1 + (k - 1) * (multiplier - 1));
    }
  },

  /** Initial delay × m to the power of (k − 1). */
  EXPONENTIAL {
    @Override
    double nanos(double initial, double multiplier, int k, double cap) {
      return initial * Math.pow(multiplier, k - 1);
    }
  },

  /**
   * Random between zero and what {@link #EXPONENTIAL} says, at most the cap ("full jitter", Marc Brooker, AWS Architecture Blog, 2015).
   * The calls of many clients are spread best by this one.
   */
  RANDOM {
    @Override
    double nanos(double initial, double multiplier, int k, double cap) {
      return EXPONENTIAL.nanos(initial, multiplier, k, cap);
    }

    @Override
    long choose(long bound, RandomGenerator random) {
      return random.nextLong(bound + 1);
    }
  },

  /** Initial delay × the k-th Fibonacci number: 1, 1, 2, 3, 5, 8 and so on. The multiplier does nothing. */
  FIBONACCI {
    @Override
    double nanos(double initial, double multiplier, int k, double cap) {
      double before = 0;
      double current = 1;
      for (int i = 1; i < k && current * initial < cap; i++) {
        double next = before + current;
        before = current;
        current = next;
      }
      return current * initial;
    }
  };

  /** The pause without limit; in doubles, which hold a day in nanoseconds exactly and go to infinity instead of overflowing. */
  abstract double nanos(double initial, double multiplier, int k, double cap);

  /** The pause, given the largest that the strategy allows. */
  long choose(long bound, RandomGenerator random) {
    return bound;
  }

  long delay(RetryPolicy policy, int k, RandomGenerator random) {
    double initial = policy.initialDelay().toNanos();
    double cap = policy.maximumDelay().toNanos();
    double unlimited = initial == 0 ? 0 : nanos(initial, policy.multiplier(), k, cap);
    return choose(Math.round(Math.min(cap, unlimited)), random);
  }
}
