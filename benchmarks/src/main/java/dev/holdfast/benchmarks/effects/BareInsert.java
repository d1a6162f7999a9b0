package dev.holdfast.benchmarks.effects;

import dev.holdfast.benchmarks.writes.Schema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/** The floor: the result alone, one bare insert. Nothing of the operations is kept. */
final class BareInsert implements WorkflowStore {

  private final DataSource pool;
  private final AtomicLong next;
  private final String insert;
  private final String count;

  BareInsert(DataSource pool, Schema schema) {
    this.pool = pool;
    this.next = schema.floorIds();
    this.insert = schema.in("INSERT INTO {schema}.floor (id, payload) VALUES (?, ?::json)");
    this.count = schema.in("SELECT count(*) FROM {schema}.floor");
  }

  @Override
  public String run(String id) throws SQLException {
    StringBuilder result = new StringBuilder();
    for (int number = 0; number < OPERATIONS; number++) {
      result.append(WorkflowStore.answer(number));
    }
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setLong(1, next.getAndIncrement());
      statement.setString(2, '"' + result.toString() + '"');
      statement.executeUpdate();
    }
    return result.toString();
  }

  @Override
  public String written() {
    return count;
  }
}
