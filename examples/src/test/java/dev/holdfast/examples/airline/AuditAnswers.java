package dev.holdfast.examples.airline;

import static dev.holdfast.examples.airline.AuditRows.after;
import static dev.holdfast.examples.airline.AuditRows.byActor;
import static dev.holdfast.examples.airline.AuditRows.bySet;
import static dev.holdfast.examples.airline.AuditRows.bytes;
import static dev.holdfast.examples.airline.AuditRows.digest;
import static dev.holdfast.examples.airline.AuditRows.distinct;
import static dev.holdfast.examples.airline.AuditRows.first;
import static dev.holdfast.examples.airline.AuditRows.last;
import static dev.holdfast.examples.airline.AuditRows.longestPause;
import static dev.holdfast.examples.airline.AuditRows.number;
import static dev.holdfast.examples.airline.AuditRows.row;
import static dev.holdfast.examples.airline.AuditRows.rows;
import static dev.holdfast.examples.airline.AuditRows.text;
import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;

import dev.holdfast.examples.airline.AuditJournal.Entry;
import dev.holdfast.examples.airline.AuditRows.Between;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The expected answer to each question of the page, computed in Java from what was written. */
final class AuditAnswers {

  private static final String RUNS = "airline.runs";
  private static final String RESERVATIONS = "airline.reservations";
  private static final String USERS = "airline.users";
  private final AuditJournal journal;
  private final Instant beforePeople;
  private final Instant nine;
  private final Instant noon;
  private final Duration pause;
  private final Map<String, Supplier<List<List<Object>>>> answers = new LinkedHashMap<>();

  /**
   * The answers.
   *
   * @param beforePeople a time after the replay and before people did something
   * @param cases what happened beside states
   */
  AuditAnswers(AuditJournal journal, Instant beforePeople, AuditedCases cases) {
    this.journal = journal;
    this.beforePeople = beforePeople;
    this.nine = journal.timeOf(RUNS, "task-901-trial-0", 5);
    this.noon = journal.timeOf(RUNS, "task-902-trial-0", 5);
    this.pause = longestPause(times("maria.lund"));
    states();
    changes();
    actors();
    undone();
    together();
    growth();
    completeness();
    cases.answers().forEach((title, rows) -> answers.put(title, () -> rows));
  }

  /** The query with times at which this test wrote in the place of those of the page. */
  String inTimesOfTheTest(String sql) {
    return sql.replace("'2031-03-02 09:00:00+00'", "timestamptz '" + nine + "'")
        .replace("'2031-03-02 12:00:00+00'", "timestamptz '" + noon + "'")
        .replace("interval '30 minutes'", "interval '" + pause.toNanos() / 1000 + " microseconds'")
        .replace("date_trunc('hour'", "date_trunc('milliseconds'");
  }

  /** The titles of the questions that have an answer. */
  Collection<String> titles() {
    return answers.keySet();
  }

  /** The answer to a question; empty when nobody knows it. */
  Optional<List<List<Object>>> of(String title) {
    return Optional.ofNullable(answers.get(title)).map(Supplier::get);
  }

  Instant nine() {
    return nine;
  }

  Instant noon() {
    return noon;
  }

  private void states() {
    answers.put(
        "Which reservations are there, and when did each change last?",
        () -> rows(journal.versions().keySet().stream()
            .filter(id -> id.namespace().equals(RESERVATIONS))
            .map(id -> row(id.name(), journal.newest(id), 0, journal.lastChange(id)))));
    answers.put(
        "What does reservation KQX7M2 hold now, and who wrote each value?",
        () -> rows(journal.now(RESERVATIONS, "KQX7M2").values().stream()
            .map(e -> row(e.key(), e.after(), e.version(), e.actor(), e.reason(), e.at()))));
    answers.put(
        "What did it look like at noon?",
        () ->
            rows(journal.stateAt(RESERVATIONS, "KQX7M2", versionAtNoon("KQX7M2")).values().stream()
                .map(e -> row(e.key(), e.after(), e.version(), e.actor()))));
    answers.put(
        "What did it look like at version 1?",
        () -> rows(journal.stateAt(RESERVATIONS, "KQX7M2", 1).values().stream()
            .map(e -> row(e.key(), e.after(), e.actor(), e.reason()))));
    answers.put("What is different between versions 1 and 3?", this::difference);
    answers.put(
        "Which reservations are insured now?",
        () -> rows(journal
            .allNow(RESERVATIONS)
            .filter(e -> e.key().equals("insurance") && Json.json("yes").equals(e.after()))
            .map(e -> row(e.name(), e.version(), e.actor(), e.at()))));
    answers.put(
        "Which states were left alone since noon?",
        () -> rows(journal.versions().keySet().stream()
            .filter(id -> journal.lastChange(id).isBefore(noon))
            .sorted(comparing(journal::lastChange))
            .map(
                id -> row(id.namespace(), id.name(), journal.newest(id), journal.lastChange(id)))));
  }

  private List<List<Object>> difference() {
    Map<String, Entry> old = journal.stateAt(RESERVATIONS, "KQX7M2", 1);
    Map<String, Entry> now = journal.stateAt(RESERVATIONS, "KQX7M2", 3);
    TreeSet<String> keys = new TreeSet<>(old.keySet());
    keys.addAll(now.keySet());
    return rows(keys.stream()
        .map(key -> row(key, after(old.get(key)), after(now.get(key))))
        .filter(row -> !row.get(1).equals(row.get(2))));
  }

  private long versionAtNoon(String reservation) {
    return journal
        .of(RESERVATIONS, reservation)
        .filter(e -> !e.at().isAfter(noon))
        .mapToLong(Entry::version)
        .max()
        .orElseThrow();
  }

  private void changes() {
    answers.put(
        "Who changed reservation KQX7M2, when and why?",
        () -> rows(journal
            .newestFirst(RESERVATIONS, "KQX7M2")
            .map(e -> row(e.version(), e.key(), e.operation(), e.actor(), e.reason(), e.at()))));
    answers.put(
        "Who changed the number of bags, from what to what?",
        () -> rows(journal
            .key(RESERVATIONS, "KQX7M2", "total_baggages")
            .map(e -> row(e.version(), e.before(), e.after(), e.actor(), e.reason(), e.at()))));
    answers.put(
        "What exactly did version 2 change?",
        () -> rows(journal
            .version(RESERVATIONS, "KQX7M2", 2)
            .map(e -> row(e.key(), e.before(), e.after(), e.actor(), e.reason()))));
    answers.put("Which values did the phase of a conversation ever have?", this::phases);
    answers.put("Which cabins were ever recorded in any reservation?", this::cabins);
    answers.put(
        "When was a conversation done for the first time?",
        () -> rows(journal
            .key(RUNS, "task-903-trial-0", "phase")
            .filter(e -> Json.json("done").equals(e.after()))
            .limit(1)
            .map(e -> row(e.version(), e.at(), e.actor()))));
    answers.put(
        "How did a number move, and who moved it?",
        () -> rows(journal
            .key("airline.desk", "open-cases", "count")
            .map(e -> row(
                e.version(),
                number(e.after()),
                number(e.after()).subtract(number(e.before())),
                e.actor(),
                e.at()))));
    answers.put("Where did one actor overwrite what another had written?", this::overwritten);
    answers.put(
        "Which changes did nobody sign?",
        () -> rows(journal
            .all()
            .filter(e -> e.actor() == null)
            .map(e -> row(
                e.namespace(),
                e.name(),
                e.version(),
                e.key(),
                e.operation(),
                e.payload(),
                e.at()))));
    answers.put(
        "Which calls of tools failed, and with what answer?",
        () -> rows(journal
            .in(RUNS)
            .filter(e -> e.key().startsWith("tool:"))
            .filter(e -> text(e, "result").startsWith("Error"))
            .map(e -> row(e.name(), e.version(), text(e, "name"), text(e, "result")))));
    answers.put("What was said in a conversation?", this::said);
  }

  private List<List<Object>> phases() {
    Map<String, List<Entry>> phases = journal
        .key(RUNS, "task-901-trial-0", "phase")
        .collect(groupingBy(
            e -> Objects.requireNonNull(e.after()).asString(),
            LinkedHashMap::new,
            Collectors.toList()));
    return rows(phases.entrySet().stream()
        .map(p -> row(p.getKey(), p.getValue().size(), first(p.getValue()), last(p.getValue()))));
  }

  private List<List<Object>> cabins() {
    Map<String, List<Entry>> cabins = journal
        .in(RESERVATIONS)
        .filter(e -> e.key().equals("cabin") && e.form().equals("value"))
        .collect(groupingBy(
            e -> Objects.requireNonNull(e.payload()).asString(),
            TreeMap::new,
            Collectors.toList()));
    return rows(cabins.entrySet().stream()
        .map(c -> row(c.getKey(), c.getValue().size(), AuditRows.states(c.getValue()))));
  }

  private List<List<Object>> overwritten() {
    List<List<Object>> overwritten = new ArrayList<>();
    Map<List<String>, Entry> previous = new LinkedHashMap<>();
    journal.in(RESERVATIONS).forEach(e -> {
      Entry before = previous.put(List.of(e.name(), e.key()), e);
      if (before != null
          && before.actor() != null
          && e.actor() != null
          && !Objects.equals(before.actor(), e.actor())) {
        overwritten.add(row(e.name(), e.key(), e.version(), before.actor(), e.actor()));
      }
    });
    overwritten.sort(Comparator.<List<Object>, String>comparing(row -> (String) row.get(0))
        .thenComparing(row -> (String) row.get(1)));
    return overwritten;
  }

  private List<List<Object>> said() {
    List<List<Object>> said = new ArrayList<>();
    JsonNode messages = Objects.requireNonNull(
            journal.now(RUNS, "task-904-trial-0").get("messages"))
        .after();
    for (JsonNode message : Objects.requireNonNull(messages)) {
      JsonNode content = message.get("content");
      said.add(row(
          said.size() + 1,
          message.get("role").asString(),
          content == null || content.isNull() ? null : digest(content.asString())));
    }
    return said;
  }

  private void actors() {
    answers.put(
        "What did an agent do between nine and noon?",
        () -> rows(fromNineToNoon()
            .filter(e -> "run task-901-trial-0".equals(e.actor()))
            .map(e -> row(e.at(), e.namespace(), e.name(), e.version(), e.key(), e.operation()))));
    answers.put(
        "In which states did a person work, and how much?",
        () -> rows(byState("maria.lund").values().stream()
            .sorted(comparing(AuditRows::first))
            .map(list -> row(
                list.get(0).namespace(),
                list.get(0).name(),
                list.size(),
                distinct(list.stream().map(Entry::version)),
                distinct(list.stream().map(Entry::key)),
                first(list),
                last(list)))));
    answers.put("Who changed most?", this::whoChangedMost);
    answers.put("Which reservations were changed by more than one actor?", this::shared);
    answers.put(
        "Who was at work between nine and noon?",
        () -> rows(byActor(fromNineToNoon()).stream()
            .sorted(comparing(AuditRows::first))
            .map(list -> row(list.get(0).actor(), list.size(), first(list), last(list)))));
    answers.put("When did a person sit at the desk?", this::sittings);
  }

  private List<List<Object>> whoChangedMost() {
    return rows(byActor(journal.all()).stream()
        .sorted(Comparator.<List<Entry>>comparingInt(List::size)
            .reversed()
            .thenComparing(AuditRows::first))
        .map(list -> row(
            list.get(0).actor(),
            list.size(),
            distinct(list.stream().map(e -> List.of(e.id(), e.version()))),
            AuditRows.states(list))));
  }

  private List<List<Object>> shared() {
    Map<String, List<Entry>> names = journal
        .in(RESERVATIONS)
        .collect(groupingBy(Entry::name, TreeMap::new, Collectors.toList()));
    List<List<Object>> shared = new ArrayList<>();
    names.forEach((name, list) -> {
      List<List<Entry>> actors = byActor(list.stream());
      if (actors.size() > 1) {
        String who = actors.stream()
            .sorted(comparing(AuditRows::first))
            .map(entries -> Objects.requireNonNullElse(entries.get(0).actor(), "unsigned"))
            .collect(Collectors.joining(", "));
        shared.add(row(name, actors.size(), who));
      }
    });
    return shared;
  }

  private List<List<Object>> sittings() {
    List<List<Object>> sittings = new ArrayList<>();
    List<Instant> times = times("maria.lund");
    int begin = 0;
    for (int i = 1; i <= times.size(); i++) {
      if (i == times.size()
          || Duration.between(times.get(i - 1), times.get(i)).compareTo(pause) >= 0) {
        sittings.add(row(times.get(begin), times.get(i - 1), i - begin));
        begin = i;
      }
    }
    return sittings;
  }

  private List<Instant> times(String actor) {
    return journal
        .all()
        .filter(e -> actor.equals(e.actor()))
        .map(Entry::at)
        .sorted()
        .toList();
  }

  private void undone() {
    answers.put(
        "What was rolled back, by whom and why?",
        () -> rows(bySet(journal.all().filter(e -> e.operation().equals("rollback"))).stream()
            .sorted(comparing(AuditRows::first))
            .map(set -> {
              Entry e = set.get(0);
              return row(
                  e.namespace(), e.name(), e.version(), e.actor(), e.reason(), e.at(), set.size());
            })));
    answers.put(
        "What did that rollback undo, key by key?",
        () -> rows(journal
            .version(RESERVATIONS, "KD3W9P", 3)
            .map(e -> row(
                e.key(),
                e.before(),
                e.after(),
                Objects.requireNonNull(e.change().before()).version()))));
    answers.put(
        "Which keys were removed, by whom, and what did they hold?",
        () -> rows(journal
            .all()
            .filter(e -> e.after() == null)
            .sorted(comparing(Entry::namespace)
                .thenComparing(Entry::name)
                .thenComparingLong(Entry::version)
                .thenComparing(Entry::key))
            .map(e -> row(
                e.namespace(),
                e.name(),
                e.key(),
                e.version(),
                e.operation(),
                e.actor(),
                e.reason(),
                e.before()))));
    answers.put(
        "Which histories were cleared, by whom and why?",
        () -> List.of(row(
            RUNS,
            "task-905-trial-0",
            5,
            "privacy.office",
            "retention period is over",
            new Between(beforePeople, journal.newest()))));
    answers.put(
        "Which versions were given a name, and is it still theirs?",
        () -> List.of(row(
            RESERVATIONS,
            "KD3W9P",
            "as it was booked",
            1,
            "maria.lund",
            "case 4711",
            new Between(beforePeople, journal.newest()),
            "night.shift")));
  }

  private void together() {
    answers.put(
        "What else was changed together with version 3 of a reservation?",
        () -> rows(Stream.of(
                journal.version(
                    USERS, "yuki_mori_88", journal.newest(new StateId(USERS, "yuki_mori_88"))),
                journal.version(RESERVATIONS, "KR5T1N", 3))
            .flatMap(set -> set)
            .sorted(comparing(Entry::namespace))
            .map(e -> row(e.namespace(), e.name(), e.version(), e.key(), e.actor(), e.reason()))));
    answers.put(
        "Which transactions changed several states?",
        () -> rows(journal.all().collect(groupingBy(Entry::transaction)).values().stream()
            .filter(list -> AuditRows.states(list) > 1)
            .sorted(comparing(AuditRows::first))
            .map(list -> row(
                list.get(0).transaction(),
                first(list),
                list.get(0).actor(),
                AuditRows.states(list),
                list.size()))));
  }

  private void growth() {
    answers.put(
        "Which states grew most between nine and noon?",
        () -> rows(fromNineToNoon().collect(groupingBy(Entry::id)).values().stream()
            .sorted(Comparator.<List<Entry>>comparingLong(AuditRows::bytes)
                .reversed()
                .thenComparing(list -> list.get(0).namespace())
                .thenComparing(list -> list.get(0).name()))
            .limit(5)
            .map(list -> row(
                list.get(0).namespace(),
                list.get(0).name(),
                list.size(),
                distinct(list.stream().map(Entry::version)),
                bytes(list)))));
    answers.put(
        "Which are the largest values now?",
        () -> rows(journal
            .allNow(RUNS)
            .sorted(Comparator.<Entry>comparingLong(e -> bytes(e.after()))
                .reversed()
                .thenComparing(Entry::name)
                .thenComparing(Entry::key))
            .limit(5)
            .map(e -> row(e.name(), e.key(), bytes(e.after()), e.version()))));
    answers.put("How many changes were there in each hour?", this::changesPerStretch);
  }

  private List<List<Object>> changesPerStretch() {
    Map<Instant, List<Entry>> stretches = journal
        .all()
        .collect(groupingBy(
            e -> e.at().truncatedTo(ChronoUnit.MILLIS), TreeMap::new, Collectors.toList()));
    return rows(stretches.entrySet().stream()
        .map(s -> row(
            s.getKey(),
            s.getValue().size(),
            distinct(s.getValue().stream().map(Entry::actor).filter(Objects::nonNull)))));
  }

  private void completeness() {
    answers.put("Is any history incomplete?", List::of);
    answers.put(
        "How is a long history read in pages?",
        () -> rows(journal
            .newestFirst(RUNS, "task-902-trial-0")
            .filter(e -> e.version() < 8 || (e.version() == 8 && e.key().compareTo("phase") < 0))
            .limit(5)
            .map(e -> row(e.version(), e.key(), e.operation(), e.before(), e.after(), e.actor()))));
  }

  private Stream<Entry> fromNineToNoon() {
    return journal
        .all()
        .filter(e -> !e.at().isBefore(nine) && e.at().isBefore(noon))
        .sorted(comparing(Entry::at)
            .thenComparing(Entry::namespace)
            .thenComparing(Entry::name)
            .thenComparing(Entry::key));
  }

  private Map<StateId, List<Entry>> byState(String actor) {
    return journal.all().filter(e -> actor.equals(e.actor())).collect(groupingBy(Entry::id));
  }
}
