package dev.holdfast.integration.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.Holdfast;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.testkit.Invariants;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server is killed with SIGKILL ten times while eight writers work, and started again. Every write that returned is there at the
 * version it returned, be it that it returned before or that Holdfast found out afterwards; every write that was reported as not committed
 * is not there; none is half there; and the same Holdfast goes on without help. Always on an embedded server, because this test has to
 * kill it.
 */
@Tag("G1")
@Tag("G3")
@Tag("G4")
class KilledServerTest {

  private static final int KILLS = Integer.getInteger("holdfast.kills", 10);
  private static final int WRITERS = 8;
  private static final int WRITES_BETWEEN_KILLS = 200;

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path folder;

  @Test
  void everyAcknowledgedWriteSurvivesTenKillsAndNoOther() throws Exception {
    try (TestingServer server = new TestingServer(folder, "on")) {
      server.start();
      try (Holdfast holdfast = server.open(WRITERS)) {
        Outcomes outcomes = new Outcomes(holdfast);
        outcomes.startWriters(WRITERS);
        for (int i = 0; i < KILLS; i++) {
          outcomes.awaitAcknowledged(WRITES_BETWEEN_KILLS);
          server.kill();
          server.start();
        }
        outcomes.awaitAcknowledged(WRITES_BETWEEN_KILLS);
        outcomes.stop();
        System.out.println(KILLS + " kills: " + outcomes.acknowledged() + " writes acknowledged, "
            + outcomes.refused() + " refused, " + outcomes.doubtful() + " in doubt");
        assertThat(outcomes.surprises()).isEmpty();
        assertThat(outcomes.lost()).isEmpty();
        assertThat(outcomes.landedAlthoughRefused()).isEmpty();
        assertThat(outcomes.halfWritten()).isEmpty();
        // The server came back each time and no pooler hides it, so everything can be found out.
        assertThat(outcomes.doubtful()).isZero();
        assertThat(outcomes.refused()).isGreaterThanOrEqualTo(KILLS);
        Invariants.check(server.dataSource(), SchemaName.DEFAULT);
      }
    }
  }

  /** The control: with {@code synchronous_commit=off} the same run loses writes. A lucky run is repeated. */
  @Test
  void withoutSynchronousCommitWritesAreLost() throws Exception {
    try (TestingServer server = new TestingServer(folder, "off")) {
      server.start();
      for (int attempt = 0; attempt < 20; attempt++) {
        if (isAnyLost(server)) {
          return;
        }
      }
    }
    fail(
        "Twenty crashes without synchronous_commit lost nothing, so the test above proves nothing");
  }

  private static boolean isAnyLost(TestingServer server) throws Exception {
    try (Holdfast holdfast = server.open(WRITERS)) {
      holdfast.state("killed", "s").clear();
      holdfast.state("killed", "t").clear();
      Outcomes outcomes = new Outcomes(holdfast);
      outcomes.startWriters(WRITERS);
      outcomes.awaitAcknowledged(WRITES_BETWEEN_KILLS);
      server.kill();
      server.start();
      outcomes.stop();
      return !outcomes.lost().isEmpty();
    }
  }
}
