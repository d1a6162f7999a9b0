package dev.holdfast.effect.crash;

import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectContext;
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
      CREATE TABLE newest (key text PRIMARY KEY, epoch bigint NOT NULL);
      CREATE TABLE repair (at timestamptz NOT NULL);
      GRANT ALL ON entry, newest, repair TO PUBLIC""";

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
              context,
              "INSERT INTO entry (key, state, performed) VALUES (?, 'posted', 1)"
                  + " ON CONFLICT (key) DO UPDATE SET performed = entry.performed + 1");
          if (percent("uncertain", key) < PERCENT_UNCERTAIN) {
            throw new IOException("reply lost");
          }
          return new Receipt(key);
        })
        .reconcile((context, amount) -> isPosted(context)
            ? Reconciliation.done(new Receipt(context.idempotencyKey()))
            : Reconciliation.notDone())
        .compensate((context, amount, receipt) -> {
          if (percent("undo", receipt.key()) < PERCENT_NOT_UNDONE && !isRepaired()) {
            throw new IllegalStateException("cannot be undone");
          }
          run(context, "UPDATE entry SET state = 'undone' WHERE key = ?");
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

  /** Somebody who slept past his lease and calls with an older epoch is refused: the library can keep him from its journal, and not from here. */
  private void run(EffectContext context, String sql) throws SQLException {
    inEpoch(context, connection -> {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setString(1, context.idempotencyKey());
        return statement.executeUpdate() > 0;
      }
    });
  }

  /** Whoever was found out not to have posted must not post afterwards. */
  private boolean isPosted(EffectContext context) throws SQLException {
    return inEpoch(context, connection -> {
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT 1 FROM entry WHERE key = ?")) {
        statement.setString(1, context.idempotencyKey());
        try (ResultSet row = statement.executeQuery()) {
          return row.next();
        }
      }
    });
  }

  private boolean inEpoch(EffectContext context, Work work) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement newest = connection.prepareStatement(
            "INSERT INTO newest AS n (key, epoch) VALUES (?, ?)"
                + " ON CONFLICT (key) DO UPDATE SET epoch = excluded.epoch WHERE n.epoch <= excluded.epoch")) {
      connection.setAutoCommit(false);
      newest.setString(1, context.idempotencyKey());
      newest.setLong(2, context.epoch());
      if (newest.executeUpdate() == 0) {
        throw new IllegalStateException("somebody with a newer epoch was here");
      }
      boolean done = work.run(connection);
      connection.commit();
      return done;
    }
  }

  @FunctionalInterface
  private interface Work {
    boolean run(Connection connection) throws SQLException;
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
