/**
 * A cache of computed results.
 *
 * <p>Read {@link dev.holdfast.cache.ComputeCache}; {@link dev.holdfast.cache.CachePolicy} says which entry makes room for another.
 */
@NullMarked
package dev.holdfast.cache;

import org.jspecify.annotations.NullMarked;
