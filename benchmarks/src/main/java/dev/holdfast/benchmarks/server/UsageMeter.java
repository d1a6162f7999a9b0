package dev.holdfast.benchmarks.server;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells what some work asks of the server. Commits and write-ahead log are counted for the whole server, so nobody else may write meanwhile.
 * Confined to one thread.
 */
public final class UsageMeter {

  /** The number that the next transaction takes which writes; a transaction that only reads takes none. */
  private static final String NEXT_XID = "SELECT pg_snapshot_xmax(pg_current_snapshot())";

  private final Sql sql;
  private final WalMeter wal;
  private final Optional<WalRecords> records;

  /** A meter of one server. */
  public UsageMeter(Sql sql) {
    this.sql = sql;
    this.wal = new WalMeter(sql);
    this.records = WalRecords.of(sql);
  }

  /** Runs the work, which must have ended in all threads when it returns; what it throws is thrown. */
  public <T> Metered<T> during(Supplier<T> work) {
    long roundTrips = CountingSocketFactory.roundTrips();
    long xid = sql.number(NEXT_XID);
    String begin = wal.position();
    T result = work.get();
    WalRange range = wal.since(begin);
    long commits = sql.number(NEXT_XID) - xid;
    roundTrips = CountingSocketFactory.roundTrips() - roundTrips;
    long images = records.map(found -> found.imageBytes(range)).orElse(0L);
    return new Metered<>(result, new Usage(roundTrips, commits, range.bytes() - images, images));
  }

  /** Makes the server write out everything now, so that it does not have to while something is timed. */
  public void checkpoint() {
    wal.checkpoint();
  }

  /** What some work returned and what it cost. */
  public record Metered<T>(T result, Usage usage) {}
}
