package dev.holdfast.benchmarks.server;

import dev.holdfast.migrations.SchemaName;
import java.util.List;

/**
 * How much disk the tables of one schema take. Immutable.
 *
 * @param tableBytes of the tables, with what was moved out of line
 * @param indexBytes of their indexes
 */
public record TableSizes(long tableBytes, long indexBytes) {

  /** The sizes now. */
  public static TableSizes of(Sql sql, SchemaName schema) {
    List<String> sizes = sql.rows("""
        SELECT sum(pg_table_size(c.oid)), sum(pg_indexes_size(c.oid))
        FROM pg_class AS c
        WHERE c.relnamespace = to_regnamespace(?) AND c.relkind = 'r'""", schema.value()).get(0);
    return new TableSizes(Long.parseLong(sizes.get(0)), Long.parseLong(sizes.get(1)));
  }

  /** By how much this is larger than an earlier size. */
  public TableSizes minus(TableSizes earlier) {
    return new TableSizes(tableBytes - earlier.tableBytes, indexBytes - earlier.indexBytes);
  }
}
