/**
 * What history costs: the write-ahead log of a conversation, the time to read it back, and reads of the past as history grows. Read
 * {@link dev.holdfast.benchmarks.history.HistorySuite} first.
 */
@NullMarked
package dev.holdfast.benchmarks.history;

import org.jspecify.annotations.NullMarked;
