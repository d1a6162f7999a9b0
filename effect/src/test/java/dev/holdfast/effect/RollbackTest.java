package dev.holdfast.effect;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureCode;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever ends an effect transaction badly, what was completed is undone backwards, and no failure to undo is lost. */
@HoldfastTest
@Tag("G8")
@Tag("G9")
final class RollbackTest {

  private final IllegalStateException broken = new IllegalStateException("broken");

  private final TestDatabase database;
  private final List<RollbackFailure> told = new CopyOnWriteArrayList<>();

  @AutoClose
  private final TestingEffects testing;

  private final Effects effects;
  private final TestingService service = new TestingService();
  private final String id = TestingEffects.newId();

  RollbackTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(
        database,
        settings -> settings.onRollbackFailure((effect, failures) -> told.addAll(failures)));
    this.effects = testing.effects();
  }

  @BeforeEach
  void register() {
    effects
        .register(service.handler("one"))
        .register(service.handler("two"))
        .register(service.handler("three"));
  }

  /** Three operations, then the end of the body. */
  private void runAndFail() {
    effects.run("work", id, effect -> {
      effect.perform("one", new Order("1"));
      effect.perform("two", new Order("2"));
      effect.perform("three", new Order("3"));
      throw broken;
    });
  }

  @Test
  void undoesBackwards() {
    assertThatThrownBy(this::runAndFail)
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("broken")
        .cause()
        .isSameAs(broken);
    assertThat(service.calls())
        .containsExactly("do 1", "do 2", "do 3", "undo 3 #3", "undo 2 #2", "undo 1 #1");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(testing.operations(id))
        .containsExactly("1 one compensated", "2 two compensated", "3 three compensated");
    assertThat(testing.attempts(id))
        .containsExactly("3 compensate 1 ended", "2 compensate 1 ended", "1 compensate 1 ended");
    assertThat(told).isEmpty();
  }

  @Test
  void aRolledBackIdIsNotRunAgain() {
    assertThatThrownBy(this::runAndFail).isInstanceOf(EffectFailedException.class);
    int calls = service.calls().size();

    assertThatThrownBy(this::runAndFail)
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("broken")
        .hasNoCause();
    assertThat(effects.recover()).isZero();
    assertThat(service.calls()).hasSize(calls);
  }

  @Test
  void allAreAttemptedWhateverFails() {
    IOException io = new IOException("no route");
    service.failing("undo 3 #3", io).failing("undo 1 #1", new IllegalArgumentException("odd"));

    EffectRollbackException failed =
        catchThrowableOfType(EffectRollbackException.class, this::runAndFail);

    assertThat(service.calls())
        .containsExactly("do 1", "do 2", "do 3", "undo 3 #3", "undo 2 #2", "undo 1 #1");
    assertThat(failed.code().name()).isEqualTo("EFFECT_ROLLBACK_FAILURE");
    assertThat(failed).hasMessageContaining("may be inconsistent").hasMessageContaining("no route");
    assertThat(failed.getCause()).isSameAs(broken);
    assertThat(failed.getSuppressed()).contains(io);
    assertThat(failed.context().get("rollbackErrors"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(2);
    assertThat(failed.failures())
        .extracting(failure -> failure.operation().name())
        .containsExactly("three", "one");
    assertThat(testing.status(id)).isEqualTo("rollback_failed");
    assertThat(testing.operations(id))
        .containsExactly(
            "1 one compensation_failed", "2 two compensated", "3 three compensation_failed");
    assertThat(told).isEqualTo(failed.failures());
    assertThat(effects.rollbackFailures().of("work", id)).isEqualTo(failed.failures());
    assertThat(effects.metrics().rollbackFailures()).isEqualTo(2);
    assertThat(effects.metrics().rollbackFailed()).isEqualTo(1);
  }

  @Test
  void aFailureSaysEverythingThatAPersonNeeds() {
    service.failing("undo 2 #2", new IllegalStateException("refused", new IOException("socket")));
    RollbackFailure failure = catchThrowableOfType(EffectRollbackException.class, this::runAndFail)
        .failures()
        .get(0);

    assertThat(service.calls()).endsWith("undo 3 #3", "undo 2 #2", "undo 1 #1");
    assertThat(failure.effect()).isEqualTo(new EffectId("work", id));
    assertThat(failure.status()).isEqualTo(RollbackFailureStatus.OPEN);
    assertThat(failure.operation())
        .isEqualTo(
            new RollbackFailure.Operation("2", "two", "{\"item\":\"2\"}", "{\"number\":\"#2\"}"));
    assertThat(failure.problem().code()).isEqualTo(RollbackFailureCode.COMPENSATION_FAILED);
    assertThat(failure.problem().message()).contains("IllegalStateException: refused");
    assertThat(failure.problem().exceptionChain().lines())
        .containsExactly(
            "java.lang.IllegalStateException: refused", "caused by java.io.IOException: socket");
    assertThat(failure.history().attempts()).isEqualTo(1);
    assertThat(failure.settled()).isEmpty();
    assertThat(effects.rollbackFailures().find(failure.id())).contains(failure);
    assertThat(effects.rollbackFailures().open()).contains(failure);
  }

  @Test
  void everyFailingTransactionIsToldAndCounted() {
    service.failing("undo 1 #1", broken).failing("undo 2 #2", broken).failing("undo 3 #3", broken);
    List<String> handlers = List.of("one", "two", "three");
    for (int failing = 1; failing <= 3; failing++) {
      int operations = failing;
      EffectRollbackException failed = catchThrowableOfType(
          EffectRollbackException.class,
          () -> effects.run("work", id + operations, effect -> {
            for (int i = 0; i < operations; i++) {
              effect.perform(handlers.get(i), new Order(String.valueOf(i + 1)));
            }
            throw broken;
          }));
      assertThat(failed.failures()).hasSize(failing);
    }
    assertThat(told).hasSize(6);
    assertThat(effects.metrics().rollbackFailures()).isEqualTo(6);
    assertThat(effects.metrics().rollbackFailed()).isEqualTo(3);
  }

  @Test
  void theSameIdAgainTellsOfTheOpenFailures() {
    service.failing("undo 2 #2", broken);
    assertThatThrownBy(this::runAndFail).isInstanceOf(EffectRollbackException.class);
    assertThatThrownBy(this::runAndFail).isInstanceOf(EffectRollbackException.class);
    assertThat(told).as("told once").hasSize(1);
  }

  @Test
  void aCallbackThatFailsIsRecordedAndHidesNothing() {
    try (TestingEffects other = TestingEffects.on(
        database,
        settings -> settings.onRollbackFailure((e, f) -> {
          throw new IOException("no mail");
        }))) {
      other.effects().register(service.handler("one"));
      service.failing("undo 1 #1", broken);
      assertThatThrownBy(() -> other.effects().run("work", id, effect -> {
            effect.perform("one", new Order("1"));
            throw broken;
          }))
          .isInstanceOf(EffectRollbackException.class);
    }
    assertThat(database.queryStrings(
            "SELECT report_error FROM holdfast.rollback_failure WHERE reported_at IS NOT NULL"
                + " AND effect_id = '" + new EffectId("work", id).uuid() + "'"))
        .containsExactly("java.io.IOException: no mail");
  }

  @Test
  void anOperationWithoutCompensationStays() {
    effects.register(service.withoutCompensation("mail"));
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.perform("one", new Order("1"));
          effect.perform("mail", new Order("m"));
          throw broken;
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(testing.operations(id)).containsExactly("1 one compensated", "2 mail skipped");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
  }

  @Test
  void anErrorRollsBackTooAndReachesTheCaller() {
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.perform("one", new Order("1"));
          throw new StackOverflowError("deep");
        }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(service.calls()).containsExactly("do 1", "undo 1 #1");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
  }

  @Test
  void compensationIsRetriedAsItsPolicySays() {
    List<String> attempts = new ArrayList<>();
    effects.register(service
        .handler("flaky")
        .compensate((context, order, receipt) -> {
          attempts.add(context.attempt() + " " + context.idempotencyKey());
          if (context.attempt() < 3) {
            throw new IOException("again");
          }
        })
        .compensationRetry(RetryPolicy.builder()
            .maximumAttempts(3)
            .initialDelay(Duration.ZERO)
            .jitter(Duration.ZERO)
            .build()));
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.perform("flaky", new Order("f"));
          throw broken;
        }))
        .isInstanceOf(EffectFailedException.class);
    String key = new EffectId("work", id).uuid() + "/1";
    assertThat(attempts).containsExactly("1 " + key, "2 " + key, "3 " + key);
    assertThat(testing.attempts(id))
        .containsExactly("1 compensate 1 failed", "1 compensate 2 failed", "1 compensate 3 ended");
  }

  @Test
  void aFailedOperationIsNotUndoneAndAnUncertainOneIsReconciled() {
    effects.register(service
        .handler("lost")
        .perform((context, order) -> {
          service.call("do " + order.item(), context);
          throw new IOException("connection reset");
        })
        .reconcile((context, order) -> {
          service.call("look " + order.item(), context);
          return order.item().equals("there")
              ? Reconciliation.done(new Receipt("#found"))
              : Reconciliation.notDone();
        }));
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          for (String item : List.of("there", "gone")) {
            try {
              effect.perform("lost", new Order(item));
            } catch (EffectFailedException e) {
              assertThat(e).hasMessageContaining("connection reset");
            }
          }
          throw broken;
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(service.calls())
        .containsExactly("do there", "do gone", "look gone", "look there", "undo there #found");
    assertThat(testing.operations(id)).containsExactly("1 lost compensated", "2 lost failed");
  }

  @Test
  void anUnknownOutcomeThatNobodyCanTellIsAFailure() {
    service.failing("do 1", new IOException("timeout"));
    EffectRollbackException failed = catchThrowableOfType(
        EffectRollbackException.class,
        () -> effects.run("work", id, effect -> effect.perform("one", new Order("1"))));
    assertThat(failed.failures()).singleElement().satisfies(failure -> {
      assertThat(failure.problem().code()).isEqualTo(RollbackFailureCode.OUTCOME_UNKNOWN);
      assertThat(failure.operation().response()).isNull();
    });
    assertThat(service.calls()).containsExactly("do 1");
  }

  @Test
  void aResponseThatCannotBeRecordedIsAnUnknownOutcome() {
    effects.register(service
        .handler("odd")
        .perform((context, order) -> new Receipt("\ud800"))
        .reconcile((context, order) -> Reconciliation.done(new Receipt("clean"))));
    assertThatThrownBy(
            () -> effects.run("work", id, effect -> effect.perform("odd", new Order("o"))))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("response of odd");
    assertThat(service.calls()).containsExactly("undo o clean");
  }

  @Test
  void stepsAreRestoredAsANewVersion() {
    testing.store().state("trips", id).set("phase", json("before"));
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.step("first", tx -> {
            tx.state("trips", id).set("phase", json("first"));
            tx.state("trips", id).set("new", json(1));
          });
          effect.step("second", tx -> {
            tx.state("trips", id).delete("phase");
            tx.state("others", id).append("log", "entry");
          });
          throw broken;
        }))
        .isInstanceOf(EffectFailedException.class);
    var state = testing.store().state("trips", id);
    assertThat(state.version()).isEqualTo(5);
    assertThat(state.snapshot().asMap()).isEqualTo(state.at(1).asMap());
    assertThat(testing.store().state("others", id).keys()).isEmpty();
    assertThat(testing.operations(id))
        .containsExactly("1 first compensated", "2 second compensated");
  }

  @Test
  void aStepWhoseKeysSomebodyChangedIsNotOverwritten() {
    EffectRollbackException failed = catchThrowableOfType(
        EffectRollbackException.class,
        () -> effects.run("work", id, effect -> {
          effect.step("mine", tx -> tx.state("trips", id).set("phase", json("mine")));
          testing.store().state("trips", id).set("other", json("harmless"));
          effect.step("mine too", tx -> tx.state("trips", id).set("free", json(1)));
          testing.store().state("trips", id).set("phase", json("somebody's"));
          throw broken;
        }));
    assertThat(failed.failures())
        .singleElement()
        .satisfies(failure ->
            assertThat(failure.problem().code()).isEqualTo(RollbackFailureCode.CHANGED_SINCE));
    var state = testing.store().state("trips", id);
    assertThat(state.getRequired("phase")).isEqualTo(json("somebody's"));
    assertThat(state.has("free")).isFalse();
    assertThat(state.getRequired("other")).isEqualTo(json("harmless"));
    assertThat(testing.operations(id))
        .containsExactly("1 mine compensation_failed", "2 mine too compensated");
  }

  @Test
  void aValueOfSomebodyElseBetweenTwoStepsIsNotLost() {
    EffectRollbackException failed = catchThrowableOfType(
        EffectRollbackException.class,
        () -> effects.run("work", id, effect -> {
          effect.step("mine", tx -> tx.state("trips", id).set("phase", json("mine")));
          testing.store().state("trips", id).set("phase", json("somebody's"));
          effect.step("again", tx -> tx.state("trips", id).set("phase", json("again")));
          throw broken;
        }));
    assertThat(failed.failures()).hasSize(1);
    assertThat(testing.store().state("trips", id).getRequired("phase"))
        .isEqualTo(json("somebody's"));
  }

  @Test
  void aStepMayBringItsOwnCompensation() {
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.step(
              "remember",
              Compensation.by("one", new Order("undo")),
              tx -> tx.state("trips", id).set("phase", json("kept")));
          throw broken;
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(service.calls()).containsExactly("do undo");
    assertThat(testing.store().state("trips", id).getRequired("phase")).isEqualTo(json("kept"));
  }

  @Test
  void aScopeThatCannotBeUndoneSaysSoAndItsFailureStays() {
    service.failing("undo 1 #1", broken);
    String result = effects.run("work", id, effect -> {
      EffectRollbackException failed = catchThrowableOfType(
          EffectRollbackException.class,
          () -> effect.scope("part", inner -> {
            inner.perform("one", new Order("1"));
            throw broken;
          }));
      assertThat(failed.failures()).hasSize(1);
      return "went on";
    });
    assertThat(result).isEqualTo("went on");
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(effects.rollbackFailures().of("work", id))
        .singleElement()
        .satisfies(failure -> assertThat(failure.status()).isEqualTo(RollbackFailureStatus.OPEN));
    assertThat(told).hasSize(1);
  }
}
