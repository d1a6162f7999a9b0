package dev.holdfast.effect.handler;

/**
 * What a handler needs around its calls, say a client that is opened and closed. Must be safe for use by multiple threads, although start
 * and stop never run at the same time.
 */
public interface HandlerLifecycle {

  /**
   * Called before the first call of the handler in this process, within the timeout of that call. When it throws, that call fails, nothing
   * was done, and the next call starts again.
   *
   * @throws Exception when the handler cannot be used
   */
  void start() throws Exception;

  /**
   * Called once after each successful start: when the effect transactions are closed, or when the handler was unregistered and its calls
   * under way have ended. A failure is logged at ERROR; the handler counts as stopped. Closing waits for a start that is still under way up to
   * the close patience, and says so when that does not end; it is stopped when it has ended after all.
   *
   * @throws Exception when it could not be stopped cleanly
   */
  void stop() throws Exception;
}
