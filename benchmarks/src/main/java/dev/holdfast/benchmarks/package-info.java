/**
 * Measures Holdfast beside what one would write by hand. {@link dev.holdfast.benchmarks.BenchmarksCommand} is the program; a
 * {@link dev.holdfast.benchmarks.Suite} measures one subject and gets all that it needs from a {@link dev.holdfast.benchmarks.Bench}.
 *
 * <p>To add a suite, implement the interface and add it to the list in {@code BenchmarksCommand}.
 */
@NullMarked
package dev.holdfast.benchmarks;

import org.jspecify.annotations.NullMarked;
