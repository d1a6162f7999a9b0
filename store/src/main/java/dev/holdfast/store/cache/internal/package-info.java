/**
 * The cache of states. {@link dev.holdfast.store.cache.internal.ReadCache} tells the protocol: what is kept, when it may be used, and who
 * vouches for it.
 */
@NullMarked
package dev.holdfast.store.cache.internal;

import org.jspecify.annotations.NullMarked;
