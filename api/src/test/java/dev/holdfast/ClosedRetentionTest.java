package dev.holdfast;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPlan;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

@HoldfastTest
class ClosedRetentionTest {

  private static final RetentionPolicy POLICY = RetentionPolicy.keepVersions(1);

  private final TestDatabase database;

  ClosedRetentionTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void overItsOwnPoolItIsClosed() {
    isClosedWith(
        Holdfast.builder().jdbcUrl(database.jdbcUrl(), database.user(), database.password()));
  }

  /** The data source stays open, and Holdfast is closed all the same. */
  @Test
  void overTheDataSourceOfAnotherItIsClosedToo() {
    isClosedWith(Holdfast.builder().dataSource(database.dataSource()));
    assertThat(database.queryLong("SELECT 1")).isEqualTo(1);
  }

  private static void isClosedWith(Holdfast.Builder builder) {
    Holdfast holdfast = builder.build();
    holdfast.state("trips", "1").set("a", json(1));
    holdfast.state("trips", "1").set("a", json(2));
    holdfast.state("trips", "1").set("a", json(3));
    Retention retention = holdfast.retention().grace(Duration.ZERO);
    RetentionPlan plan = retention.plan(POLICY);
    assertThat(plan.states()).hasSize(1);
    holdfast.close();
    assertClosed(() -> retention.plan(POLICY));
    assertClosed(() -> retention.plan(POLICY, "trips"));
    assertClosed(() -> retention.plan(POLICY, new StateId("trips", "1")));
    assertClosed(() -> retention.run(plan));
    assertClosed(() -> holdfast.retention().plan(POLICY));
  }

  private static void assertClosed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }
}
