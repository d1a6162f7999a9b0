package dev.holdfast.benchmarks.reads;

import static dev.holdfast.benchmarks.reads.Reader.holdfast;
import static dev.holdfast.benchmarks.reads.Reader.jdbc;
import static dev.holdfast.benchmarks.reads.Reader.valueTable;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Suite;
import dev.holdfast.store.State;
import dev.holdfast.store.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** How fast reads are, alone and under load. Stateless. */
public final class ReadsSuite implements Suite {

  static final List<Integer> SIZES = List.of(10, 100, 1_000);
  private static final int MANY = 1_000;
  private static final int PAGE = 100;
  private static final int THREADS = 16;

  @Override
  public String name() {
    return "reads";
  }

  @Override
  public String description() {
    return "reads, beside the same query written by hand";
  }

  @Override
  public void run(Bench bench) {
    try (Fixture fixture = new Fixture(bench, THREADS)) {
      bench.progress("writing what is read");
      fixture.write(SIZES);
      ReadContest contest = new ReadContest(bench);
      bench.database().quietly(() -> readings(fixture).forEach(contest::run));
    }
  }

  static List<Reading> readings(Fixture fixture) {
    List<Reading> readings = new ArrayList<>(keys(fixture));
    SIZES.forEach(keys -> readings.add(snapshot(fixture, keys)));
    readings.add(unchanged(fixture));
    readings.add(past(fixture));
    readings.add(history(fixture));
    readings.add(conversation(fixture));
    readings.add(changed(fixture));
    return readings;
  }

  private static List<Reading> keys(Fixture fixture) {
    State<JsonNode> state = fixture.cold(MANY);
    UUID id = fixture.uuid(state);
    JdbcReads byHand = fixture.byHand();
    return List.of(
        new Reading(
            "get",
            MANY,
            holdfast(key -> state.get(Fixture.key(key)).orElseThrow()),
            jdbc(key -> byHand.newest(id, Fixture.key(key))),
            valueTable(key -> byHand.value(id, Fixture.key(key)))),
        new Reading(
            "has",
            MANY,
            holdfast(key -> state.has(Fixture.key(key))),
            jdbc(key -> byHand.exists(id, Fixture.key(key)))),
        new Reading(
            "find",
            MANY,
            holdfast(key -> state.find(Fixture.key(key)).orElseThrow()),
            jdbc(key -> byHand.newestWithVersion(id, Fixture.key(key)))));
  }

  private static Reading snapshot(Fixture fixture, int keys) {
    State<JsonNode> state = fixture.cold(keys);
    UUID id = fixture.uuid(state);
    JdbcReads byHand = fixture.byHand();
    return new Reading(
        "snapshot of " + keys + " keys",
        1,
        holdfast(any -> state.snapshot()),
        jdbc(any -> byHand.newestOfEach(id)),
        valueTable(any -> byHand.values(id)));
  }

  private static Reading unchanged(Fixture fixture) {
    State<JsonNode> state = fixture.warm(MANY);
    UUID id = fixture.uuid(state);
    JdbcReads byHand = fixture.byHand();
    return new Reading(
        "unchanged snapshot of " + MANY + " keys",
        1,
        holdfast(any -> state.snapshot()),
        jdbc(any -> byHand.newestOfEach(id)));
  }

  /** The last one, because it changes what the others read. */
  private static Reading changed(Fixture fixture) {
    State<JsonNode> state = fixture.warm(MANY);
    UUID id = fixture.uuid(state);
    JdbcReads byHand = fixture.byHand();
    return new Reading(
        "snapshot of " + MANY + " keys after a change",
        1,
        fixture.change(MANY),
        List.of(holdfast(any -> state.snapshot()), jdbc(any -> byHand.newestOfEach(id))));
  }

  private static Reading past(Fixture fixture) {
    State<JsonNode> state = fixture.cold(MANY);
    UUID id = fixture.uuid(state);
    JdbcReads byHand = fixture.byHand();
    return new Reading(
        "at(v) of " + MANY + " keys",
        Fixture.VERSIONS - 1,
        holdfast(version -> state.at(version + 1)),
        jdbc(version -> byHand.newestOfEach(id, version + 1)));
  }

  private static Reading history(Fixture fixture) {
    State<JsonNode> state = fixture.cold(MANY);
    UUID id = fixture.uuid(state);
    JdbcReads byHand = fixture.byHand();
    return new Reading(
        "page of " + PAGE + " changes",
        1,
        holdfast(any -> state.history(History.all().limit(PAGE)).changes().stream()
            .map(change -> change.version() + " " + change.key())
            .toList()),
        jdbc(any -> byHand.history(id)));
  }

  private static Reading conversation(Fixture fixture) {
    State<JsonNode> state = fixture.conversation();
    UUID id = fixture.uuid(state);
    JdbcReads byHand = fixture.byHand();
    return new Reading(
        "conversation of " + Fixture.MESSAGES + " messages",
        1,
        holdfast(any -> Fixture.elements(state.get("messages").orElseThrow())),
        jdbc(any -> byHand.messages(id)));
  }
}
