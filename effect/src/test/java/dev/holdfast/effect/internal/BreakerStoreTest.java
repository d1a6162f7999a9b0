package dev.holdfast.effect.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.effect.breaker.BreakerState.Counts;
import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.internal.PooledSession;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The rows of breakers, each by itself. */
@HoldfastTest
@Tag("G11")
final class BreakerStoreTest {

  private final TestDatabase database;
  private final BreakerStore store;

  BreakerStoreTest(TestDatabase database) {
    this.database = database;
    this.store = new BreakerStore(
        new JournalStore(new PooledSession(database.dataSource()), SchemaName.DEFAULT),
        SchemaName.DEFAULT,
        "test");
  }

  @Test
  void aRowThatCannotBeReadIsNamedAndHidesNoOther() {
    BreakerState closed = BreakerState.closed(Instant.EPOCH);
    BreakerState open =
        new BreakerState(BreakerPhase.OPEN, Instant.EPOCH, 1, 1, Counts.NONE, List.of());
    for (String name : List.of("first", "odd", "last")) {
      assertThat(store.replace(name, closed, open)).isTrue();
    }
    database.execute(
        "UPDATE holdfast.breaker SET state = '{\"phase\":\"AJAR\"}' WHERE name = 'odd'");

    BreakerStore.Found found = store.read(List.of("first", "odd", "last", "absent"));

    assertThat(found.states()).containsOnlyKeys("first", "last").containsValue(open);
    assertThat(found.failures()).containsOnlyKeys("odd");
    assertThat(found.failures().get("odd")).hasMessageContaining("the state of breaker \"odd\"");
  }
}
