package dev.holdfast.event;

import java.util.List;

/** What somebody does with events. Called by one thread of its own, one batch after the other. */
@FunctionalInterface
public interface EventListener {

  /**
   * Handles events, as many as the contract's batch at most. Whatever it throws counts as a failed attempt for all of them: it may see them
   * again, and must be able to bear that.
   *
   * @throws Exception when they could not be handled
   */
  void onEvents(List<Event> events) throws Exception;
}
