/**
 * A closed-loop load driver: so many threads, each calling one operation after the other. Read
 * {@link dev.holdfast.benchmarks.load.LoadDriver} first; a {@link dev.holdfast.benchmarks.load.LoadResult} is what it finds.
 */
@NullMarked
package dev.holdfast.benchmarks.load;

import org.jspecify.annotations.NullMarked;
