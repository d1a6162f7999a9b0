package dev.holdfast.effect.definition;

import dev.holdfast.effect.EffectTransaction;
import org.jspecify.annotations.Nullable;

/**
 * The work of a definition. What holds for an {@link dev.holdfast.effect.EffectBody} holds here as well: it may run again, in any process that
 * has the definition, and has to make the same operations with the same requests in the same order. Called by several threads at once.
 *
 * @param <I> what it is given
 * @param <T> what it returns
 */
@FunctionalInterface
public interface DefinitionBody<I, T extends @Nullable Object> {

  /** Does the work. Whatever it throws rolls back what was done. */
  T run(EffectTransaction effect, I input) throws Exception;
}
