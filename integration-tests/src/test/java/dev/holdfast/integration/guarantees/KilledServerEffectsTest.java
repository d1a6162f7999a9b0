package dev.holdfast.integration.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.testkit.Invariants;
import dev.holdfast.testkit.Seed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed with SIGKILL at seeded moments while eight threads run effect transactions, and started again. Every effect
 * transaction ends, what the journal says is what happened outside, and what callers were told is what the journal says. {@code
 * -Dholdfast.effectKills=30} kills it more often.
 */
@Tag("G7")
@Tag("G8")
@Tag("G9")
class KilledServerEffectsTest {

  private static final int KILLS = Integer.getInteger("holdfast.effectKills", 5);
  private static final int THREADS = 8;
  private static final int RUNS_BETWEEN_KILLS = 40;
  private static final int MAX_EXTRA_MILLIS = 60;
  private static final Duration LEASE = Duration.ofSeconds(1);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path folder;

  @Test
  void everyEffectEndsAndTheJournalSaysWhatHappenedOutside() throws Exception {
    long seed = Seed.next("killed-server-effects");
    OutsideLedger ledger = new OutsideLedger(seed);
    try (TestingServer server = new TestingServer(folder, "on")) {
      server.start();
      try (Holdfast holdfast = open(server, ledger)) {
        EffectLoad load = new EffectLoad(holdfast, ledger);
        JournalAudit audit = new JournalAudit(server.dataSource());
        long underWay = loadAndKill(server, load, new Random(seed));
        awaitRest(audit);

        Map<String, Long> statuses = audit.statuses();
        System.out.println(KILLS + " kills with " + underWay + " effect transactions under way: "
            + load.runs() + " runs, " + statuses + ", "
            + holdfast.effects().metrics().recovered() + " recovered");
        assertThat(load.surprises()).isEmpty();
        assertThat(underWay).as("under way when the server died").isGreaterThanOrEqualTo(KILLS);
        assertThat(load.outcomes()).hasSizeGreaterThan(KILLS * RUNS_BETWEEN_KILLS / 2);
        assertThat(statuses)
            .as("all kinds of ends, and nothing else")
            .containsOnlyKeys("committed", "rolled_back", "rollback_failed");
        assertThat(audit.contradictions(ledger.entries(), load.outcomes())).isEmpty();
        settle(holdfast, ledger);
        assertThat(audit.contradictions(ledger.entries(), Map.of())).isEmpty();
        assertThat(audit.statuses()).containsOnlyKeys("committed", "rolled_back", "resolved");
        Invariants.check(server.dataSource(), SchemaName.DEFAULT);
      }
    }
  }

  /** The control: with {@code synchronous_commit=off} the journal forgets what was done. A lucky run is repeated. */
  @Test
  void withoutSynchronousCommitTheJournalForgets() throws Exception {
    try (TestingServer server = new TestingServer(folder, "off")) {
      server.start();
      for (int attempt = 0; attempt < 20; attempt++) {
        if (isAnythingForgotten(server)) {
          return;
        }
      }
    }
    fail(
        "Twenty crashes without synchronous_commit went unnoticed, so the test above proves nothing");
  }

  private static boolean isAnythingForgotten(TestingServer server) throws Exception {
    OutsideLedger ledger = new OutsideLedger(Seed.next("forgetful-server"));
    try (Holdfast holdfast = open(server, ledger)) {
      JournalAudit audit = new JournalAudit(server.dataSource());
      audit.clear();
      EffectLoad load = new EffectLoad(holdfast, ledger);
      load.start(THREADS);
      load.awaitTold(RUNS_BETWEEN_KILLS);
      server.kill();
      server.start();
      load.stop();
      awaitRest(audit);
      return !audit.contradictions(ledger.entries(), load.outcomes()).isEmpty();
    }
  }

  private static Holdfast open(TestingServer server, OutsideLedger ledger) {
    Holdfast holdfast = server.open(
        THREADS + 4, effects -> effects.lease(LEASE).recoveryInterval(Duration.ofMillis(200)));
    ledger.register(holdfast.effects());
    return holdfast;
  }

  /** How many effect transactions were under way when the server died, over all kills. */
  private static long loadAndKill(TestingServer server, EffectLoad load, Random random)
      throws Exception {
    long underWay = 0;
    load.start(THREADS);
    for (int i = 0; i < KILLS; i++) {
      load.awaitTold(RUNS_BETWEEN_KILLS);
      TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_EXTRA_MILLIS));
      server.kill();
      server.start();
      underWay += new JournalAudit(server.dataSource()).leased();
    }
    load.awaitTold(RUNS_BETWEEN_KILLS);
    load.stop();
    return underWay;
  }

  private static void awaitRest(JournalAudit audit) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> audit.leased() == 0);
  }

  private static void settle(Holdfast holdfast, OutsideLedger ledger) {
    ledger.repair();
    List<RollbackFailure> open = holdfast.effects().rollbackFailures().open(10_000);
    assertThat(open).isNotEmpty();
    open.forEach(failure -> holdfast.effects().rollbackFailures().retry(failure.id()));
    assertThat(holdfast.effects().rollbackFailures().open()).isEmpty();
  }
}
