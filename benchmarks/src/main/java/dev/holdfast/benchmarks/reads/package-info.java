/**
 * What reads cost, beside the same query written by hand. Read {@link dev.holdfast.benchmarks.reads.ReadsSuite} first.
 */
@NullMarked
package dev.holdfast.benchmarks.reads;

import org.jspecify.annotations.NullMarked;
