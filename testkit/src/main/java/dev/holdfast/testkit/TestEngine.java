package dev.holdfast.testkit;

/** Where the PostgreSQL server of the tests runs. */
public enum TestEngine {
  /** In a container that was started for this JVM. */
  CONTAINER("containers"),
  /** As a process that was started for this JVM, from binaries in a jar. */
  EMBEDDED("embedded"),
  /** Somewhere else: the server was given as a JDBC URL. */
  EXTERNAL("external");

  private final String label;

  TestEngine(String label) {
    this.label = label;
  }

  /** The word for this engine in {@code holdfast-test-engine.txt}. */
  String label() {
    return label;
  }
}
