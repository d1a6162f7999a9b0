/**
 * What happens without the database, measured by JMH: the classes named {@code …Benchmarks} are its input.
 * {@link dev.holdfast.benchmarks.memory.MemorySuite} runs them and reports.
 */
@NullMarked
package dev.holdfast.benchmarks.memory;

import org.jspecify.annotations.NullMarked;
