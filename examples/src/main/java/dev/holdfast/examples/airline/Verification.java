package dev.holdfast.examples.airline;

import dev.holdfast.examples.airline.Report.Verdict;
import dev.holdfast.examples.database.ExampleDatabase;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.json.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Compares what is stored with the recorded runs: messages through the library, versions, marks and effect transactions through SQL, so that
 * neither has to be believed alone. Confined to one thread.
 */
final class Verification {

  /** Versions of each state and how many its history has; an operator could ask the same. */
  private static final String VERSIONS = """
      SELECT s.namespace, s.name, s.version, count(DISTINCT c.version), coalesce(max(c.version), 0),
        count(DISTINCT c.version) FILTER (WHERE c.actor = 'seed'),
        count(*) FILTER (WHERE c.key LIKE 'applied:%')
      FROM holdfast.state_summary AS s
      LEFT JOIN holdfast.change_summary AS c ON c.state_id = s.state_id
      WHERE s.namespace IN (?, ?, ?)
      GROUP BY s.namespace, s.name, s.version
      ORDER BY s.namespace, s.name
      """;

  private static final String MARKS = """
      SELECT namespace, name, key, count(*)
      FROM holdfast.change_summary
      WHERE namespace IN (?, ?) AND key LIKE 'applied:%'
      GROUP BY namespace, name, key
      """;

  private static final Set<String> ENDS =
      Set.of("committed", "rolled_back", "rollback_failed", "resolved");

  private static final String EFFECTS = """
      SELECT name, id, status
      FROM holdfast.effect_summary
      WHERE name IN (?, ?, ?, ?, ?, ?)
      """;

  private final ExampleDatabase database;
  private final Namespaces namespaces;
  private long messages;
  private long sharedWrites;

  Verification(ExampleDatabase database, Namespaces namespaces) {
    this.database = database;
    this.namespaces = namespaces;
  }

  /** Looks at every message of every run, and at every state of the example. */
  Verdict verify(List<RecordedRun> runs) {
    try {
      for (RecordedRun run : runs) {
        verifyMessages(run);
      }
      verifyVersions();
      verifySharedWrites(runs);
      return new Verdict(runs.size(), messages, sharedWrites, null);
    } catch (DifferenceException e) {
      return new Verdict(runs.size(), messages, sharedWrites, e.getMessage());
    }
  }

  private void verifyMessages(RecordedRun run) {
    Snapshot<JsonNode> now =
        database.holdfast().state(namespaces.runs(), run.name()).snapshot();
    List<JsonNode> stored = Steps.messages(now);
    for (int i = 0; i < Math.min(stored.size(), run.messages().size()); i++) {
      String recorded = Json.canonical(run.messages().get(i));
      require(
          Json.canonical(stored.get(i)).equals(recorded),
          run.name() + ": message " + (i + 1) + " differs from the recorded one");
    }
    int wanted = run.messages().size();
    require(
        stored.size() == wanted,
        run.name() + ": has " + stored.size() + " messages, recorded are " + wanted);
    require(
        now.version() == wanted,
        run.name() + ": is at version " + now.version() + " after " + wanted + " messages");
    messages += wanted;
  }

  /** Version numbers have no gap, and every version has the one cause that it should have. */
  private void verifyVersions() {
    for (List<String> row :
        database.rows(VERSIONS, namespaces.runs(), namespaces.reservations(), namespaces.users())) {
      String state = row.get(0) + "/" + row.get(1);
      long version = Long.parseLong(row.get(2));
      require(
          row.get(3).equals(row.get(2)) && row.get(4).equals(row.get(2)),
          state + ": is at version " + version + ", its history has " + row.get(3)
              + " versions up to " + row.get(4));
      boolean isRun = row.get(0).equals(namespaces.runs());
      long causes = Long.parseLong(row.get(5)) + Long.parseLong(row.get(6));
      require(
          isRun || causes == version,
          state + ": has " + version + " versions, but " + causes + " tool calls and seeds");
    }
  }

  private void verifySharedWrites(List<RecordedRun> runs) {
    Map<String, String> applied = new HashMap<>();
    for (List<String> row : database.rows(MARKS, namespaces.reservations(), namespaces.users())) {
      applied.put(mark(row.get(0), row.get(1), row.get(2)), row.get(3));
    }
    Map<String, String> effects = new HashMap<>();
    for (List<String> row : database.rows(EFFECTS, namespaces.effects())) {
      effects.put(row.get(0) + "/" + row.get(1), row.get(2));
    }
    for (RecordedRun run : runs) {
      for (Step step : Steps.of(run)) {
        if (step.write() != null) {
          requireWhole(applied, effects, step.write());
        }
      }
    }
  }

  /** Once when its effect transaction is committed, and not at all when that is rolled back. */
  private void requireWhole(
      Map<String, String> applied, Map<String, String> effects, SharedWrite write) {
    String namespace = namespaces.of(write.kind());
    String effect = namespaces.effect(write.call().tool()) + "/" + write.call().id();
    String status = effects.getOrDefault(effect, "not there");
    require(
        ENDS.contains(status),
        "the effect transaction " + effect + " is " + status
            + (status.equals("not there") ? "; an earlier release may have played the run" : ""));
    boolean committed = status.equals("committed");
    String times =
        applied.getOrDefault(mark(namespace, write.state(), write.call().key()), "0");
    require(
        times.equals(committed ? "1" : "0"),
        write.call().run() + ": " + write.call().tool() + " of message "
            + (write.call().position() + 1) + " was made " + times + " times to " + namespace + "/"
            + write.state() + ", and its effect transaction is " + status);
    sharedWrites += committed ? 1 : 0;
  }

  private static String mark(String namespace, String name, String key) {
    return namespace + "\n" + name + "\n" + key;
  }

  private static void require(boolean holds, String difference) {
    if (!holds) {
      throw new DifferenceException(difference);
    }
  }

  /** Ends the verification at the first difference. */
  private static final class DifferenceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DifferenceException(String difference) {
      super(difference);
    }
  }
}
