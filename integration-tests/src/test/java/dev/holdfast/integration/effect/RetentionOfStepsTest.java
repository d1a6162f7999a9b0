package dev.holdfast.integration.effect;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.Effects;
import dev.holdfast.store.State;
import dev.holdfast.store.retention.Retention;
import dev.holdfast.store.retention.RetentionPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Retention keeps the history that an unfinished effect transaction needs to undo its steps, and no longer. */
@HoldfastTest
@Tag("G8")
final class RetentionOfStepsTest {

  @AutoClose
  private final Holdfast holdfast;

  private final State<JsonNode> state;

  RetentionOfStepsTest(TestDatabase database) {
    this.holdfast = Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .maximumPoolSize(4)
        .effects(Effects.Builder::withoutRecovery)
        .build();
    this.state = holdfast.state("retained", "trip");
  }

  private void retain(Retention retention) {
    Retention now = retention.grace(Duration.ZERO);
    now.run(now.plan(RetentionPolicy.keepVersions(0), state.id()));
  }

  @Test
  void whatAStepMayNeedIsKeptUntilItEnds() {
    state.set("phase", json("before"));
    assertThatThrownBy(() -> holdfast.effects().run("work", "kept", effect -> {
          effect.step("step", tx -> tx.state("retained", "trip").set("phase", json("step")));
          state.set("other", json(1));
          retain(holdfast.retention());
          retain(holdfast.retention().protecting(id -> OptionalLong.of(99)));
          throw new IllegalStateException("no");
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(state.get("phase")).contains(json("before"));
    assertThat(holdfast.effects().rollbackFailures().open()).isEmpty();

    // The control: nothing holds it any more.
    retain(holdfast.retention());
    assertThat(holdfast.effects().versionHold().oldestNeeded(state.id())).isEmpty();
    assertThatThrownBy(() -> state.at(1)).hasMessageContaining("1");
  }
}
