package dev.holdfast.integration.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.Telemetry;
import dev.holdfast.contract.Contracts;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.Effects;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whatever was opened is closed again when what comes after it cannot be opened. */
@HoldfastTest
final class FailedOpeningTest {

  private static final Contracts BUFFERED = Contracts.of(Map.of("logging", Map.of()));

  private final TestDatabase database;

  FailedOpeningTest(TestDatabase database) {
    this.database = database;
  }

  private static Set<Long> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && thread.getName().startsWith("holdfast"))
        .map(Thread::getId)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private long connections(TestDatabase other) {
    return Long.parseLong(database
        .queryStrings("SELECT count(*)::text FROM pg_stat_activity WHERE datname = '" + other.name()
            + "' AND application_name = 'holdfast'")
        .get(0));
  }

  /** Neither a thread nor a connection is left of it. */
  private void leavesNothing(UnaryOperator<Holdfast.Builder> failing) {
    TestDatabase other = database.freshDatabase();
    Holdfast.Builder builder = Holdfast.builder()
        .jdbcUrl(other.jdbcUrl(), other.user(), other.password())
        .maximumPoolSize(3)
        .contracts(BUFFERED);
    Set<Long> before = threads();
    assertThatThrownBy(() -> failing.apply(builder).build()).hasMessage("not today");
    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
      assertThat(before).containsAll(threads());
      assertThat(connections(other)).isZero();
    });
  }

  private static IllegalStateException refused() {
    return new IllegalStateException("not today");
  }

  @Test
  void whenEffectTransactionsCannotBeOpened() {
    leavesNothing(builder -> builder.effects(settings -> {
      throw refused();
    }));
  }

  @Test
  void whenHealthCannotBeOpened() {
    leavesNothing(builder -> builder.health(settings -> {
      throw refused();
    }));
  }

  @Test
  void whenMetersCannotBeRegistered() {
    AtomicInteger registered = new AtomicInteger();
    List<Meter> left = new ArrayList<>();
    leavesNothing(builder -> {
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      registry.config().onMeterAdded(meter -> {
        left.add(meter);
        if (registered.incrementAndGet() == 20) {
          throw refused();
        }
      });
      registry.config().onMeterRemoved(left::remove);
      return builder.telemetry(Telemetry.to(registry));
    });
    assertThat(registered).hasValue(20);
    // The one that was refused was never handed out, so nobody can remove it.
    assertThat(left).hasSize(1);
  }

  /** What was opened before the part that cannot be closed is closed all the same, and the first failure stays the one that is told. */
  @Test
  void whenWhatWasOpenedCannotBeClosed() {
    AtomicInteger registered = new AtomicInteger();
    leavesNothing(builder -> {
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      registry.config().onMeterAdded(meter -> {
        if (registered.incrementAndGet() == 20) {
          throw refused();
        }
      });
      registry.config().onMeterRemoved(meter -> {
        throw new AssertionError("not removed");
      });
      return builder.telemetry(Telemetry.to(registry));
    });
    assertThat(registered).hasValue(20);
  }

  /** The control shows that such a store is open otherwise: the data source belongs to the application and stays. */
  @Test
  void theStoreIsClosedToo() {
    List<Effects.Builder> kept = new ArrayList<>();
    Holdfast.Builder builder = Holdfast.builder().dataSource(database.dataSource());
    assertThatThrownBy(() -> builder
            .effects(settings -> {
              kept.add(settings);
              throw refused();
            })
            .build())
        .hasMessage("not today");
    assertThatThrownBy(() -> runsSteps(kept.get(0), "closed"))
        .isInstanceOf(EffectFailedException.class)
        .rootCause()
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    List<Effects.Builder> control = new ArrayList<>();
    try (Holdfast opened = Holdfast.builder()
        .dataSource(database.dataSource())
        .effects(settings -> {
          control.add(settings);
          return settings;
        })
        .build()) {
      assertThat(runsSteps(control.get(0), "open")).isEqualTo(1);
      assertThat(opened.state("opening", "open").version()).isEqualTo(1);
    }
  }

  private static long runsSteps(Effects.Builder settings, String id) {
    try (Effects effects = settings.withoutRecovery().build()) {
      return effects.run("opening", id, effect -> {
        effect.step("one", tx -> tx.state("opening", id).set("a", null));
        return 1;
      });
    }
  }
}
