package dev.holdfast.benchmarks.server;

/**
 * Tells how much write-ahead log the server makes while some work runs. The log belongs to the whole server, so nobody else may write
 * meanwhile. Safe for use by multiple threads.
 */
public final class WalMeter {

  private final Sql sql;

  /** A meter of one server. */
  public WalMeter(Sql sql) {
    this.sql = sql;
  }

  /** Runs the work; what the work throws is thrown. */
  public WalRange during(Runnable work) {
    String begin = position();
    work.run();
    return since(begin);
  }

  /** Where the log ends now. */
  String position() {
    return sql.text("SELECT pg_current_wal_insert_lsn()");
  }

  /** What was made since a position. */
  WalRange since(String begin) {
    String end = position();
    return new WalRange(begin, end, bytes(begin, end));
  }

  private long bytes(String begin, String end) {
    return sql.number("SELECT pg_wal_lsn_diff(?::pg_lsn, ?::pg_lsn)", end, begin);
  }

  /** Makes every page that is changed next be logged as a whole once more, as after every checkpoint. Waits for it to end. */
  public void checkpoint() {
    sql.execute("CHECKPOINT");
  }
}
