package dev.holdfast.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/** The lines that a process has printed so far, and a place up to which they were read. Safe for use by several threads. */
final class ChildOutput {

  private final List<String> lines = new ArrayList<>();
  private int position;
  private boolean ended;

  private ChildOutput() {}

  /** Starts a thread that reads until the process closes its output. */
  static ChildOutput of(BufferedReader reader, String name) {
    ChildOutput output = new ChildOutput();
    Thread thread = new Thread(() -> output.readAll(reader), name);
    thread.setDaemon(true);
    thread.start();
    return output;
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** Waits for the next unread line that matches somewhere, and marks it and all before it as read. Empty when none came. */
  synchronized Optional<String> next(Pattern pattern, Duration limit) throws InterruptedException {
    await(limit, () -> ended || skipTo(pattern));
    return skipTo(pattern) ? Optional.of(lines.get(position++)) : Optional.empty();
  }

  synchronized void awaitEnd(Duration limit) throws InterruptedException {
    await(limit, () -> ended);
  }

  /** Lines before a match stay unread until there is one, so that a wait in vain loses none. */
  private boolean skipTo(Pattern pattern) {
    for (int i = position; i < lines.size(); i++) {
      if (pattern.matcher(lines.get(i)).find()) {
        position = i;
        return true;
      }
    }
    return false;
  }

  private void await(Duration limit, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return;
      }
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
    }
  }

  private void readAll(BufferedReader reader) {
    try (reader) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      add("(output lost: " + e + ")");
    } finally {
      end();
    }
  }

  private synchronized void add(String line) {
    lines.add(line);
    notifyAll();
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }
}
