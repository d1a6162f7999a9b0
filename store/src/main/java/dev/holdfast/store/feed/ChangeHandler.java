package dev.holdfast.store.feed;

/** What a consumer does with a change set. It may see one more than once, and must be able to bear that. */
@FunctionalInterface
public interface ChangeHandler {

  /**
   * Handles one change set. Whatever it throws counts as a failed attempt.
   *
   * @throws Exception when it could not be handled
   */
  void handle(ChangeEvent event) throws Exception;
}
