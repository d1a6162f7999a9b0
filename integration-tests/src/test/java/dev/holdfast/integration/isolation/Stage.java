package dev.holdfast.integration.isolation;

import dev.holdfast.Holdfast;
import dev.holdfast.store.State;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;
import org.awaitility.Awaitility;

/**
 * Where one script plays: states of a namespace of its own and sessions at one level. A row of the scripts is a state with the one key
 * {@code value}; a table whose rows are selected by a condition is a state with a key for each row. Used by one thread.
 */
final class Stage implements AutoCloseable {

  private static final String VALUE = "value";

  private final Holdfast holdfast;
  private final TestDatabase database;
  private final Isolation level;
  private final String namespace;
  private final List<Session> sessions = new ArrayList<>();

  Stage(Holdfast holdfast, TestDatabase database, Isolation level, String name) {
    this.holdfast = holdfast;
    this.database = database;
    this.level = level;
    this.namespace = name + " " + level;
  }

  /** Rows "1" with 10 and "2" with 20. */
  Stage withRows() {
    row("1").set(VALUE, 10);
    row("2").set(VALUE, 20);
    return this;
  }

  /** Table "a" with the rows 1: 10 and 2: 20, and an empty row in table "b". */
  Stage withTables() {
    row("a").update(Map.of("1", 10, "2", 20));
    row("b").update(Map.of("0", 0));
    return this;
  }

  Session begin() {
    Session session = Session.begin(this, holdfast, TransactionOptions.of(level));
    sessions.add(session);
    return session;
  }

  /** A row or table outside all transactions. */
  State<Integer> row(String name) {
    return holdfast.state(namespace, name, Integer.class);
  }

  State<Integer> row(Transaction transaction, String name) {
    return transaction.state(namespace, name, Integer.class);
  }

  int get(Transaction transaction, String row) {
    return row(transaction, row).get(VALUE).orElseThrow();
  }

  void set(Transaction transaction, String row, int value) {
    row(transaction, row).set(VALUE, value);
  }

  int committed(String row) {
    return row(row).get(VALUE).orElseThrow();
  }

  /** The rows of a table whose value meets a condition. */
  Map<String, Integer> select(Transaction transaction, String table, IntPredicate condition) {
    Map<String, Integer> selected =
        new TreeMap<>(row(transaction, table).snapshot().asMap());
    selected.values().removeIf(value -> !condition.test(value));
    return selected;
  }

  /** Returns when a statement waits for a lock; fails when the step ends before. */
  void awaitLockWait(CompletableFuture<?> step) {
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
      if (step.isDone()) {
        throw new AssertionError(
            "A step was expected to wait for a lock, but has ended: " + step.join());
      }
      return database.queryLong("""
          SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'""") > 0;
    });
  }

  @Override
  public void close() {
    sessions.forEach(Session::close);
  }
}
