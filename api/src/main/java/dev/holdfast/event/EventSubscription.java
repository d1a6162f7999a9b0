package dev.holdfast.event;

/** A listener at work. Safe for use by multiple threads. */
public interface EventSubscription extends AutoCloseable {

  /** The routing key that it listens to. */
  String key();

  /** How many events wait for it. */
  int waiting();

  /**
   * Takes no more events and waits, five seconds at most, until the listener has those that wait; then it is interrupted, and what is left is
   * undelivered. Closing again does nothing.
   */
  @Override
  void close();
}
