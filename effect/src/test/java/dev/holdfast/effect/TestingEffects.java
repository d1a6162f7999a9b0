package dev.holdfast.effect;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.store.StateStore;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Effect transactions on a small pool over the database of a test class, as one process has them; background recovery is off unless a test
 * switches it on. Safe for use by multiple threads.
 */
final class TestingEffects implements AutoCloseable {

  private static final int CONNECTIONS = 12;

  private final TestDatabase database;
  private final HikariDataSource pool;
  private final StateStore store;
  private final Effects effects;

  private TestingEffects(TestDatabase database, UnaryOperator<Effects.Builder> settings) {
    this.database = database;
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(database.jdbcUrl());
    config.setUsername(database.libraryUser());
    config.setPassword(database.libraryPassword());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(1);
    this.pool = new HikariDataSource(config);
    this.store = StateStore.builder(pool).build();
    this.effects =
        settings.apply(Effects.builder(store, pool).withoutRecovery()).build();
  }

  static TestingEffects on(TestDatabase database) {
    return on(database, UnaryOperator.identity());
  }

  static TestingEffects on(TestDatabase database, UnaryOperator<Effects.Builder> settings) {
    return new TestingEffects(database, settings);
  }

  Effects effects() {
    return effects;
  }

  StateStore store() {
    return store;
  }

  static String newId() {
    return UUID.randomUUID().toString();
  }

  String status(String id) {
    return one("SELECT status FROM holdfast.effect_transaction WHERE id = '%s'".formatted(id));
  }

  private String one(String sql) {
    List<String> rows = database.queryStrings(sql);
    return rows.isEmpty() ? "absent" : rows.get(0);
  }

  /** Every operation as position, name and status, in order. */
  List<String> operations(String id) {
    return database.queryStrings("""
        SELECT array_to_string(o.position, '.') || ' ' || o.name || ' ' || o.status
        FROM holdfast.effect_operation_summary AS o
        WHERE o.id = '%s'
        ORDER BY o.position""".formatted(id));
  }

  /** Every attempt as position, phase, number and how it ended, in order of time. */
  List<String> attempts(String id) {
    return database.queryStrings("""
        SELECT array_to_string(a.position, '.') || ' ' || a.phase || ' ' || a.number || ' '
          || CASE WHEN a.ended_at IS NULL THEN 'open' WHEN a.error IS NULL THEN 'ended' ELSE 'failed' END
        FROM holdfast.effect_attempt AS a
        JOIN holdfast.effect_transaction AS t ON t.effect_id = a.effect_id
        WHERE t.id = '%s'
        ORDER BY a.started_at, a.position DESC, a.number""".formatted(id));
  }

  /** Forgets all effect transactions of the database. */
  void clear() {
    database.execute("TRUNCATE " + EffectTables.ALL);
  }

  /** As if the process that runs it had given no sign of life for long. */
  void expireLease(String id) {
    EffectTables.expireLeases(database, "t.id = '%s'".formatted(id));
  }

  @Override
  public void close() {
    effects.close();
    store.close();
    pool.close();
  }
}
