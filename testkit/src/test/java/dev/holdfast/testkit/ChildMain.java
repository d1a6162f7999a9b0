package dev.holdfast.testkit;

import java.util.Arrays;
import java.util.TimeZone;
import java.util.concurrent.CountDownLatch;

/** The main class that {@link ChildJvmTest} starts. */
final class ChildMain {

  private ChildMain() {}

  /** Prints facts about this JVM, then exits with the code given, or never when the argument is {@code wait}. */
  public static void main(String[] arguments) throws InterruptedException {
    System.out.println("arguments " + Arrays.toString(arguments));
    System.out.println("zone " + TimeZone.getDefault().getID());
    System.out.println("megabytes " + (Runtime.getRuntime().maxMemory() >> 20));
    System.err.println("to standard error: grüße");
    if (arguments[0].equals("wait")) {
      new CountDownLatch(1).await();
    }
    System.exit(Integer.parseInt(arguments[0]));
  }
}
