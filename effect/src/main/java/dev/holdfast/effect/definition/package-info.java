/**
 * Effect transactions whose body is known by name, so that another process can go on with them after a crash. Read
 * {@link dev.holdfast.effect.definition.EffectDefinition} first.
 */
@NullMarked
package dev.holdfast.effect.definition;

import org.jspecify.annotations.NullMarked;
