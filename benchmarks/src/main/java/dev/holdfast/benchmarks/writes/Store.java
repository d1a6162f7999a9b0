package dev.holdfast.benchmarks.writes;

import java.sql.SQLException;
import java.util.Collection;

/** What a contender writes with. Each write is durable when it returns. Safe for use by multiple threads. */
public interface Store extends AutoCloseable {

  /** Makes the rows that must be there before these states can be written; not timed. */
  void prepare(Collection<String> states) throws SQLException;

  /** A query for a number that grows by exactly 1 with every call that wrote. */
  String written();

  @Override
  default void close() {}
}
