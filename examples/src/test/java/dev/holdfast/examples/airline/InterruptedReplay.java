package dev.holdfast.examples.airline;

import dev.holdfast.Holdfast;
import dev.holdfast.examples.reservation.Outage;
import dev.holdfast.examples.reservation.ReservationService;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * A process that replays and stops at a point that the test chooses, after saying so.
 *
 * <ul>
 *   <li>{@code gate}: before the first write, when it has seen what is there, until nobody holds the advisory lock {@value #GATE} any more;
 *   <li>{@code message}: one worker for ever, behind the write of a message; the others go on;
 *   <li>{@code called}: the same when the reservation service has done something and the journal does not know;
 *   <li>{@code shared}: the same between the effect transaction of a tool call and the write of the run.
 * </ul>
 */
final class InterruptedReplay {

  static final String READY = "here I stop";
  static final int GATE = 4711;

  private InterruptedReplay() {}

  /** Arguments: url, user, password, namespace, workers, point, count, and the file of the runs or nothing for the bundled ones. */
  public static void main(String[] arguments) throws SQLException {
    List<String> given = List.of(arguments);
    Namespaces namespaces = new Namespaces(given.get(3));
    int workers = Integer.parseInt(given.get(4));
    boolean isFile = given.size() > 7;
    List<RecordedRun> runs = RunsFile.read(
        isFile ? InputFile.of(Path.of(given.get(7))) : InputFile.bundled("sample-runs.json"));
    Map<String, ObjectNode> seeds =
        isFile ? Map.of() : InputFile.bundled("sample-reservations.json").reservations();
    try (Holdfast holdfast = Holdfast.builder()
        .jdbcUrl(given.get(0), given.get(1), given.get(2))
        .maximumPoolSize(workers + 1)
        .effects(effects -> effects.lease(Duration.ofSeconds(5)).withoutRecovery())
        .build()) {
      Stop stop = new Stop(given.get(5), Integer.parseInt(given.get(6)));
      ReservationService service =
          ReservationService.open(dataSource(given), namespaces.prefix(), Outage.NONE);
      Ledger ledger = new Ledger(holdfast, namespaces, seeds, stop);
      ToolCalls calls = ToolCalls.over(holdfast, namespaces, service, ledger, stop);
      Found found = Found.of(holdfast, namespaces, runs);
      if (given.get(5).equals("gate")) {
        passGate(given);
      }
      new Replay(holdfast, namespaces, calls, stop).play(runs, found, workers, () -> {});
      System.out.println("conflicts: " + holdfast.metrics().conflicts());
    }
  }

  private static DataSource dataSource(List<String> given) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(given.get(0));
    source.setUser(given.get(1));
    source.setPassword(given.get(2));
    return source;
  }

  private static void passGate(List<String> given) throws SQLException {
    System.out.println(READY);
    try (Connection connection =
            DriverManager.getConnection(given.get(0), given.get(1), given.get(2));
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock_shared(" + GATE + ")");
    }
  }

  /** Stops one worker at its point. */
  private record Stop(String point, AtomicInteger left) implements ReplayListener {

    Stop(String point, int count) {
      this(point, new AtomicInteger(count));
    }

    @Override
    public void called(String operation) {
      pass("called");
    }

    @Override
    public void shared(SharedWrite write) {
      pass("shared");
    }

    @Override
    public void appended(RecordedRun run, int position, long nanos) {
      pass("message");
    }

    private void pass(String reached) {
      if (reached.equals(point) && left.decrementAndGet() == 0) {
        System.out.println(READY);
        await();
      }
    }

    private static void await() {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
