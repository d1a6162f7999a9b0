package dev.holdfast.examples.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a job prints to, always in UTF-8. Safe for use by multiple threads as far as the streams are. Immutable.
 *
 * @param out for results
 * @param err for errors and, when a program reads the results, for progress
 * @param isOutTerminal whether a person watches {@code out}
 * @param isErrTerminal whether a person watches {@code err}
 * @param columns the width of a line
 */
public record Terminal(
    PrintStream out, PrintStream err, boolean isOutTerminal, boolean isErrTerminal, int columns) {

  private static final int DEFAULT_COLUMNS = 120;
  private static final int MIN_COLUMNS = 60;
  private static final int MAX_COLUMNS = 160;

  /** Keeps the width within what is readable. */
  public Terminal {
    columns = Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, columns));
  }

  /** The streams of this process; the script that starts it says whether they are terminals. */
  public static Terminal ofProcess() {
    return new Terminal(
        utf8(FileDescriptor.out),
        utf8(FileDescriptor.err),
        Boolean.getBoolean("holdfast.examples.out.terminal"),
        Boolean.getBoolean("holdfast.examples.err.terminal"),
        Integer.getInteger("holdfast.examples.columns", DEFAULT_COLUMNS));
  }

  /** Two streams that nobody watches. */
  public static Terminal of(PrintStream out, PrintStream err) {
    return new Terminal(out, err, false, false, DEFAULT_COLUMNS);
  }

  private static PrintStream utf8(FileDescriptor stream) {
    return new PrintStream(new FileOutputStream(stream), true, StandardCharsets.UTF_8);
  }

  /** A progress line on one of the streams. */
  @SuppressWarnings("ReferenceEquality") // the very stream is meant
  public ProgressLine progress(PrintStream stream) {
    boolean redrawn = stream == out ? isOutTerminal : isErrTerminal;
    return new ProgressLine(stream, redrawn, columns, System::nanoTime);
  }
}
