package dev.holdfast;

import dev.holdfast.contract.CachingContract;
import dev.holdfast.logging.Log;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Loads states into the read cache at the start, in a thread of its own, so that nobody waits for it. What is missing is said in the log, and
 * nothing of it can fail anything else. Safe for use by multiple threads.
 */
final class WarmUp implements AutoCloseable {

  private static final int MOST_A_PAGE = 10_000;
  private static final long CLOSE_PATIENCE_MILLIS = 10_000;

  private final CachingContract contract;
  private final States states;
  private final Log log;
  private final Runnable onEnd;
  private final Thread thread = new Thread(this::run, "holdfast-warm-up");
  private volatile boolean closed;
  private long loaded;
  private long missing;

  /** What it needs of a store. */
  interface States {

    /**
     * Waits until what is loaded stays in memory; false when it does not come to that.
     *
     * @param namespace one that may be read
     */
    boolean await(String namespace) throws InterruptedException;

    /** The names of a namespace behind one, in order. */
    Collection<String> names(String namespace, String after, int limit);

    /** Loads a state; false when it was never written. */
    boolean load(String namespace, String name);

    /** Whether states make room for others by now. */
    boolean isFull();
  }

  /**
   * A warm-up that has not begun.
   *
   * @param onEnd is called when all is loaded
   */
  WarmUp(CachingContract contract, States states, Log log, Runnable onEnd) {
    this.contract = contract;
    this.states = states;
    this.log = log;
    this.onEnd = onEnd;
    this.thread.setDaemon(true);
  }

  /** Begins, if the contract says so. */
  void start() {
    if (contract.warmUpEnabled()) {
      thread.start();
    }
  }

  private void run() {
    try {
      if (states.await(namespace(contract.warmUpSources().get(0)))) {
        load();
      } else if (!closed) {
        log.warn("No states were loaded at the start: the watch on changes did not begin");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      // The thread does nothing else, and nobody would hear of it. What the closing has cut off is
      // no news; an Error is.
      if (!closed || e instanceof Error) {
        log.warn(
            "Loading states at the start failed after {}; they are read when wanted", loaded, e);
      }
    }
  }

  /** Loads what the contract names. */
  void load() {
    List<String> single = new ArrayList<>();
    boolean goesOn = true;
    for (String source : contract.warmUpSources()) {
      if (!source.endsWith("/*")) {
        single.add(source);
      } else if (goesOn) {
        goesOn = all(namespace(source));
      }
    }
    for (int from = 0; goesOn && from < single.size(); from += batch()) {
      goesOn = these(single.subList(from, Math.min(single.size(), from + batch())));
    }
    log.info("Loaded {} states at the start; never written: {}", loaded, missing);
    onEnd.run();
  }

  private int batch() {
    return Math.min(contract.warmUpBatchSize(), MOST_A_PAGE);
  }

  private boolean all(String namespace) {
    String after = "";
    while (true) {
      Collection<String> names = states.names(namespace, after, batch());
      for (String name : names) {
        load(namespace, name);
        after = name;
      }
      if (!goesOn()) {
        return false;
      }
      if (names.size() < batch()) {
        return true;
      }
    }
  }

  private boolean these(List<String> sources) {
    for (String source : sources) {
      load(namespace(source), source.substring(namespace(source).length() + 1));
    }
    return goesOn();
  }

  private boolean goesOn() {
    if (closed) {
      return false;
    }
    if (states.isFull()) {
      log.warn("The cache of states is full before all was loaded at the start");
      return false;
    }
    return true;
  }

  private void load(String namespace, String name) {
    if (closed) {
      return;
    }
    if (states.load(namespace, name)) {
      loaded++;
    } else {
      missing++;
      log.warn("The state {}/{} to be loaded at the start was never written", namespace, name);
    }
  }

  private static String namespace(String source) {
    return source.substring(0, source.indexOf('/'));
  }

  /** Ends it, and waits for its thread. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
