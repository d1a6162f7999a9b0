package dev.holdfast.effect.crash;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the points that a process passes, and ends it as a crash would at one of them. Safe for use by multiple threads. */
final class Points {

  private final int fatal;
  private final AtomicInteger passed = new AtomicInteger();

  /**
   * Counts from 1.
   *
   * @param fatal the point at which the process ends; 0 for none
   */
  Points(int fatal) {
    this.fatal = fatal;
  }

  void pass(String name) {
    int point = passed.incrementAndGet();
    System.out.println("point " + point + " " + name);
    if (point == fatal) {
      System.out.println("dies");
      System.out.flush();
      Runtime.getRuntime().halt(0);
    }
  }
}
