/**
 * The mappings within the {@linkplain dev.holdfast.contract.CachingContract caching contract}. Begin with {@link
 * dev.holdfast.contract.caching.ComputeCacheSettings}, which caches of computed results are made with.
 */
@NullMarked
package dev.holdfast.contract.caching;

import org.jspecify.annotations.NullMarked;
