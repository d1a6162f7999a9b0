package dev.holdfast.store;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;

/** How long work computes, for bounds on what needs no database: a busy machine makes it wait, but not compute any longer. */
public final class TestingCpu {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private TestingCpu() {}

  /** The time that a processor spends on work that this thread does alone. */
  public static Duration timeOf(Runnable work) {
    long start = THREADS.getCurrentThreadCpuTime();
    work.run();
    return Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - start);
  }
}
