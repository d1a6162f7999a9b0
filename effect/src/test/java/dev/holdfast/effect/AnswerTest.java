package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whoever asks for a committed id again gets its result, whatever went wrong on the way there, and nothing is done or undone. */
@HoldfastTest
@Tag("G7")
final class AnswerTest {

  @AutoClose
  private final TestingEffects testing;

  private final TestingService service = new TestingService();
  private final Effects effects;
  private final String id = TestingEffects.newId();

  AnswerTest(TestDatabase database) {
    this.testing = TestingEffects.on(database);
    this.effects = testing.effects();
  }

  @BeforeEach
  void register() {
    effects.register(service.handler("one"));
    effects.register(service.handler("two"));
  }

  @Test
  void anOperationOfUnknownOutcomeIsNotPerformedAgain() {
    service.failing("do hotel", new IOException("the answer was lost"));
    EffectBody<String> body = effect -> {
      effect.perform("one", new Order("flight"));
      try {
        effect.perform("two", new Order("hotel"));
        return "with hotel";
      } catch (EffectFailedException e) {
        return "without hotel";
      }
    };
    assertThat(effects.run("work", id, body)).isEqualTo("without hotel");
    service.repaired("do hotel");

    assertThat(effects.run("work", id, body)).isEqualTo("without hotel");
    assertThat(service.calls()).containsExactly("do flight", "do hotel");
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(testing.operations(id)).containsExactly("1 one succeeded", "2 two unknown");
  }

  @Test
  void aScopeThatFailsWhileItAnswersUndoesNothing() {
    AtomicBoolean failing = new AtomicBoolean();
    EffectBody<String> body = effect -> effect.scope("trip", inner -> {
      inner.perform("one", new Order("flight"));
      if (failing.get()) {
        throw new IllegalStateException("something passing");
      }
      return "done";
    });
    assertThat(effects.run("work", id, body)).isEqualTo("done");
    failing.set(true);

    assertThatThrownBy(() -> effects.run("work", id, body)).hasMessageContaining("passing");
    assertThat(service.calls()).containsExactly("do flight");
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(testing.operations(id)).containsExactly("1 trip succeeded", "1.1 one succeeded");

    failing.set(false);
    assertThat(effects.run("work", id, body)).isEqualTo("done");
  }

  @Test
  void aStepThatFailedIsTheSameWithItsCompensation() {
    EffectBody<String> body = effect -> {
      try {
        effect.step("pay", Compensation.by("one", new Order("back")), transaction -> {
          throw new IllegalStateException("refused");
        });
        return "paid";
      } catch (EffectFailedException e) {
        effect.perform("two", new Order("instead"));
        return "instead";
      }
    };
    assertThat(effects.run("work", id, body)).isEqualTo("instead");

    assertThat(effects.run("work", id, body)).isEqualTo("instead");
    assertThat(service.calls()).containsExactly("do instead");
  }

  @Test
  void aRequestThatWasRefusedIsRefusedAgain() {
    effects.register(service.handler("checked").validateRequest(order -> {
      if (order.item().equals("bad")) {
        throw new IllegalArgumentException("it is bad");
      }
    }));
    EffectBody<String> body = effect -> {
      try {
        effect.perform("checked", new Order("bad"));
        return "bad";
      } catch (HoldfastException e) {
        effect.perform("two", new Order("good"));
        return "good";
      }
    };
    assertThat(effects.run("work", id, body)).isEqualTo("good");

    assertThat(effects.run("work", id, body)).isEqualTo("good");
    assertThat(service.calls()).containsExactly("do good");
  }

  @Test
  void aScopeThatCouldNotBeUndoneFailsInTheSameWay() {
    service.failing("undo flight #flight", new IllegalStateException("broken"));
    EffectBody<String> body = effect -> {
      try {
        return effect.scope("trip", inner -> {
          inner.perform("one", new Order("flight"));
          throw new IllegalStateException("no");
        });
      } catch (EffectRollbackException e) {
        effect.perform("two", new Order("call somebody"));
        return "degraded after " + e.failures().size();
      }
    };
    assertThat(effects.run("work", id, body)).isEqualTo("degraded after 1");

    assertThat(effects.run("work", id, body)).isEqualTo("degraded after 1");
    assertThat(service.calls())
        .containsExactly("do flight", "undo flight #flight", "do call somebody");
  }
}
