/**
 * What durable writes cost under load, beside what one would write by hand. Read
 * {@link dev.holdfast.benchmarks.writes.WritesSuite} first; each way to write is a {@code WriteStore}.
 */
@NullMarked
package dev.holdfast.benchmarks.writes;

import org.jspecify.annotations.NullMarked;
