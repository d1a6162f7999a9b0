package dev.holdfast.benchmarks.server;

import dev.holdfast.error.HoldfastException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Says which records a stretch of write-ahead log is made of, and about which tables and indexes they are. Needs the contrib extension
 * {@code pg_walinspect} of PostgreSQL 16 or newer and the right to create it. Safe for use by multiple threads.
 */
public final class WalRecords {

  private static final int OLDEST_SERVER = 16;

  /** A record counts with its alignment to 8 bytes; a table is told by the first block that the record changes; catalogs are "other". */
  private static final String BREAKDOWN = """
      SELECT CASE
          WHEN c.relnamespace = 'pg_catalog'::regnamespace OR r.resource_manager = 'Standby' THEN 'other'
          ELSE concat_ws(' ', r.resource_manager || '/' || r.record_type, CASE
            WHEN c.relkind = 't' THEN 'toast'
            WHEN c.relname ~ '^pg_toast' THEN 'toast index'
            ELSE c.relname END)
          END AS record,
        sum((r.record_length + 7) / 8 * 8) AS bytes
      FROM pg_get_wal_records_info(?::pg_lsn, ?::pg_lsn) AS r
      LEFT JOIN pg_get_wal_block_info(?::pg_lsn, ?::pg_lsn, false) AS b ON b.start_lsn = r.start_lsn AND b.block_id = 0
      LEFT JOIN pg_class AS c ON pg_relation_filenode(c.oid) = b.relfilenode
      GROUP BY 1
      ORDER BY bytes DESC""";

  private final Sql sql;

  private WalRecords(Sql sql) {
    this.sql = sql;
  }

  /** The breakdown, or empty where the server does not offer it. */
  public static Optional<WalRecords> of(Sql sql) {
    if (sql.number("SHOW server_version_num") / 10_000 < OLDEST_SERVER) {
      return Optional.empty();
    }
    try {
      sql.execute("CREATE EXTENSION IF NOT EXISTS pg_walinspect");
      return Optional.of(new WalRecords(sql));
    } catch (HoldfastException e) {
      return Optional.empty();
    }
  }

  /** The bytes of the images of whole pages. What is not on disk yet cannot be read, so a message is committed behind it first. */
  long imageBytes(WalRange range) {
    if (range.bytes() == 0) {
      return 0;
    }
    sql.execute("SELECT pg_logical_emit_message(true, 'benchmark', '')");
    return sql.number(
        "SELECT coalesce(sum(fpi_size), 0)::bigint FROM pg_get_wal_stats(?::pg_lsn, ?::pg_lsn)",
        range.begin(),
        range.end());
  }

  /** The bytes of each kind of record, the largest first; the page headers between them are not part of any. */
  public Map<String, Long> bytesByKind(WalRange range) {
    Map<String, Long> kinds = new LinkedHashMap<>();
    sql.rows(BREAKDOWN, range.begin(), range.end(), range.begin(), range.end())
        .forEach(row -> kinds.put(row.get(0), Long.parseLong(row.get(1))));
    return kinds;
  }
}
