/**
 * What was measured, as JSON lines and as Markdown. A {@link dev.holdfast.benchmarks.report.Report} takes every
 * {@link dev.holdfast.benchmarks.report.Measurement} and prints medians with quartiles; read these two first.
 */
@NullMarked
package dev.holdfast.benchmarks.report;

import org.jspecify.annotations.NullMarked;
