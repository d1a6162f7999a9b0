package dev.holdfast.store.activity;

import org.jspecify.annotations.Nullable;

/**
 * Learns when activities begin and end. Called in the thread of the activity, the beginnings and ends of a thread properly nested; what it
 * takes is added to the activity. What it throws, errors included, is logged and changes nothing else. Must be safe for use by multiple threads.
 */
@FunctionalInterface
public interface ActivityListener {

  /**
   * An activity begins.
   *
   * @return is told once that it ended
   */
  Ending begun(Activity activity);

  /** What is done at the end of one activity. */
  @FunctionalInterface
  interface Ending {

    /**
     * It ended.
     *
     * @param failure what it failed with; null when it succeeded
     */
    void ended(@Nullable Throwable failure);
  }
}
