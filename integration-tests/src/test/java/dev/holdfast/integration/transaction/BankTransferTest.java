package dev.holdfast.integration.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.integration.transaction.Bank.Told;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.Seed;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Sixteen threads of two stores move money between eight accounts while sessions are ended at random: the sum is the same in every
 * transaction that looks, and history has every transfer exactly as often as its caller was told.
 */
@HoldfastTest
@Tag("G3")
@Tag("G4")
final class BankTransferTest {

  private static final Duration TIME =
      Duration.ofSeconds(Integer.getInteger("holdfast.bank.seconds", 8));
  private static final int TELLERS = 8;
  private static final int AUDITORS = 1;
  private static final int LEAST_TRANSFERS_A_SECOND = 20;
  private static final int LEAST_KILLED_A_SECOND = 2;
  private static final long KILL_PAUSE_NANOS = Duration.ofMillis(200).toNanos();

  private final TestDatabase database;

  BankTransferTest(TestDatabase database) {
    this.database = database;
  }

  private Holdfast open() {
    return Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(TELLERS + AUDITORS)
        .build();
  }

  @ParameterizedTest
  @EnumSource(names = {"SERIALIZABLE", "READ_COMMITTED_COMPUTE"})
  void noMoneyIsMadeOrLost(Transfer kind) throws InterruptedException {
    Random random = new Random(Seed.next("bank"));
    Bank bank = new Bank(kind);
    try (Holdfast one = open();
        Holdfast other = open()) {
      bank.open(one);
      bank.start(one, TELLERS, AUDITORS, random);
      bank.start(other, TELLERS, AUDITORS, random);
      int killed = killSessions(TIME, random);
      bank.close();
      System.out.printf(
          "%s: %,d transfers done, %,d not done, %,d unknown; %,d looks; %,d sessions ended; %,d attempts repeated, %,d commits in doubt%n",
          kind,
          bank.count(Told.DONE),
          bank.count(Told.NOT_DONE),
          bank.count(Told.UNKNOWN),
          bank.looks(),
          killed,
          one.transactionMetrics().retried() + other.transactionMetrics().retried(),
          one.transactionMetrics().commitsInDoubt() + other.transactionMetrics().commitsInDoubt());

      assertThat(bank.surprises()).isEmpty();
      assertThat(bank.wrongSums()).isEmpty();
      assertThat(bank.sum(one)).isEqualTo(Bank.TOTAL);
      assertThat(bank.wrongInHistory(one)).isEmpty();
      assertThat(bank.count(Told.UNKNOWN)).isZero();
      assertThat(bank.count(Told.DONE)).isGreaterThan(LEAST_TRANSFERS_A_SECOND * TIME.toSeconds());
      assertThat(bank.looks()).isGreaterThan(LEAST_TRANSFERS_A_SECOND);
      assertThat((long) killed).isGreaterThan(LEAST_KILLED_A_SECOND * TIME.toSeconds());
    }
  }

  /** The control: the same with balances that are read and then set at READ COMMITTED does make or lose money. */
  @Test
  void withoutProtectionMoneyIsMadeOrLost() throws InterruptedException {
    Random random = new Random(Seed.next("careless-bank"));
    Bank bank = new Bank(Transfer.READ_COMMITTED_GET_THEN_SET);
    try (Holdfast holdfast = open()) {
      bank.open(holdfast);
      bank.start(holdfast, TELLERS, AUDITORS, random);
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (bank.wrongSums().isEmpty() && System.nanoTime() < deadline) {
        LockSupport.parkNanos(KILL_PAUSE_NANOS);
      }
      bank.close();

      assertThat(bank.surprises()).isEmpty();
      assertThat(bank.wrongSums()).isNotEmpty();
    }
  }

  private int killSessions(Duration time, Random random) {
    int killed = 0;
    long deadline = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < deadline) {
      LockSupport.parkNanos(random.nextLong(KILL_PAUSE_NANOS));
      killed += database.queryStrings("""
              SELECT pg_terminate_backend(pid)
              FROM pg_stat_activity
              WHERE datname = current_database() AND application_name = 'holdfast'
              ORDER BY random()
              LIMIT 1""").size();
    }
    return killed;
  }
}
