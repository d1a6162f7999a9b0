/**
 * The page of the documentation that shows what was measured. {@link dev.holdfast.benchmarks.performance.Page} writes it from results files;
 * what is drawn is in {@link dev.holdfast.benchmarks.performance.Plots}.
 */
@NullMarked
package dev.holdfast.benchmarks.performance;

import org.jspecify.annotations.NullMarked;
