package dev.holdfast.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The databases of one test class: the one it is given, and those it asks for. Safe for use by several threads. */
final class ClassDatabases implements AutoCloseable {

  private final TestRun run;
  private final String label;
  private final Queue<String> names = new ConcurrentLinkedQueue<>();
  private final TestDatabase main;

  ClassDatabases(TestRun run, Class<?> testClass) {
    this.run = run;
    this.label = testClass.getSimpleName();
    this.main = opened(run.databases().createMigrated(label));
  }

  TestDatabase main() {
    return main;
  }

  TestDatabase fresh() {
    return opened(run.databases().createEmpty(label));
  }

  TestEngine engine() {
    return run.engine();
  }

  String serverVersion() {
    return run.serverVersion();
  }

  /** Drops the databases; fails when somebody was still connected to one. */
  @Override
  public void close() {
    List<String> leaks = new ArrayList<>();
    for (String name = names.poll(); name != null; name = names.poll()) {
      for (String session : run.databases().remainingSessions(name)) {
        leaks.add("\n- " + name + ": " + session);
      }
      run.databases().drop(name);
    }
    if (!leaks.isEmpty()) {
      throw new AssertionError(
          label + " left connections to its databases open:" + String.join("", leaks));
    }
  }

  private TestDatabase opened(String name) {
    names.add(name);
    return new TestDatabase(
        this, name, run.databases().address(name), run.databases().libraryAddress(name));
  }
}
