package dev.holdfast.integration.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Several processes that do the same job on one state, from the same moment on.
 *
 * @param processes how many JVMs
 * @param threads how many threads in each
 * @param times how often each thread does it
 */
record Race(Job job, String state, int processes, int threads, int times) {

  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** Runs it to its end; fails when a process does. */
  Result run(TestDatabase database) throws SQLException {
    List<ChildJvm> children = new ArrayList<>();
    try {
      long start;
      try (Connection line = database.dataSource().getConnection();
          Statement statement = line.createStatement()) {
        statement.execute("SELECT pg_advisory_lock(" + Worker.STARTING_LINE + ")");
        for (int i = 0; i < processes; i++) {
          children.add(start(database, i));
        }
        children.forEach(child -> child.readLineMatching("^ready", Duration.ofSeconds(60)));
        start = System.nanoTime();
      }
      children.forEach(child -> assertThat(child.waitFor(LIMIT))
          .as(() -> String.join("\n", child.output()))
          .isZero());
      return new Result(Duration.ofNanos(System.nanoTime() - start), conflicts(children));
    } finally {
      children.forEach(ChildJvm::close);
    }
  }

  private ChildJvm start(TestDatabase database, int process) {
    return ChildJvm.start(
        Worker.class,
        database.jdbcUrl(),
        database.libraryUser(),
        database.libraryPassword(),
        job.name(),
        state,
        String.valueOf(process * threads),
        String.valueOf(threads),
        String.valueOf(times));
  }

  private static long conflicts(List<ChildJvm> children) {
    return children.stream()
        .map(child -> child.readLineMatching("^conflicts ", Duration.ofSeconds(1)))
        .mapToLong(line -> Long.parseLong(line.substring("conflicts ".length())))
        .sum();
  }

  /**
   * How it went.
   *
   * @param time from the start to the end of the last process
   * @param conflicts how often a write found the key changed and was repeated
   */
  record Result(Duration time, long conflicts) {}
}
