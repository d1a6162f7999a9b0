package dev.holdfast.store.activity;

import dev.holdfast.logging.Log;
import dev.holdfast.logging.Logs;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener of activities, and keeps from them whatever it throws, errors and undeclared checked exceptions included: that something
 * was done must not be hidden by who is told of it. Who has no listener has no object of this class, so that it costs nothing. Safe for use
 * by multiple threads.
 */
public final class Activities {

  private static final ActivityListener.Ending NOTHING = failure -> {};

  private final ActivityListener listener;
  private final Log log;

  /** Activities that a listener is told of; what it throws is logged. */
  public Activities(ActivityListener listener, Logs logs) {
    this.listener = listener;
    this.log = logs.of(Activities.class);
  }

  /**
   * Does something and tells of it.
   *
   * @throws E what the work throws
   */
  public <T extends @Nullable Object, E extends Exception> T run(Activity activity, Work<T, E> work)
      throws E {
    return run(activity, work, result -> null);
  }

  /**
   * Does something and tells of it; what comes of it says whether it failed.
   *
   * @throws E what the work throws
   */
  public <T extends @Nullable Object, E extends Exception> T run(
      Activity activity, Work<T, E> work, Judge<? super T> judge) throws E {
    ActivityListener.Ending ending = begin(activity);
    T result;
    try {
      result = work.run();
    } catch (Throwable e) {
      end(ending, activity, e);
      throw e;
    }
    end(ending, activity, judge.failure(result));
    return result;
  }

  /**
   * Tells that something begins, for who tells several listeners at once. Neither this throws what the listener does, nor does the ending.
   */
  public ActivityListener.Ending begun(Activity activity) {
    ActivityListener.Ending ending = begin(activity);
    return failure -> end(ending, activity, failure);
  }

  private ActivityListener.Ending begin(Activity activity) {
    try {
      return listener.begun(activity);
    } catch (Throwable e) {
      warn("beginning", activity, e);
      return NOTHING;
    }
  }

  private void end(ActivityListener.Ending ending, Activity activity, @Nullable Throwable failure) {
    try {
      ending.ended(failure);
    } catch (Throwable e) {
      warn("end", activity, e);
    }
  }

  private void warn(String when, Activity activity, Throwable failure) {
    log.warn(
        "The listener {} failed at the {} of {} {}",
        listener.getClass().getName(),
        when,
        activity.kind(),
        activity.name(),
        failure);
  }

  /**
   * Says whether something that returned has failed all the same. Throws nothing.
   *
   * @param <T> what is judged
   */
  @FunctionalInterface
  public interface Judge<T extends @Nullable Object> {

    /** The failure; null for a success. */
    @Nullable
    Throwable failure(T result);
  }

  /**
   * What is done.
   *
   * @param <T> what comes of it
   * @param <E> what it may throw
   */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object, E extends Exception> {

    /** Does it. */
    T run() throws E;
  }
}
