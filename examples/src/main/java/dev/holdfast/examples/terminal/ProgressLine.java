package dev.holdfast.examples.terminal;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/** How far a job is: one line, redrawn, on a terminal; elsewhere a line every two seconds. Confined to one thread. */
public final class ProgressLine {

  private static final long PLAIN_NANOS = Duration.ofSeconds(2).toNanos();
  private static final int BAR = 30;
  private static final String ERASE = "\r\u001b[K";

  private final PrintStream stream;
  private final boolean redrawn;
  private final int columns;
  private final LongSupplier nanoClock;
  private long shownAt;
  private String shown = "";

  ProgressLine(PrintStream stream, boolean redrawn, int columns, LongSupplier nanoClock) {
    this.stream = stream;
    this.redrawn = redrawn;
    this.columns = columns;
    this.nanoClock = nanoClock;
    this.shownAt = nanoClock.getAsLong();
  }

  /** Shows a part of a whole and what more there is to say about it. */
  public void show(long part, long whole, String text) {
    if (redrawn) {
      redraw(bar(part, whole) + "  " + text);
    } else if (nanoClock.getAsLong() - shownAt >= PLAIN_NANOS) {
      plain(percent(part, whole) + "  " + text);
    }
  }

  /** Leaves an empty line behind on a terminal, and nothing elsewhere. */
  public void end() {
    if (redrawn && !shown.isEmpty()) {
      stream.print(ERASE);
      stream.flush();
      shown = "";
    }
  }

  private void redraw(String text) {
    String line = Text.cut(text, columns - 1);
    if (!line.equals(shown)) {
      stream.print(ERASE + line);
      stream.flush();
      shown = line;
    }
  }

  private void plain(String line) {
    stream.println(line);
    stream.flush();
    shownAt = nanoClock.getAsLong();
  }

  private static String bar(long part, long whole) {
    int full = (int) (whole == 0 ? BAR : BAR * part / whole);
    return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "] " + percent(part, whole);
  }

  private static String percent(long part, long whole) {
    return "%3d %%".formatted(whole == 0 ? 100 : 100 * part / whole);
  }
}
