package dev.holdfast.store.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.GroupSql.Way;
import dev.holdfast.store.internal.Verdict.Again;
import dev.holdfast.store.internal.Verdict.Settled;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Sends several change sets in one message and reads what became of each; see {@link GroupSql}. Safe for use by multiple threads, each with
 * its own connection.
 */
final class GroupWriter {

  private final GroupSql sql;
  private final int deltasPerSnapshot;

  GroupWriter(SchemaName schema, int deltasPerSnapshot) {
    this.sql = new GroupSql(schema);
    this.deltasPerSnapshot = deltasPerSnapshot;
  }

  /**
   * Writes what can be written.
   *
   * @param way what to do about a state that is locked elsewhere, or missing; unless it is left out, all change sets are of one state
   * @return what became of each, in order
   */
  List<Verdict> write(Connection connection, Batch batch, Way way) throws SQLException {
    return batch.isBlind()
        ? writeBlind(connection, batch, way)
        : writeConditional(connection, batch, way);
  }

  private List<Verdict> writeBlind(Connection connection, Batch batch, Way way)
      throws SQLException {
    Map<UUID, Head> heads = new LinkedHashMap<>();
    List<BlindRow> rows = new ArrayList<>();
    int[] ordinals = new int[batch.sets().size()];
    Head[] headOf = new Head[ordinals.length];
    for (int i = 0; i < ordinals.length; i++) {
      ChangeSet set = batch.sets().get(i);
      Head head = heads.computeIfAbsent(set.stateUuid(), uuid -> new Head(heads.size() + 1, uuid));
      int ordinal = ++head.sets;
      set.items().forEach(item -> rows.add(new BlindRow(head, ordinal, set, item)));
      ordinals[i] = ordinal;
      headOf[i] = head;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql.blind(way))) {
      List<Head> all = List.copyOf(heads.values());
      bindBlindRows(bindHeads(Binder.of(statement), batch, all, way), rows);
      long[] bases = bases(statement, all.size());
      List<Verdict> verdicts = new ArrayList<>();
      for (int i = 0; i < ordinals.length; i++) {
        verdicts.add(blindVerdict(bases[headOf[i].place - 1], ordinals[i]));
      }
      return verdicts;
    }
  }

  private static Binder bindHeads(Binder binder, Batch batch, List<Head> heads, Way way)
      throws SQLException {
    bindWait(binder, batch, way);
    return binder.uuids(heads, head -> head.state).integers(heads, head -> head.sets);
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

  private static void bindBlindRows(Binder binder, List<BlindRow> rows) throws SQLException {
    binder
        .integers(rows, row -> row.head.place)
        .texts(rows, row -> row.item.key())
        .integers(rows, row -> row.ordinal)
        .texts(rows, row -> row.item.operation().sqlName())
        .texts(rows, row -> row.author().actor())
        .texts(rows, row -> row.author().reason())
        .uuids(rows, row -> row.set.transactionId())
        .texts(rows, row -> row.item.payload());
  }

  /** The version below, by place of the state; -1 for one that was not written. */
  private static long[] bases(PreparedStatement statement, int heads) throws SQLException {
    long[] bases = new long[heads];
    Arrays.fill(bases, -1);
    try (ResultSet rows = Writer.lastResult(statement)) {
      while (rows.next()) {
        bases[rows.getInt(1) - 1] = rows.getLong(2);
      }
    }
    return bases;
  }

  private static Verdict blindVerdict(long base, int ordinal) {
    return base < 0 ? Again.HELD : new Settled(new WriteOutcome.Written(base + ordinal));
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

  private static List<Verdict> verdicts(PreparedStatement statement, List<ChangeSet> sets)
      throws SQLException {
    Verdict[] verdicts = new Verdict[sets.size()];
    try (ResultSet rows = Writer.lastResult(statement)) {
      while (rows.next()) {
        int place = rows.getInt(1) - 1;
        verdicts[place] = verdict(rows, sets.get(place));
      }
    }
    return List.of(verdicts);
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

  /** A state of a batch and how many change sets it gets. */
  private static final class Head {
    private final int place;
    private final UUID state;
    private int sets;

    Head(int place, UUID state) {
      this.place = place;
      this.state = state;
    }
  }

  private record BlindRow(Head head, int ordinal, ChangeSet set, Item item) {
    Author author() {
      return set.authorOf(item);
    }
  }
}
