package dev.holdfast.store.retention;

import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.store.StateId;
import dev.holdfast.store.internal.HistoryRow;
import dev.holdfast.store.internal.PooledSession.Lease;
import dev.holdfast.store.internal.Sweep;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is to be done to one state and does it in transactions: rows are exported, removed or folded, and counted in the record of the
 * run, all or nothing. Values are read only where they are exported or folded, and then so many at a time as memory bears. Confined to one thread.
 */
final class RemovalBatch implements Sweep.Target {

  /** Of lines to be exported in one transaction, which are kept in memory until all statements have succeeded. One value may be as large. */
  private static final int MAX_CHARS = 8 * 1024 * 1024;

  /** Rows that one statement hands out: they are in memory together, however large. */
  private static final int ROWS_AT_ONCE = 16;

  private final Sweeper sweeper;
  private final Retention.Run run;
  private final StateId id;
  private final UUID uuid;
  private final long upTo;
  private final List<Work> collected = new ArrayList<>();
  private int rows;
  private long removed;
  private long folded;

  RemovalBatch(Sweeper sweeper, Retention.Run run, StateId id, long upTo) {
    this.sweeper = sweeper;
    this.run = run;
    this.id = id;
    this.uuid = id.uuid();
    this.upTo = upTo;
  }

  long removed() {
    return removed;
  }

  long folded() {
    return folded;
  }

  @Override
  public void remove(String key, List<Long> versions) {
    Work last = collected.isEmpty() ? null : collected.get(collected.size() - 1);
    if (last != null && last.folded == null && last.key.equals(key)) {
      last.removed.addAll(versions);
    } else {
      collected.add(new Work(key, null, new ArrayList<>(versions)));
    }
    count(versions.size());
  }

  @Override
  public void fold(String key, long version, List<Long> before) {
    collected.add(new Work(key, version, before));
    count(1 + before.size());
  }

  private void count(int more) {
    rows += more;
    if (rows >= run.batchSize()) {
      flush();
    }
  }

  void flush() {
    if (collected.isEmpty()) {
      return;
    }
    try (Lease lease = sweeper.session().lease()) {
      flush(lease.connection());
    } catch (SQLException e) {
      throw SqlFailure.translate(e, "removing history of state " + id);
    } catch (IOException e) {
      throw new UncheckedIOException("History of state " + id + " could not be exported", e);
    }
    collected.clear();
    rows = 0;
  }

  private void flush(Connection connection) throws SQLException, IOException {
    Part part = new Part(connection);
    for (Work work : collected) {
      if (work.folded != null) {
        part.fold(work, work.folded);
      }
      part.remove(work);
    }
    part.commit();
  }

  /**
   * What is done to one key.
   *
   * @param folded the version that becomes a whole value, null for none
   * @param removed the versions that go
   */
  private record Work(String key, @Nullable Long folded, List<Long> removed) {}

  /** What is done in one transaction. Whichever rows it ends with, those that are left are as unneeded as before. */
  private final class Part {

    private final Connection connection;
    private final boolean isExported = !run.export().equals(RemovalExport.NONE);
    private final List<String> lines = new ArrayList<>();
    private long chars;
    private long removedNow;
    private long foldedNow;

    Part(Connection connection) {
      this.connection = connection;
    }

    void fold(Work work, long version) throws SQLException {
      long low = work.removed.isEmpty() ? version : work.removed.get(0);
      if (sweeper
          .store()
          .fold(connection, uuid, work.key, low, version, row -> export("folded", row))) {
        foldedNow++;
      }
    }

    void remove(Work work) throws SQLException, IOException {
      if (!isExported) {
        removedNow += sweeper.store().remove(connection, uuid, work.key, work.removed);
        return;
      }
      for (int from = 0; from < work.removed.size(); from += ROWS_AT_ONCE) {
        int end = Math.min(from + ROWS_AT_ONCE, work.removed.size());
        List<HistoryRow> rows =
            sweeper.store().takeOut(connection, uuid, work.key, work.removed.subList(from, end));
        rows.forEach(row -> export("removed", row));
        removedNow += rows.size();
        if (chars > MAX_CHARS) {
          commit();
        }
      }
    }

    private void export(String action, HistoryRow row) {
      if (isExported) {
        String line = row.redacted(run.redactor()).toLine(action, id);
        lines.add(line);
        chars += line.length();
      }
    }

    /** The lines are where they will not be lost before their rows are gone. */
    void commit() throws SQLException, IOException {
      if (removedNow + foldedNow > 0) {
        sweeper
            .store()
            .record(connection, uuid, run.id(), upTo, removedNow, foldedNow, run.author());
        for (String line : lines) {
          run.export().write(line);
        }
        run.export().sync();
        connection.commit();
      }
      removed += removedNow;
      folded += foldedNow;
      removedNow = 0;
      foldedNow = 0;
      lines.clear();
      chars = 0;
    }
  }
}
