package dev.holdfast.contract;

/**
 * A place in a file. Immutable.
 *
 * @param file the file, as it was named by whoever asked for it or included it
 * @param line counted from 1
 * @param column counted from 1
 */
public record SourceLocation(String file, int line, int column) {

  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
