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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is to be done to one state and does it in transactions: rows are exported, removed or folded, and counted in the record of the
 * run, all or nothing. Confined to one thread.
 */
final class RemovalBatch implements Sweep.Target {

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
    Lines lines = new Lines();
    long removedNow = 0;
    long foldedNow = 0;
    for (Work work : collected) {
      if (work.folded != null && fold(connection, work, work.folded, lines.of("folded"))) {
        foldedNow++;
      }
      removedNow +=
          sweeper.store().remove(connection, uuid, work.key, work.removed, lines.of("removed"));
    }
    if (removedNow + foldedNow > 0) {
      sweeper.store().record(connection, uuid, run.id(), upTo, removedNow, foldedNow, run.author());
      lines.write();
      connection.commit();
    }
    removed += removedNow;
    folded += foldedNow;
  }

  private boolean fold(
      Connection connection, Work work, long version, Consumer<HistoryRow> replaced)
      throws SQLException {
    long low = work.removed.isEmpty() ? version : work.removed.get(0);
    return sweeper.store().fold(connection, uuid, work.key, low, version, replaced);
  }

  /**
   * What is done to one key.
   *
   * @param folded the version that becomes a whole value, null for none
   * @param removed the versions that go
   */
  private record Work(String key, @Nullable Long folded, List<Long> removed) {}

  /** The lines of one transaction, written when all statements have succeeded. */
  private final class Lines {

    private final List<String> collected = new ArrayList<>();

    Consumer<HistoryRow> of(String action) {
      return run.export().equals(RemovalExport.NONE)
          ? row -> {}
          : row -> collected.add(row.redacted(run.redactor()).toLine(action, id));
    }

    void write() throws IOException {
      for (String line : collected) {
        run.export().write(line);
      }
      run.export().sync();
    }
  }
}
