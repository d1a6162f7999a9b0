package dev.holdfast.examples.airline;

import dev.holdfast.examples.terminal.Job;
import dev.holdfast.examples.terminal.Terminal;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Runs the real command in this JVM and keeps what it printed. */
final class TestingCommand {

  private TestingCommand() {}

  static Outcome run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal = Terminal.of(utf8(out), utf8(err));
    int code = Job.run(new AirlineCommand(terminal), terminal, arguments);
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static Outcome run(TestDatabase database, String... arguments) {
    return run(withAddress(database, arguments));
  }

  static String[] withAddress(TestDatabase database, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--jdbc-url", database.jdbcUrl()));
    all.addAll(List.of("--user", database.user(), "--password", database.password()));
    return all.toArray(String[]::new);
  }

  private static PrintStream utf8(ByteArrayOutputStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }

  /** How it ended. */
  record Outcome(int code, String out, String err) {

    JsonNode json() {
      return Json.parse(out);
    }

    long number(String pointer) {
      return json().at(pointer).asLong();
    }
  }
}
