package dev.holdfast.examples.airline;

import dev.holdfast.examples.database.ExampleDatabase;
import java.io.PrintStream;

/** What to try next. Immutable. */
record NextSteps(PrintStream out, Namespaces namespaces) {

  /**
   * Prints commands that can be copied; they are not cut where the terminal ends.
   *
   * @param isOpen whether there are rollback failures to settle
   */
  void print(ExampleDatabase database, boolean isOpen) {
    String where = " WHERE namespace = '" + namespaces.reservations().replace("'", "''") + "'";
    out.println();
    out.println("Try next");
    out.println(
        "  Start it again: it finds everything and writes nothing. Or kill it half-way first.");
    if (isOpen) {
      out.println("  Settle what could not be undone: the same command with --resolve and without"
          + " --failure-rate.");
      out.println("  Why it could not be:");
      query(
          database,
          "SELECT effect_name, id, operation, code, exception_chain"
              + " FROM holdfast.rollback_failure_summary WHERE status = 'open'");
    } else {
      out.println(
          "  Let the reservation service fail: --failure-rate 0.3, in another --namespace.");
    }
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
