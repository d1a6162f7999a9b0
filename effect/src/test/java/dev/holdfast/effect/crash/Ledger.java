package dev.holdfast.effect.crash;

import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.store.json.Json;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * The outside ledger of the random test: its own table, its own connections. Which operations fail, and which compensations, follows from a
 * seed and the idempotency key, so that it is the same in every process; compensations work once the ledger is repaired.
 */
final class Ledger {

  static final String TABLES = """
      CREATE TABLE entry (key text PRIMARY KEY, state text NOT NULL, performed integer NOT NULL);
      CREATE TABLE repair (at timestamptz NOT NULL);
      GRANT ALL ON entry, repair TO PUBLIC""";

  private static final int PERCENT_FAILING = 8;
  private static final int PERCENT_UNCERTAIN = 5;
  private static final int PERCENT_NOT_UNDONE = 15;

  private final DataSource dataSource;
  private final long seed;

  Ledger(DataSource dataSource, long seed) {
    this.dataSource = dataSource;
    this.seed = seed;
  }

  record Amount(int cents) {}

  record Receipt(String key) {}

  private int percent(String what, String key) {
    return Math.floorMod(Objects.hash(seed, what, key) * 31, 100);
  }

  void register(Effects effects) {
    effects.register(EffectHandler.of("post", Amount.class, Receipt.class)
        .perform((context, amount) -> {
          String key = context.idempotencyKey();
          if (percent("fail", key) < PERCENT_FAILING) {
            throw new IllegalStateException("refused");
          }
          TimeUnit.MILLISECONDS.sleep(percent("sleep", key) / 20);
          run(
              "INSERT INTO entry (key, state, performed) VALUES (?, 'posted', 1)"
                  + " ON CONFLICT (key) DO UPDATE SET performed = entry.performed + 1",
              key);
          if (percent("uncertain", key) < PERCENT_UNCERTAIN) {
            throw new IOException("reply lost");
          }
          return new Receipt(key);
        })
        .reconcile((context, amount) -> isPosted(context.idempotencyKey())
            ? Reconciliation.done(new Receipt(context.idempotencyKey()))
            : Reconciliation.notDone())
        .compensate((context, amount, receipt) -> {
          if (percent("undo", receipt.key()) < PERCENT_NOT_UNDONE && !isRepaired()) {
            throw new IllegalStateException("cannot be undone");
          }
          run("UPDATE entry SET state = 'undone' WHERE key = ?", receipt.key());
        }));
  }

  /** Up to five postings and a step; some bodies give up at the end. */
  EffectBody<Integer> body(String id) {
    return effect -> {
      int postings = 1 + percent("postings", id) % 5;
      int sum = 0;
      for (int i = 0; i < postings; i++) {
        effect.perform("post", new Amount(i));
        sum += i;
      }
      int total = sum;
      effect.step("total", tx -> tx.state("ledger", id).set("total", Json.json(total)));
      if (percent("give up", id) < 20) {
        throw new IllegalStateException("gave up");
      }
      return sum;
    };
  }

  private void run(String sql, String key) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, key);
      statement.executeUpdate();
    }
  }

  private boolean isPosted(String key) throws SQLException {
    return found("SELECT 1 FROM entry WHERE key = '" + key + "'");
  }

  private boolean isRepaired() throws SQLException {
    return found("SELECT 1 FROM repair");
  }

  private boolean found(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      return row.next();
    }
  }
}
