package dev.holdfast.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StandingTest {

  private static List<HealthStatus> run(int failures, int recoveries, HealthStatus... found) {
    List<HealthStatus> statuses = new ArrayList<>();
    Standing standing = Standing.UNKNOWN;
    for (HealthStatus one : found) {
      standing = standing.after(one, failures, recoveries);
      statuses.add(standing.status());
    }
    return statuses;
  }

  @Test
  void aRowOfFailedChecksIsUnhealthyAndARowOfGoodOnesHealthy() {
    HealthStatus up = HealthStatus.HEALTHY;
    HealthStatus down = HealthStatus.UNHEALTHY;
    HealthStatus half = HealthStatus.DEGRADED;
    assertThat(run(3, 2, up, down, down, down, up, up))
        .containsExactly(up, half, half, down, down, up);
    assertThat(run(3, 2, down, down, up, down, down)).containsExactly(half, half, up, half, half);
    assertThat(run(1, 1, down, up, half, down)).containsExactly(down, up, half, down);
    assertThat(run(1, 3, down, up, up, down, up, up, up))
        .containsExactly(down, down, down, down, down, down, up);
    assertThat(run(2, 1, half, half)).containsExactly(half, half);
  }

  /** Against a plain count over the whole list of results. */
  @Test
  void agreesWithCountingTheWholeRow() {
    long seed = System.nanoTime();
    System.out.println("StandingTest seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int unhealthy = 0;
    for (int walk = 0; walk < 2_000; walk++) {
      int failures = random.nextInt(1, 5);
      int recoveries = random.nextInt(1, 5);
      List<Boolean> good = new ArrayList<>();
      Standing standing = Standing.UNKNOWN;
      boolean down = false;
      for (int step = 0; step < 30; step++) {
        boolean ok = random.nextInt(3) > 0;
        good.add(ok);
        standing = standing.after(
            ok ? HealthStatus.HEALTHY : HealthStatus.UNHEALTHY, failures, recoveries);
        down = down ? !endsWith(good, true, recoveries) : endsWith(good, false, failures);
        assertThat(standing.status() == HealthStatus.UNHEALTHY)
            .as("seed %s walk %s step %s", seed, walk, step)
            .isEqualTo(down);
        unhealthy += down ? 1 : 0;
      }
    }
    assertThat(unhealthy).isGreaterThan(1_000);
  }

  private static boolean endsWith(List<Boolean> good, boolean wanted, int times) {
    return good.size() >= times
        && good.subList(good.size() - times, good.size()).stream().allMatch(one -> one == wanted);
  }
}
