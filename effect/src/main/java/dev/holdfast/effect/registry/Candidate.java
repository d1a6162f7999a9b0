package dev.holdfast.effect.registry;

import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;

/**
 * A handler that stands for the name it has, beside others. Immutable: every method returns a new candidate.
 *
 * @param handler how it is done
 * @param provider whose it is, 1 to 512 bytes without {@code @}, {@value #DEFAULT_PROVIDER} by default; identifies the candidate together
 *     with the name, and is recorded with every operation that it performs
 * @param priority -1000 to 1000, 0 by default; the highest wins
 * @param stackLevel -100 to 100, 0 by default; the highest wins among those of equal priority
 */
public record Candidate(
    EffectHandler<?, ?> handler, String provider, int priority, int stackLevel) {

  /** The provider of those that name none. */
  public static final String DEFAULT_PROVIDER = "default";

  private static final int MAX_PRIORITY = 1000;
  private static final int MAX_STACK_LEVEL = 100;

  /** Checks every component. */
  public Candidate {
    TextRules.requireText("provider", provider, StateId.MAX_BYTES);
    if (provider.indexOf('@') >= 0) {
      throw invalid(handler, "the provider must not hold @: \"" + provider + "\"");
    }
    requireWithin(handler, "priority", priority, MAX_PRIORITY);
    requireWithin(handler, "stack level", stackLevel, MAX_STACK_LEVEL);
  }

  private static void requireWithin(EffectHandler<?, ?> handler, String what, int number, int max) {
    if (number < -max || number > max) {
      throw invalid(handler, "the " + what + " is " + -max + " to " + max + ", not " + number);
    }
  }

  private static HoldfastException invalid(EffectHandler<?, ?> handler, String message) {
    return new HoldfastException(
        ErrorCode.INVALID_ARGUMENT, "Candidate for handler \"" + handler.name() + "\": " + message);
  }

  /** A candidate of the default provider. */
  public static Candidate of(EffectHandler<?, ?> handler) {
    return new Candidate(handler, DEFAULT_PROVIDER, 0, 0);
  }

  /** The same of another provider. */
  public Candidate provider(String whose) {
    return new Candidate(handler, whose, priority, stackLevel);
  }

  /** The same with another priority. */
  public Candidate priority(int number) {
    return new Candidate(handler, provider, number, stackLevel);
  }

  /** The same with another stack level. */
  public Candidate stackLevel(int number) {
    return new Candidate(handler, provider, priority, number);
  }

  /** The name that it stands for. */
  public String name() {
    return handler.name();
  }

  /** The name, and after an {@code @} the provider unless that is the default one. It names the breaker, too. */
  public String id() {
    return id(name(), provider);
  }

  static String id(String name, String provider) {
    return provider.equals(DEFAULT_PROVIDER) ? name : name + "@" + provider;
  }

  @Override
  public String toString() {
    return id() + " (priority " + priority + ", stack level " + stackLevel + ")";
  }
}
