package dev.holdfast.effect.file;

import java.io.IOException;

/** A file is neither as it was before the operation nor as the operation makes it: somebody else has changed it, and it is left alone. */
public final class FileChangedException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String path;

  FileChangedException(String path) {
    super(path + " was changed by somebody else and is left as it is");
    this.path = path;
  }

  /** The file, relative to the base folder. */
  public String path() {
    return path;
  }
}
