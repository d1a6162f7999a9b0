package dev.holdfast.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.store.StateId;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.GroupSql.Way;
import dev.holdfast.store.internal.Tails.Lesson;
import dev.holdfast.store.internal.Tails.Trail;
import dev.holdfast.store.internal.Verdict.Again;
import dev.holdfast.store.internal.Verdict.Settled;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An append that does not look is right about what it is put on, or is not made. Two writers know nothing of each other, like two processes. */
@HoldfastTest
@Tag("G2")
final class TailsTest {

  private static final int DELTAS = 3;
  private static final Author AGENT = new Author("agent", null);

  private final TestDatabase database;
  private final Writer writer;
  private final Writer other;
  private final GroupWriter group;
  private final StateId state = new StateId("tails", UUID.randomUUID().toString());
  private Connection connection;

  TailsTest(TestDatabase database) {
    this.database = database;
    this.writer = new Writer(database.schema(), DELTAS);
    this.other = new Writer(database.schema(), DELTAS);
    this.group = new GroupWriter(database.schema(), DELTAS, writer.tails());
  }

  @BeforeEach
  void connect() throws SQLException {
    connection = database.dataSource().getConnection();
  }

  @AfterEach
  void disconnect() throws SQLException {
    connection.close();
  }

  private static ChangeSet set(StateId state, Item... items) {
    return new ChangeSet(state, state.uuid(), AGENT, UUID.randomUUID(), null, List.of(items));
  }

  private static Item append(String key, int element) {
    return Item.append(key, "[" + element + "]");
  }

  private static Item value(String key, String json) {
    return Item.value(key, Operation.SET, json);
  }

  private WriteOutcome write(Writer who, Item... items) throws SQLException {
    return who.write(connection, set(state, items), true);
  }

  private boolean isKnown() {
    return writer.tails().trail(state.uuid()) != null;
  }

  /** Version, key, form, base and deltas of each row. */
  private List<String> rows() {
    return database.queryStrings("""
        SELECT concat_ws(' ', version, key, form, base_version, delta_count, payload::text)
        FROM holdfast.change WHERE state_id = '%s' ORDER BY version, key""".formatted(state.uuid()));
  }

  @Test
  void appendsFollowEachOtherUntilAWholeValueIsDue() throws SQLException {
    for (int element = 1; element <= 6; element++) {
      assertThat(write(writer, append("list", element)))
          .isEqualTo(new WriteOutcome.Written(element));
      assertThat(isKnown()).isTrue();
    }
    assertThat(rows())
        .containsExactly(
            "1 list value [1]",
            "2 list append 1 1 [2]",
            "3 list append 1 2 [3]",
            "4 list append 1 3 [4]",
            "5 list value [1,2,3,4,5]",
            "6 list append 5 1 [6]");
  }

  @Test
  void severalListsAndWhatIsSetBetweenThemAreFollowed() throws SQLException {
    write(writer, append("a", 1));
    write(writer, append("b", 2));
    write(writer, append("a", 3), append("b", 4), value("phase", "\"x\""));
    write(writer, value("phase", "\"y\""));
    write(writer, append("b", 5));
    assertThat(isKnown()).isTrue();
    assertThat(rows())
        .containsExactly(
            "1 a value [1]",
            "2 b value [2]",
            "3 a append 1 1 [3]",
            "3 b append 2 1 [4]",
            "3 phase value \"x\"",
            "4 phase value \"y\"",
            "5 b append 2 2 [5]");
  }

  @Test
  void twoListsOfOneChangeSetAreLearned() throws SQLException {
    write(writer, append("a", 1), append("b", 2));
    write(writer, append("a", 3), append("b", 4));
    assertThat(writer.tails().trail(state.uuid())).isNotNull();
    assertThat(rows()).contains("2 a append 1 1 [3]", "2 b append 1 1 [4]");
  }

  @Test
  void whatSomebodyElseWroteIsSeen() throws SQLException {
    write(writer, append("list", 1));
    write(other, value("list", "[7,8]"));
    assertThat(write(writer, append("list", 2))).isEqualTo(new WriteOutcome.Written(3));
    assertThat(rows())
        .containsExactly("1 list value [1]", "2 list value [7,8]", "3 list append 2 1 [2]");

    write(writer, append("list", 3));
    write(other, value("list", "{}"));
    assertThat(write(writer, append("list", 4))).isEqualTo(new WriteOutcome.NeedsFold("list"));
  }

  @Test
  void aKeyThatWasSetIsLookedAtAgain() throws SQLException {
    write(writer, append("list", 1));
    write(writer, append("list", 2), append("log", 3));
    write(writer, value("list", "{}"));
    assertThat(write(writer, append("list", 4))).isEqualTo(new WriteOutcome.NeedsFold("list"));
    assertThat(write(writer, append("log", 5))).isEqualTo(new WriteOutcome.Written(4));
    assertThat(rows()).contains("4 log append 2 1 [5]");
  }

  @Test
  void aKeyThatWasRemovedIsLookedAtAgain() throws SQLException {
    write(writer, append("list", 1), append("log", 2));
    write(writer, Item.none("list", Operation.DELETE));
    write(writer, append("log", 3));
    write(writer, append("list", 4));
    assertThat(rows()).contains("2 list none", "3 log append 1 1 [3]", "4 list value [4]");
  }

  /** A server that lost its last writes goes on, and gives out the same versions again. */
  @Test
  void theSameVersionOfAnotherHistoryIsNotTheSame() throws SQLException {
    forkHistory();
    assertThat(write(writer, append("list", 4))).isEqualTo(new WriteOutcome.NeedsFold("list"));
  }

  /** The control: with the time of the lost version the other history is taken for the known one. */
  @Test
  void onlyTheTimeTellsTheHistoriesApart() throws SQLException {
    String lost = forkHistory();
    database.execute("UPDATE holdfast.state SET changed_at = '%s' WHERE state_id = '%s'"
        .formatted(lost, state.uuid()));
    assertThat(write(writer, append("list", 4))).isEqualTo(new WriteOutcome.Written(4));
    forget();
  }

  /** Version 3 as the writer knows it is lost, and made again by another one; returns its time. */
  private String forkHistory() throws SQLException {
    write(writer, append("list", 1));
    write(writer, append("list", 2));
    write(writer, append("list", 3));
    String lost = database
        .queryStrings("SELECT changed_at::text FROM holdfast.state WHERE state_id = '%s'"
            .formatted(state.uuid()))
        .get(0);
    database.execute("DELETE FROM holdfast.change WHERE state_id = '%s' AND version > 1"
        .formatted(state.uuid()));
    database.execute("""
        UPDATE holdfast.state AS s SET version = 1, changed_at = c.changed_at
        FROM holdfast.change AS c
        WHERE s.state_id = c.state_id AND s.state_id = '%s'""".formatted(state.uuid()));
    write(other, value("list", "{}"));
    write(other, value("n", "1"));
    return lost;
  }

  @Test
  void aStateThatIsGoneIsMadeAgain() throws SQLException {
    write(writer, append("list", 1));
    forget();
    assertThat(writer.write(connection, set(state, append("list", 2)), false))
        .isEqualTo(new WriteOutcome.Written(1));
    assertThat(rows()).containsExactly("1 list value [2]");
  }

  private void forget() {
    database.execute("DELETE FROM holdfast.change WHERE state_id = '%s'".formatted(state.uuid()));
    database.execute("DELETE FROM holdfast.state WHERE state_id = '%s'".formatted(state.uuid()));
  }

  @Test
  void whatWasRolledBackIsNotFollowed() throws SQLException {
    write(writer, append("list", 1));
    assertThatAnotherValueIsSeenBehindARollback();
  }

  /** Where the clock stands behind the last change the times are not drawn but counted, and given out twice like the versions. */
  @Test
  void whatWasRolledBackIsNotFollowedWhereTheClockStandsBehind() throws SQLException {
    writeAheadOfTheClock();
    assertThatAnotherValueIsSeenBehindARollback();
  }

  @Test
  void whatAMessageDidIsNotFollowedWhereTheClockStandsBehind() throws SQLException {
    write(writer, append("list", 1));
    writeAheadOfTheClock();
    assertThat(together(set(state, append("list", 2)), set(state, append("list", 3))))
        .containsExactly(Again.LATER, Again.LATER);
    for (int round = 0; round < 3; round++) {
      together(set(state, append("list", 2)), set(state, append("list", 3)));
      assertThat(isKnown()).isFalse();
    }
    List.of("state", "change")
        .forEach(table -> database.execute("""
            UPDATE holdfast.%s SET changed_at = changed_at - interval '2 hours' WHERE state_id = '%s'""".formatted(table, state.uuid())));
    together(set(state, append("list", 2)), set(state, append("list", 3)));
    assertThat(isKnown()).as("when the clock has caught up").isTrue();
  }

  private void assertThatAnotherValueIsSeenBehindARollback() throws SQLException {
    connection.setAutoCommit(false);
    write(writer, append("list", 2));
    connection.rollback();
    connection.setAutoCommit(true);
    write(other, value("list", "{}"));
    assertThat(write(writer, append("list", 3))).isEqualTo(new WriteOutcome.NeedsFold("list"));
  }

  private void writeAheadOfTheClock() throws SQLException {
    write(other, value("list", "[0]"));
    database.execute("""
        UPDATE holdfast.state SET changed_at = now() + interval '1 hour' WHERE state_id = '%s'""".formatted(state.uuid()));
  }

  /** Each attempt in vain costs a message; were the writers to take turns forever, every append would pay for it. */
  @Test
  void aStateThatOthersWriteAsWellIsLetBe() throws SQLException {
    int attempts = 0;
    for (int round = 0; round < 100; round++) {
      attempts += isKnown() ? 1 : 0;
      write(writer, append("list", round));
      write(other, value("n", "1"));
    }
    assertThat(attempts).isBetween(3, 8);

    for (int round = 0; round < 100; round++) {
      write(writer, append("list", round));
    }
    assertThat(isKnown()).as("when they have stopped").isTrue();
  }

  @Test
  void changeSetsOfOneMessageFollowEachOther() throws SQLException {
    StateId second = new StateId("tails", UUID.randomUUID().toString());
    write(writer, append("list", 1));
    writer.write(connection, set(second, append("list", 1)), true);

    assertThat(together(
            set(state, append("list", 2)),
            set(second, append("list", 2), value("phase", "1")),
            set(state, append("list", 3))))
        .containsExactly(written(2), written(2), written(3));
    assertThat(isKnown()).isTrue();
    write(writer, append("list", 4));
    assertThat(rows())
        .containsExactly(
            "1 list value [1]",
            "2 list append 1 1 [2]",
            "3 list append 1 2 [3]",
            "4 list append 1 3 [4]");
  }

  @Test
  void inAMessageOnlyTheStateThatMovedHasToLook() throws SQLException {
    StateId moved = new StateId("tails", UUID.randomUUID().toString());
    write(writer, append("list", 1));
    writer.write(connection, set(moved, append("list", 1)), true);
    other.write(connection, set(moved, value("list", "[7]")), false);

    ChangeSet again = set(moved, append("list", 2));
    assertThat(together(set(state, append("list", 2)), again, set(moved, value("phase", "1"))))
        .containsExactly(written(2), Again.LATER, Again.LATER);
    assertThat(together(again)).containsExactly(written(3));
  }

  /** What was looked up for several change sets of a state is what was there before the message. */
  @Test
  void whatAMessageLearnsStandsOnItsOwnChangeSets() throws SQLException {
    write(writer, append("list", 1));
    // The removal has to look, and so has the whole message.
    assertThat(together(
            set(state, value("list", "{}")),
            set(state, append("log", 2)),
            set(state, Item.none("gone", Operation.DELETE), value("x", "1"))))
        .containsExactly(written(2), written(3), written(4));
    assertThat(isKnown()).isTrue();
    assertThat(write(writer, append("list", 5))).isEqualTo(new WriteOutcome.NeedsFold("list"));
    assertThat(write(writer, append("log", 5))).isEqualTo(new WriteOutcome.Written(5));
    assertThat(rows()).contains("5 log append 3 1 [5]");
  }

  private List<Verdict> together(ChangeSet... sets) throws SQLException {
    Batch batch = new Batch();
    Arrays.stream(sets).forEach(set -> assertThat(batch.add(set)).isTrue());
    return group.write(connection, batch, Way.SKIP);
  }

  private static Verdict written(long version) {
    return new Settled(new WriteOutcome.Written(version));
  }

  @Test
  void moreStatesThanFitAreForgotten() {
    Tails tails = new Tails(DELTAS);
    List<UUID> states = new ArrayList<>();
    for (int i = 0; i < 10_001; i++) {
      StateId id = new StateId("tails", "n" + i);
      states.add(id.uuid());
      Position before = new Position(0, Instant.EPOCH);
      Position now = new Position(1, Instant.EPOCH.plusSeconds(1));
      tails.learn(Lesson.of(id.uuid(), before, now, List.of(append("list", 1)), Map.of()));
    }
    assertThat(states).anyMatch(id -> tails.trail(id) == null);
    Trail none = tails.trail(UUID.randomUUID());
    assertThat(none).isNull();
  }
}
