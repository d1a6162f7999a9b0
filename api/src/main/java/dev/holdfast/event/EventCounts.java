package dev.holdfast.event;

import java.util.concurrent.atomic.LongAdder;

/**
 * What the listeners of a bus have in common to count, those that were closed included. Safe for use by multiple threads.
 *
 * @param delivered how often a listener took an event
 * @param failedAttempts how often a listener threw
 */
record EventCounts(LongAdder delivered, LongAdder failedAttempts) {

  EventCounts() {
    this(new LongAdder(), new LongAdder());
  }
}
