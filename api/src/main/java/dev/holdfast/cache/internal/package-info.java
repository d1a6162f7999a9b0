/**
 * How computations of caches wait for each other, across caches and threads. Read {@link dev.holdfast.cache.internal.Flight} first.
 */
@NullMarked
package dev.holdfast.cache.internal;

import org.jspecify.annotations.NullMarked;
