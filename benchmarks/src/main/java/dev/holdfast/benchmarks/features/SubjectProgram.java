package dev.holdfast.benchmarks.features;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.benchmarks.features.Variant.Opened;
import dev.holdfast.benchmarks.load.LoadDriver;
import dev.holdfast.benchmarks.load.Stop;
import dev.holdfast.benchmarks.load.Worker;
import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.migrations.Migrations;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The program of a {@link Subject}: fills the states, then puts its load on its variant for as long as each line of its standard input says,
 * and answers with the operations a second. It also runs on the classes of older builds, so it calls nothing that those do not have.
 */
final class SubjectProgram {

  /** What it says when it is ready. */
  static final String READY = "ready";

  /** Begins a line that says how many operations each thread does; other lines are durations. */
  static final String TIMES = "times ";

  private SubjectProgram() {}

  /**
   * Runs until the standard input ends, whose first lines are URL, user and password.
   *
   * @param arguments schema, name of the variant, title of the load, seed
   */
  public static void main(String[] arguments) throws IOException {
    SchemaName schema = new SchemaName(arguments[0]);
    Variant variant = Variant.named(arguments[1]);
    Load load = Load.titled(arguments[2]);
    LoadDriver driver = new LoadDriver(Long.parseLong(arguments[3]));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Database database =
            Database.external(lines.readLine(), lines.readLine(), lines.readLine());
        HikariDataSource pool = database.newPool(Math.max(4, load.threads()))) {
      Migrations.of(pool, schema).migrate();
      try (Opened opened = variant.open().apply(pool, schema)) {
        List<State<Integer>> states = IntStream.range(0, Load.STATES)
            .mapToObj(number -> opened.states().state("state-" + number))
            .toList();
        states.forEach(state -> state.update(Load.VALUES));
        Worker worker = load.work().apply(states);
        answer(lines, stop -> driver.run(load.threads(), stop, worker).throughput());
      }
    }
  }

  private static void answer(BufferedReader lines, Turn turn) throws IOException {
    System.out.println(READY);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(turn.throughput(stop(line)));
    }
  }

  private static Stop stop(String line) {
    return line.startsWith(TIMES)
        ? Stop.afterEach(Long.parseLong(line.substring(TIMES.length())))
        : Stop.after(Duration.parse(line));
  }

  private interface Turn {
    double throughput(Stop stop);
  }
}
