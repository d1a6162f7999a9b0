package dev.holdfast.examples.airline;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingLong;

import dev.holdfast.Holdfast;
import dev.holdfast.store.StateId;
import dev.holdfast.store.Versioned;
import dev.holdfast.store.history.Change;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** All that was written, as the library tells it in Java: what auditors find out in SQL must be the same. */
final class AuditJournal {

  private static final Set<String> LISTS = Set.of("messages", "certificates");
  private static final int DELTAS_PER_SNAPSHOT = 128;
  private static final int PAGE = 1000;

  private final Map<StateId, Long> versions = new TreeMap<>(AuditJournal::compare);
  private final List<Entry> entries = new ArrayList<>();
  private final Map<StateId, List<Entry>> byState = new HashMap<>();

  private AuditJournal() {}

  /** Reads the states of these namespaces, oldest changes first. */
  static AuditJournal of(Holdfast holdfast, List<String> namespaces) {
    AuditJournal journal = new AuditJournal();
    for (String namespace : namespaces) {
      Map<String, Long> states = holdfast.states(namespace, "", 10_000);
      states.forEach(
          (name, version) -> journal.read(holdfast, new StateId(namespace, name), version));
    }
    return journal;
  }

  private void read(Holdfast holdfast, StateId id, long version) {
    versions.put(id, version);
    List<Change<JsonNode>> newestFirst = new ArrayList<>();
    Optional<History> query = Optional.of(History.all().limit(PAGE));
    while (query.isPresent()) {
      HistoryPage<JsonNode> page = holdfast.state(id.namespace(), id.name()).history(query.get());
      newestFirst.addAll(page.changes());
      query = page.next();
    }
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      entries.add(entry(id, newestFirst.get(i)));
    }
    byState.put(
        id, List.copyOf(entries.subList(entries.size() - newestFirst.size(), entries.size())));
  }

  /** How it is stored follows from what was called: lists are only appended to, an element each time, everything else is written whole. */
  private static Entry entry(StateId id, Change<JsonNode> change) {
    JsonNode after = tree(change.after());
    if (after == null) {
      return new Entry(id, change, "none", null);
    }
    if (change.operation() == Operation.ROLLBACK) {
      return new Entry(id, change, "reference", null);
    }
    JsonNode before = tree(change.before());
    if (LISTS.contains(change.key())
        && before != null
        && before.size() % (DELTAS_PER_SNAPSHOT + 1) > 0) {
      List<JsonNode> added =
          IntStream.range(before.size(), after.size()).mapToObj(after::get).toList();
      return new Entry(id, change, "append", Json.json(added));
    }
    return new Entry(id, change, "value", after);
  }

  private static int compare(StateId a, StateId b) {
    int namespaces = a.namespace().compareTo(b.namespace());
    return namespaces != 0 ? namespaces : a.name().compareTo(b.name());
  }

  /** The value of a side of a change; JSON null is a tree, absent is null. */
  static @Nullable JsonNode tree(@Nullable Versioned<JsonNode> versioned) {
    return versioned == null ? null : Json.json(versioned.value());
  }

  /** The time of the newest change of all. */
  Instant newest() {
    return entries.stream().map(Entry::at).max(Comparator.naturalOrder()).orElseThrow();
  }

  /** Fails unless every run's messages are there, each in the version that it was written in. */
  void requireMessagesOf(List<RecordedRun> runs) {
    for (RecordedRun run : runs) {
      List<Entry> appended = of(AuditedAirline.NAMESPACES.runs(), run.name())
          .filter(entry -> entry.key().equals("messages"))
          .toList();
      int cleared = run.messages().size() - appended.size();
      for (int i = 0; i < appended.size(); i++) {
        int number = cleared + i + 1;
        JsonNode stored = Objects.requireNonNull(appended.get(i).after());
        if (appended.get(i).version() != number
            || stored.size() != number
            || !isSame(stored.get(number - 1), run.messages().get(number - 1))) {
          throw new AssertionError(run.name() + " differs at message " + number);
        }
      }
      if (appended.isEmpty()) {
        throw new AssertionError(run.name() + " has no messages");
      }
    }
  }

  private static boolean isSame(JsonNode a, JsonNode b) {
    return Json.canonical(a).equals(Json.canonical(b));
  }

  /** Every state with its newest version, in order of namespace and name. */
  Map<StateId, Long> versions() {
    return versions;
  }

  Stream<Entry> all() {
    return entries.stream();
  }

  Stream<Entry> in(String namespace) {
    return all().filter(entry -> entry.id().namespace().equals(namespace));
  }

  Stream<Entry> of(String namespace, String name) {
    return byState.getOrDefault(new StateId(namespace, name), List.of()).stream();
  }

  /** The time of a version. */
  Instant timeOf(String namespace, String name, long version) {
    return of(namespace, name)
        .filter(entry -> entry.version() == version)
        .findFirst()
        .orElseThrow(() -> new NoSuchElementException(namespace + "/" + name + " " + version))
        .at();
  }

  /** The newest entry of each key that is there at a version, in order of key. */
  Map<String, Entry> stateAt(String namespace, String name, long version) {
    Map<String, Entry> keys = new TreeMap<>();
    of(namespace, name).filter(entry -> entry.version() <= version).forEach(entry -> {
      if (entry.after() == null) {
        keys.remove(entry.key());
      } else {
        keys.put(entry.key(), entry);
      }
    });
    return keys;
  }

  /** The newest version of a state that was written. */
  long newest(StateId id) {
    return Objects.requireNonNull(versions().get(id));
  }

  /** The time of that. */
  Instant lastChange(StateId id) {
    return timeOf(id.namespace(), id.name(), newest(id));
  }

  /** The newest entry of each key that is there. */
  Map<String, Entry> now(String namespace, String name) {
    return stateAt(namespace, name, Long.MAX_VALUE);
  }

  Stream<Entry> allNow(String namespace) {
    return versions().keySet().stream()
        .filter(id -> id.namespace().equals(namespace))
        .flatMap(id -> now(namespace, id.name()).values().stream());
  }

  Stream<Entry> key(String namespace, String name, String key) {
    return of(namespace, name).filter(e -> e.key().equals(key));
  }

  Stream<Entry> version(String namespace, String name, long version) {
    return of(namespace, name).filter(e -> e.version() == version).sorted(comparing(Entry::key));
  }

  Stream<Entry> newestFirst(String namespace, String name) {
    return of(namespace, name)
        .sorted(comparingLong(Entry::version).thenComparing(Entry::key).reversed());
  }

  /**
   * One changed key.
   *
   * @param form the form in which it is stored
   * @param payload what is stored, null when nothing
   */
  record Entry(
      StateId id,
      Change<JsonNode> change,
      String form,
      @Nullable JsonNode payload) {

    String namespace() {
      return id.namespace();
    }

    String name() {
      return id.name();
    }

    String key() {
      return change.key();
    }

    long version() {
      return change.version();
    }

    String operation() {
      return change.operation().sqlName();
    }

    @Nullable
    String actor() {
      return change.origin().actor();
    }

    @Nullable
    String reason() {
      return change.origin().reason();
    }

    Instant at() {
      return change.changedAt();
    }

    UUID transaction() {
      return change.origin().transactionId();
    }

    @Nullable
    JsonNode before() {
      return tree(change.before());
    }

    @Nullable
    JsonNode after() {
      return tree(change.after());
    }
  }
}
