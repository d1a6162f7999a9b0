package dev.holdfast.effect.internal;

import dev.holdfast.logging.Logs;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Names the threads of this library; none of them keeps a process alive. */
final class Threads {

  private Threads() {}

  /** As many threads as there is work; each works with the MDC of the thread that handed the work over. */
  static ExecutorService workers(String name, Logs logs) {
    return new ThreadPoolExecutor(
        0, Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons(name)) {
      @Override
      public void execute(Runnable work) {
        super.execute(logs.carried(work));
      }
    };
  }

  static ThreadFactory daemons(String name) {
    AtomicInteger number = new AtomicInteger();
    return work -> {
      Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
