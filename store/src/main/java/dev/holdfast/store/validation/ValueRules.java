package dev.holdfast.store.validation;

import dev.holdfast.store.StateId;

/**
 * What the values of some keys have to be. Asked with each whole value before it is written: of {@code set} and the like before any I/O, of a
 * read-modify-write with what it makes of the value that it read, of an append with the whole that it makes. Not asked by a rollback or a fork:
 * they bring back what was accepted once. Implementations are safe for use by multiple threads and do no I/O worth mentioning.
 */
public interface ValueRules {

  /** Nothing has to be anything. */
  ValueRules NONE = new ValueRules() {
    @Override
    public boolean govern(StateId state, String key) {
      return false;
    }

    @Override
    public void check(StateId state, String key, String json) {}
  };

  /** Whether there is a rule for the values of a key. What has none costs only this question. */
  boolean govern(StateId state, String key);

  /**
   * Checks a value.
   *
   * @param json the whole value
   * @throws ValidationException when it breaks a rule; nothing is written
   */
  void check(StateId state, String key, String json);
}
