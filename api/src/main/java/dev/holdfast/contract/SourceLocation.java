package dev.holdfast.contract;

/**
 * A place in a file. Immutable.
 *
 * @param file the name of the first file, or the path from its folder to an included one, as that was included
 * @param line counted from 1
 * @param column counted from 1
 */
public record SourceLocation(String file, int line, int column) {

  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
