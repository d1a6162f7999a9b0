package dev.holdfast.examples.airline;

import dev.holdfast.examples.database.ExampleDatabase;
import java.io.PrintStream;

/** What to try next. Immutable. */
record NextSteps(PrintStream out, Namespaces namespaces) {

  /** Prints commands that can be copied; they are not cut where the terminal ends. */
  void print(ExampleDatabase database) {
    String where = " WHERE namespace = '" + namespaces.reservations().replace("'", "''") + "'";
    out.println();
    out.println("Try next");
    out.println(
        "  Start it again: it finds everything and writes nothing. Or kill it half-way first.");
    out.println("  Which reservations changed most:");
    query(
        database,
        "SELECT name, version, changed_at FROM holdfast.state_summary" + where
            + " ORDER BY version DESC LIMIT 5");
    out.println("  Which tools changed them:");
    query(
        database,
        "SELECT reason, count(DISTINCT (state_id, version)) AS versions FROM holdfast.change_summary"
            + where + " GROUP BY reason ORDER BY versions DESC");
  }

  private void query(ExampleDatabase database, String sql) {
    out.println("    " + database.prompt() + " \"" + sql + "\"");
  }
}
