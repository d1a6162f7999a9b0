/**
 * The PostgreSQL server under measurement and what it says about itself: its settings, the time of a commit, the write-ahead log.
 * Read {@link dev.holdfast.benchmarks.server.Database} first.
 */
@NullMarked
package dev.holdfast.benchmarks.server;

import org.jspecify.annotations.NullMarked;
