package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.GroupSql.Way;
import dev.holdfast.store.internal.Placement.Head;
import dev.holdfast.store.internal.Tails.Lesson;
import dev.holdfast.store.internal.Verdict.Again;
import dev.holdfast.store.internal.Verdict.Settled;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sends several change sets in one message and reads what became of each; see {@link GroupSql}. Safe for use by multiple threads, each with
 * its own connection.
 */
final class GroupWriter {

  private final GroupSql sql;
  private final int deltasPerSnapshot;
  private final Tails tails;

  GroupWriter(SchemaName schema, int deltasPerSnapshot, Tails tails) {
    this.sql = new GroupSql(schema);
    this.deltasPerSnapshot = deltasPerSnapshot;
    this.tails = tails;
  }

  /**
   * Writes what can be written.
   *
   * @param way what to do about a state that is locked elsewhere, or missing; unless it is left out, all change sets are of one state
   * @return what became of each, in order
   */
  List<Verdict> write(Connection connection, Batch batch, Way way) throws SQLException {
    Placement placement = Placement.of(batch, tails);
    if (placement == null) {
      return writeConditional(connection, batch, way);
    }
    return placement.heads().size() == 1 && !placement.follows()
        ? writeToOne(connection, batch, placement, way)
        : writePlain(connection, batch, placement, way);
  }

  /** Whole values of one state, which many callers write at a time: half as much to set up, and no rows to match with their states. */
  private List<Verdict> writeToOne(Connection connection, Batch batch, Placement placement, Way way)
      throws SQLException {
    Head head = placement.heads().get(0);
    List<Placement.Row> rows = placement.rows();
    try (PreparedStatement statement = connection.prepareStatement(sql.blindOne(way))) {
      Binder binder = Binder.of(statement);
      bindWait(binder, batch, way);
      binder
          .integer(head.sets)
          .integer(head.sets)
          .uuid(head.state)
          .texts(rows, row -> row.item().key())
          .integers(rows, row -> row.ordinal() - head.sets)
          .texts(rows, row -> row.item().operation().sqlName())
          .texts(rows, row -> row.author().actor())
          .texts(rows, row -> row.author().reason())
          .uuids(rows, row -> row.set().transactionId())
          .texts(rows, row -> row.item().payload());
      try (ResultSet row = Writer.lastResult(statement)) {
        Answer answer =
            row.next() ? new Answer(null, row.getLong(1) - head.sets) : new Answer(Again.HELD, 0);
        return placement.places().stream()
            .map(place -> answer.verdict(place.ordinal()))
            .toList();
      }
    }
  }

  private List<Verdict> writePlain(Connection connection, Batch batch, Placement placement, Way way)
      throws SQLException {
    boolean follows = placement.follows();
    List<Head> heads = placement.heads();
    try (PreparedStatement statement =
        connection.prepareStatement(follows ? sql.following(way) : sql.blind(way))) {
      Binder binder = Binder.of(statement);
      bindWait(binder, batch, way);
      binder.uuids(heads, head -> head.state).integers(heads, head -> head.sets);
      if (follows) {
        binder.numbers(heads, Head::version).times(heads, Head::changedAt);
      }
      bindPlainRows(binder, placement.rows(), follows);
      Answer[] answers = answers(statement, heads, follows);
      return placement.places().stream()
          .map(place -> answers[place.head().place - 1].verdict(place.ordinal()))
          .toList();
    }
  }

  private static void bindPlainRows(Binder binder, List<Placement.Row> rows, boolean follows)
      throws SQLException {
    binder
        .integers(rows, row -> row.head().place)
        .texts(rows, row -> row.item().key())
        .integers(rows, Placement.Row::ordinal)
        .texts(rows, row -> row.item().operation().sqlName())
        .texts(rows, row -> row.author().actor())
        .texts(rows, row -> row.author().reason())
        .uuids(rows, row -> row.set().transactionId());
    if (follows) {
      binder
          .texts(rows, row -> row.item().form().sqlName())
          .numbers(rows, row -> row.item().base())
          .integers(rows, row -> row.item().deltas());
    }
    binder.texts(rows, row -> row.item().payload());
  }

  /** What became of each state, in order. */
  private Answer[] answers(PreparedStatement statement, List<Head> heads, boolean follows)
      throws SQLException {
    Answer[] answers = new Answer[heads.size()];
    Arrays.fill(answers, new Answer(Again.HELD, 0));
    try (ResultSet rows = Writer.lastResult(statement)) {
      while (rows.next()) {
        Head head = heads.get(rows.getInt(1) - 1);
        long base = rows.getLong(2);
        boolean fits = !follows || rows.getBoolean(3);
        answers[head.place - 1] = new Answer(fits ? null : Again.LATER, base);
        if (head.trail != null && fits) {
          Position now = new Position(base + head.sets, Reader.time(rows, 4));
          tails.kept(head.state, head.trail, now);
        } else if (!fits) {
          tails.missed(head.state);
        }
      }
    }
    return answers;
  }

  private static void bindWait(Binder binder, Batch batch, Way way) throws SQLException {
    ChangeSet any = batch.sets().get(0);
    if (way.creates) {
      binder
          .uuid(any.stateUuid())
          .text(any.state().namespace())
          .text(any.state().name());
    }
    if (way.waits) {
      binder.uuid(any.stateUuid());
    }
  }

  private List<Verdict> writeConditional(Connection connection, Batch batch, Way way)
      throws SQLException {
    List<ChangeSet> sets = batch.sets();
    List<Batch.Row> rows = batch.rows();
    try (PreparedStatement statement = connection.prepareStatement(sql.conditional(way))) {
      Binder binder = Binder.of(statement);
      bindWait(binder, batch, way);
      binder
          .uuids(batch.states(), uuid -> uuid)
          .uuids(sets, ChangeSet::stateUuid)
          .numbers(sets, ChangeSet::expectedVersion)
          .uuids(sets, ChangeSet::transactionId);
      bindRows(binder, rows).integer(deltasPerSnapshot).flag(connection.getAutoCommit());
      return verdicts(statement, sets);
    }
  }

  private static Binder bindRows(Binder binder, List<Batch.Row> rows) throws SQLException {
    return binder
        .integers(rows, Batch.Row::place)
        .uuids(rows, row -> row.set().stateUuid())
        .texts(rows, row -> row.item().key())
        .texts(rows, row -> row.item().operation().sqlName())
        .texts(rows, row -> row.item().form().sqlName())
        .texts(rows, row -> row.item().payload())
        .numbers(rows, row -> row.item().guard())
        .numbers(rows, row -> row.item().base())
        .integers(rows, row -> row.item().deltas())
        .integers(rows, Batch.Row::before)
        .texts(rows, row -> row.author().actor())
        .texts(rows, row -> row.author().reason());
  }

  private List<Verdict> verdicts(PreparedStatement statement, List<ChangeSet> sets)
      throws SQLException {
    Verdict[] verdicts = new Verdict[sets.size()];
    @Nullable Lesson[] lessons = new @Nullable Lesson[sets.size()];
    // All or none, as a gap between two would go unseen.
    boolean learns = sets.stream().anyMatch(set -> tails.concerns(set.stateUuid(), set.items()));
    try (ResultSet rows = Writer.lastResult(statement)) {
      while (rows.next()) {
        int place = rows.getInt(1) - 1;
        ChangeSet set = sets.get(place);
        verdicts[place] = verdict(rows, set);
        if (learns
            && verdicts[place] instanceof Settled settled
            && settled.outcome() instanceof WriteOutcome.Written written) {
          lessons[place] = Writer.readLesson(rows, 3, set, written);
        }
      }
    }
    learn(lessons);
    return List.of(verdicts);
  }

  /** All looks of a message see what was there before it, and each change set of a state stands on the one before. */
  private void learn(@Nullable Lesson[] lessons) {
    Map<UUID, Position> reached = new HashMap<>();
    for (Lesson lesson : lessons) {
      if (lesson != null) {
        Position before = reached.put(lesson.state(), lesson.after());
        tails.learn(before == null ? lesson : lesson.behind(before));
      }
    }
  }

  private static Verdict verdict(ResultSet row, ChangeSet set) throws SQLException {
    return switch (row.getString(2)) {
      case "held" -> Again.HELD;
      case "later" -> Again.LATER;
      default -> new Settled(Writer.readOutcome(row, 2, set));
    };
  }

  /** What is found after a state was waited for in vain. */
  Look look(Connection connection, UUID state) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.look)) {
      Binder.of(statement).uuid(state);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Look(row.getBoolean(1), row.getBoolean(2));
      }
    }
  }

  /**
   * What is found after a state was waited for in vain.
   *
   * @param isThere whether the state has a row
   * @param ownBound whether the session has a {@code lock_timeout} of its own that is no longer than a turn
   */
  record Look(boolean isThere, boolean ownBound) {}

  /**
   * What became of a state.
   *
   * @param again null when it was written
   * @param base the version below its first change set
   */
  private record Answer(@Nullable Again again, long base) {
    Verdict verdict(int ordinal) {
      return again == null ? new Settled(new WriteOutcome.Written(base + ordinal)) : again;
    }
  }
}
