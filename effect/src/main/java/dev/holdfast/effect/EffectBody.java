package dev.holdfast.effect;

import org.jspecify.annotations.Nullable;

/**
 * The work of an effect transaction or of a scope in it. It can run again, in this or another process, when it was interrupted or when its
 * id is asked for again: operations that were completed are then answered from the journal, so it has to make the same operations with
 * the same requests in the same order. What is neither an operation nor computed from what operations answered, such as the time of day
 * or a random number, has no place in it.
 *
 * @param <T> what it returns
 */
@FunctionalInterface
public interface EffectBody<T extends @Nullable Object> {

  /** Does the work. Whatever it throws rolls back what was done. */
  T run(EffectTransaction effect) throws Exception;
}
