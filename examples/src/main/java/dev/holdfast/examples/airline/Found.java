package dev.holdfast.examples.airline;

import dev.holdfast.Holdfast;
import dev.holdfast.examples.terminal.InputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the runs are. Immutable.
 *
 * @param runs how many runs have at least one message
 * @param complete how many have all
 * @param messages how many messages there are
 * @param versions by name of run, its state's version, which is its number of messages
 */
record Found(int runs, int complete, long messages, Map<String, Long> versions) {

  private static final int PAGE = 10_000;

  Found {
    versions = Map.copyOf(versions);
  }

  /**
   * Looks them up.
   *
   * @throws InputException when a state has more messages than its run
   */
  static Found of(Holdfast holdfast, Namespaces namespaces, List<RecordedRun> runs) {
    Map<String, Long> stored = stored(holdfast, namespaces.runs());
    Map<String, Long> versions = new HashMap<>();
    int complete = 0;
    long messages = 0;
    for (RecordedRun run : runs) {
      long version = stored.getOrDefault(run.name(), 0L);
      requireNotMore(namespaces, run, version);
      versions.put(run.name(), version);
      complete += version == run.messages().size() ? 1 : 0;
      messages += version;
    }
    int begun = (int) versions.values().stream().filter(version -> version > 0).count();
    return new Found(begun, complete, messages, versions);
  }

  private static Map<String, Long> stored(Holdfast holdfast, String namespace) {
    Map<String, Long> stored = new HashMap<>();
    String last = "";
    Map<String, Long> page;
    do {
      page = holdfast.states(namespace, last, PAGE);
      stored.putAll(page);
      last = page.keySet().stream().reduce(last, (before, after) -> after);
    } while (page.size() == PAGE);
    return stored;
  }

  private static void requireNotMore(Namespaces namespaces, RecordedRun run, long version) {
    if (version > run.messages().size()) {
      throw foreign(namespaces, run);
    }
  }

  /** What to throw when a state was written from another file. */
  static InputException foreign(Namespaces namespaces, RecordedRun run) {
    return new InputException("the state " + namespaces.runs() + "/" + run.name()
        + " was written from another file; choose another --namespace or database");
  }

  /** The messages of a run that are there. */
  long versionOf(RecordedRun run) {
    return versions.getOrDefault(run.name(), 0L);
  }
}
