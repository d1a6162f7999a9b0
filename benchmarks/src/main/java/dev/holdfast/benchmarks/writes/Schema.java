package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.server.Database;
import dev.holdfast.migrations.SchemaName;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The schema with the tables of all ways to write. Safe for use by multiple threads. */
public final class Schema {

  private final SchemaName name;
  private final AtomicLong floorIds = new AtomicLong();
  private final AtomicInteger runs = new AtomicInteger();
  private final ConcurrentMap<String, String> statements = new ConcurrentHashMap<>();

  private Schema(SchemaName name) {
    this.name = name;
  }

  /** Makes a schema with all tables and functions. */
  public static Schema create(Database database) {
    Schema schema = new Schema(database.newSchema());
    List.of(
            Floor.TABLES,
            OneFunction.TABLES,
            OneFunction.FUNCTIONS,
            NaiveJdbc.TABLES,
            QueueByHand.TABLES,
            SingleStatement.TABLES,
            RewritingJdbc.TABLES)
        .forEach(sql -> database.sql().execute(schema.in(sql)));
    return schema;
  }

  /** Its name. */
  public SchemaName name() {
    return name;
  }

  /** Where the floor's ids come from, however often it is opened. */
  public AtomicLong floorIds() {
    return floorIds;
  }

  /** A number for the next run of a load, so that it can write states of its own. */
  int nextRun() {
    return runs.incrementAndGet();
  }

  /** A statement with the name of the schema in it, made once. */
  public String in(String sql) {
    return statements.computeIfAbsent(sql, text -> name.in(text));
  }
}
