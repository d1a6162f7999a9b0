package dev.holdfast.integration.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Holdfast;
import dev.holdfast.MigrationMode;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What an effect transaction costs: n operations with durable intents, outcomes and result take n + 1 flushes. */
@HoldfastTest
@Tag("G7")
@TestInstance(Lifecycle.PER_CLASS)
final class EffectCostTest {

  private final Meter meter;
  private final Holdfast holdfast;

  EffectCostTest(TestDatabase database) {
    Meter.assumeCountersCanBeRead(database);
    this.meter = new Meter(database);
    this.holdfast = Holdfast.builder()
        .dataSource(meter.dataSource())
        .migrations(MigrationMode.OFF)
        .effects(Effects.Builder::withoutRecovery)
        .build();
    holdfast
        .effects()
        .register(EffectHandler.of("nothing", Integer.class, Integer.class)
            .perform((context, request) -> request)
            .compensate((context, request, response) -> {}));
  }

  @AfterAll
  void close() {
    holdfast.close();
    meter.close();
  }

  /** The least of several runs: what else happens on the server can only add. */
  private Cost costOf(Consumer<String> run) throws SQLException {
    Cost least = meter.measure(() -> run.accept("warm-up"));
    for (int i = 0; i < 5; i++) {
      String id = "run-" + i;
      least = least.min(meter.measure(() -> run.accept(id)));
    }
    return least;
  }

  @Test
  void threeOperationsCostFourFlushesAndFiveRoundTrips() throws SQLException {
    Cost cost = costOf(id -> holdfast.effects().run("three", id, effect -> {
      int sum = 0;
      for (int i = 0; i < 3; i++) {
        sum += effect.<Integer>perform("nothing", i);
      }
      return sum;
    }));
    assertThat(cost.flushes()).isEqualTo(4);
    assertThat(cost.roundTrips()).isEqualTo(5);
  }

  @Test
  void anAnswerFromTheJournalCostsTwoRoundTripsAndNoFlush() throws SQLException {
    holdfast.effects().run("answered", "id", effect -> effect.perform("nothing", 1));
    Cost cost = costOf(
        unused -> holdfast.effects().run("answered", "id", effect -> effect.perform("nothing", 1)));
    assertThat(cost).isEqualTo(new Cost(2, 2, 0));
  }

  @Test
  void aStepSharesItsCommitWithTheJournal() throws SQLException {
    Cost without =
        costOf(id -> holdfast.effects().run("plain", id, effect -> effect.perform("nothing", 1)));
    Cost with = costOf(id -> holdfast.effects().run("step", id, effect -> {
      int answer = effect.<Integer>perform("nothing", 1);
      effect.step("remember", tx -> tx.state("effects", id).set("answer", Json.json(answer)));
      return answer;
    }));
    assertThat(with.flushes()).isEqualTo(without.flushes() + 1);
  }
}
