package dev.holdfast.effect.crash;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.EffectRunningException;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.StaleLeaseException;
import dev.holdfast.store.StateStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A process that runs all effect transactions of the random test until each has ended, here or elsewhere, and recovers what others
 * abandoned.
 *
 * <p>Arguments: JDBC URL, user, password, seed, how many, lease in milliseconds.
 */
final class LedgerWorker {

  private LedgerWorker() {}

  public static void main(String[] arguments) throws InterruptedException {
    long seed = Long.parseLong(arguments[3]);
    int number = Integer.parseInt(arguments[4]);
    Duration lease = Duration.ofMillis(Long.parseLong(arguments[5]));
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(arguments[0]);
    config.setUsername(arguments[1]);
    config.setPassword(arguments[2]);
    config.setMaximumPoolSize(6);
    try (HikariDataSource pool = new HikariDataSource(config);
        StateStore store = StateStore.builder(pool).build();
        Effects effects =
            Effects.builder(store, pool).lease(lease).recoveryInterval(lease).build()) {
      Ledger ledger =
          new Ledger(Traveller.dataSource(arguments[0], arguments[1], arguments[2]), seed);
      ledger.register(effects);
      System.out.println("working");
      List<String> open = new ArrayList<>();
      for (int i = 0; i < number; i++) {
        open.add("t" + i);
      }
      Collections.shuffle(open, new Random());
      while (!open.isEmpty()) {
        open.removeIf(id -> isEnded(effects, ledger, id));
        Thread.sleep(20);
      }
    }
    System.out.println("all ended");
  }

  private static boolean isEnded(Effects effects, Ledger ledger, String id) {
    try {
      effects.run("ledger", id, ledger.body(id));
      return true;
    } catch (EffectFailedException | EffectRollbackException e) {
      return true;
    } catch (EffectRunningException | StaleLeaseException e) {
      return false;
    }
  }
}
