/**
 * Plots as SVG, without any library. Read {@link dev.holdfast.benchmarks.plot.BarChart} first; it is the only kind.
 */
@NullMarked
package dev.holdfast.benchmarks.plot;

import org.jspecify.annotations.NullMarked;
