package dev.holdfast.integration.concurrent;

import dev.holdfast.Holdfast;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A process of its own with several threads that do one job. It says when it is ready and begins when the starting line is free: all
 * workers of a race begin at the same moment. Confined to its process.
 */
final class Worker {

  /** Taken exclusively by the test before the start and shared by the workers at the start. */
  static final int STARTING_LINE = 4711;

  private final String url;
  private final String user;
  private final String password;

  private Worker(String url, String user, String password) {
    this.url = url;
    this.user = user;
    this.password = password;
  }

  /** Arguments: JDBC URL, user, password, job, state, number of the first worker thread, threads, times. */
  public static void main(String[] args) throws Exception {
    new Worker(args[0], args[1], args[2])
        .work(
            Job.valueOf(args[3]),
            args[4],
            Integer.parseInt(args[5]),
            Integer.parseInt(args[6]),
            Integer.parseInt(args[7]));
  }

  private void work(Job job, String state, int first, int threads, int times) throws Exception {
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(url, user, password)
        .maximumPoolSize(Math.max(2, threads))
        .build()) {
      holdfast.state(Job.NAMESPACE, state).version();
      System.out.println("ready");
      awaitStart();
      run(holdfast, job, state, first, threads, times);
      System.out.println("conflicts " + holdfast.metrics().conflicts());
    }
  }

  private void awaitStart() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, user, password);
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock_shared(" + STARTING_LINE + ")");
    }
  }

  private static void run(
      Holdfast holdfast, Job job, String state, int first, int threads, int times)
      throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int worker = first + i;
      running.add(executor.submit(() -> job.run(holdfast, state, worker, times)));
    }
    for (Future<?> one : running) {
      one.get();
    }
    executor.shutdown();
  }
}
