package dev.holdfast.effect;

import static dev.holdfast.effect.TestingCalls.changed;
import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureCode;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.store.State;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Steps are undone to what was there before them, in whatever order they were committed and are undone, and kept steps are not touched. */
@HoldfastTest
@Tag("G8")
@Tag("G9")
final class StepRestoreTest {

  private final IllegalStateException broken = new IllegalStateException("broken");

  /** What the next readings of history fail with; only who restores a step reads it. */
  private final BlockingQueue<Throwable> failing = new LinkedBlockingQueue<>();

  /** What the next commits, of steps and of their undoing, fail with when they are made. */
  private final BlockingQueue<Throwable> failingCommitted = new LinkedBlockingQueue<>();

  private final TestDatabase database;

  @AutoClose
  private final TestingEffects testing;

  @AutoClose
  private final StateStore store;

  @AutoClose
  private final Effects effects;

  private final String id = TestingEffects.newId();
  private final State<JsonNode> state;

  StepRestoreTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
    this.store = StateStore.builder(failing(database.dataSource())).build();
    this.effects =
        Effects.builder(store, database.dataSource()).withoutRecovery().build();
    this.state = testing.store().state("steps", id);
  }

  private DataSource failing(DataSource source) {
    return changed(
        DataSource.class,
        source,
        (result, method, arguments) -> result instanceof Connection given
            ? changed(Connection.class, given, this::unlessFailing)
            : result);
  }

  private Object unlessFailing(Object result, String method, List<?> arguments) throws Throwable {
    Throwable failure = null;
    if (method.equals("commit")) {
      failure = failingCommitted.poll();
    } else if (!arguments.isEmpty() && String.valueOf(arguments.get(0)).contains("\"newer\"")) {
      failure = failing.poll();
    }
    if (failure != null) {
      throw failure;
    }
    return result;
  }

  /** In passing, but nothing that is tried again by itself. */
  private static SQLException unreadable() {
    return new SQLException("a page was unreadable", "XX001");
  }

  private void step(EffectTransaction effect, String name, Consumer<State<JsonNode>> work) {
    effect.step(name, transaction -> work.accept(mine(transaction)));
  }

  private State<JsonNode> mine(Transaction transaction) {
    return transaction.state("steps", id);
  }

  private void set(EffectTransaction effect, String name, int value) {
    step(effect, name, mine -> mine.set("b", json(value)));
  }

  /** The second branch commits before the first, and then the body fails. */
  private void branches(Consumer<State<JsonNode>> first, Consumer<State<JsonNode>> second) {
    CountDownLatch committed = new CountDownLatch(1);
    effects.run("work", id, effect -> {
      effect.parallel(
          "both",
          List.<EffectBody<Boolean>>of(
              branch -> {
                assertThat(committed.await(20, TimeUnit.SECONDS)).isTrue();
                step(branch, "first", first);
                return true;
              },
              branch -> {
                step(branch, "second", second);
                committed.countDown();
                return true;
              }));
      throw broken;
    });
  }

  private void assertUndoneWithBranches() {
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(testing.operations(id))
        .containsExactly("1 both succeeded", "1.1.1 first compensated", "1.2.1 second compensated");
  }

  private RollbackFailure only() {
    List<RollbackFailure> failures = effects.rollbackFailures().of("work", id);
    assertThat(failures).hasSize(1);
    return failures.get(0);
  }

  private RollbackFailure retried(UUID failure) {
    return effects.rollbackFailures().retry(failure);
  }

  @Test
  void branchesAreUndoneInWhateverOrderTheyCommitted() {
    state.set("log", json(List.of()));

    assertThatThrownBy(() -> branches(
            mine -> mine.append("log", json("m1")), mine -> mine.append("log", json("m2"))))
        .isInstanceOf(EffectFailedException.class)
        .hasRootCause(broken);
    assertThat(state.getRequired("log")).isEqualTo(json(List.of()));
    assertUndoneWithBranches();
  }

  /** To undo the second is to do nothing then. */
  @Test
  void whatOneBranchAddedAndAnotherRemovedIsNotThereAgain() {
    assertThatThrownBy(() -> branches(mine -> mine.delete("b"), mine -> mine.set("b", json(1))))
        .isInstanceOf(EffectFailedException.class);
    assertThat(state.has("b")).isFalse();
    assertUndoneWithBranches();
  }

  @Test
  void whatAKeptStepWroteIsNotUndoneWithAScopeBeforeIt() {
    state.set("b", json(0));
    effects.run("work", id, effect -> {
      assertThatThrownBy(() -> effect.scope("part", inner -> {
            set(inner, "s1", 1);
            failing.add(unreadable());
            throw broken;
          }))
          .isInstanceOf(EffectRollbackException.class);
      set(effect, "s3", 7);
      return true;
    });
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(only().problem().code()).isEqualTo(RollbackFailureCode.COMPENSATION_FAILED);

    RollbackFailure after = retried(only().id());

    assertThat(state.getRequired("b")).isEqualTo(json(7));
    assertThat(after.status()).isEqualTo(RollbackFailureStatus.OPEN);
    assertThat(after.problem().code()).isEqualTo(RollbackFailureCode.CHANGED_SINCE);
  }

  @Test
  void whatAKeptStepOfAnotherBranchWroteIsNotUndoneWithAScope() {
    effects.run("work", id, effect -> {
      CountDownLatch written = new CountDownLatch(1);
      CountDownLatch kept = new CountDownLatch(1);
      return effect.parallel(
          "both",
          List.<EffectBody<Boolean>>of(
              branch -> {
                assertThatThrownBy(() -> branch.scope("part", inner -> {
                      set(inner, "undone", 1);
                      written.countDown();
                      assertThat(kept.await(20, TimeUnit.SECONDS)).isTrue();
                      throw broken;
                    }))
                    .isInstanceOf(EffectRollbackException.class);
                return true;
              },
              branch -> {
                assertThat(written.await(20, TimeUnit.SECONDS)).isTrue();
                set(branch, "kept", 2);
                kept.countDown();
                return true;
              }));
    });
    assertThat(state.getRequired("b")).isEqualTo(json(2));
    assertThat(only().problem().code()).isEqualTo(RollbackFailureCode.CHANGED_SINCE);
  }

  @Test
  void aRetryDoesNotBringBackWhatAnOlderStepHasUndone() {
    state.set("b", json(0));
    failing.add(unreadable());
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          set(effect, "first", 1);
          set(effect, "second", 2);
          throw broken;
        }))
        .isInstanceOf(EffectRollbackException.class);
    assertThat(testing.operations(id))
        .containsExactly("1 first compensated", "2 second compensation_failed");
    assertThat(state.getRequired("b")).isEqualTo(json(0));

    assertThat(retried(only().id()).status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(state.getRequired("b")).isEqualTo(json(0));
    assertThat(testing.status(id)).isEqualTo("resolved");
  }

  /** Nothing is left to be undone, so nothing can be in the way. */
  @Test
  void aRetryLeavesWhatWasWrittenOnceAnOlderStepWasUndone() {
    state.set("b", json(0));
    effects.run("work", id, effect -> {
      assertThatThrownBy(() -> effect.scope("part", inner -> {
            set(inner, "first", 1);
            set(inner, "second", 2);
            failing.add(unreadable());
            throw broken;
          }))
          .isInstanceOf(EffectRollbackException.class);
      set(effect, "kept", 7);
      return true;
    });

    assertThat(retried(only().id()).status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(state.getRequired("b")).isEqualTo(json(7));
  }

  /** Whichever is retried first. */
  @Test
  void stepsAreUndoneByRetriesInAnyOrder() {
    for (boolean newestFirst : new boolean[] {true, false}) {
      String each = id + newestFirst;
      State<JsonNode> own = testing.store().state("steps", each);
      own.set("b", json(0));
      failing.addAll(List.of(unreadable(), unreadable()));
      List<RollbackFailure> both = catchThrowableOfType(
              EffectRollbackException.class,
              () -> effects.run("work", each, effect -> {
                effect.step("first", tx -> tx.state("steps", each).set("b", json(1)));
                effect.step("second", tx -> tx.state("steps", each).set("b", json(2)));
                throw broken;
              }))
          .failures();
      assertThat(both).hasSize(2);

      assertThat(retried(both.get(newestFirst ? 0 : 1).id()).status())
          .isEqualTo(RollbackFailureStatus.RESOLVED);
      assertThat(retried(both.get(newestFirst ? 1 : 0).id()).status())
          .isEqualTo(RollbackFailureStatus.RESOLVED);
      assertThat(own.getRequired("b")).isEqualTo(json(0));
    }
  }

  private static OutOfMemoryError noneLeft() {
    return new OutOfMemoryError("none left");
  }

  private static void twoKeys(Effects effects, String id, Runnable end) {
    effects.run("work", id, effect -> {
      effect.step("first", tx -> tx.state("steps", id).set("a", json(1)));
      effect.step("second", tx -> tx.state("steps", id).set("b", json(2)));
      end.run();
      throw new IllegalStateException("broken");
    });
  }

  @Test
  void anErrorIsARollbackFailureAndTheOlderStepsAreUndone() {
    failing.add(noneLeft());
    EffectRollbackException failed =
        catchThrowableOfType(EffectRollbackException.class, () -> twoKeys(effects, id, () -> {}));

    assertThat(failed.failures()).singleElement().satisfies(failure -> {
      assertThat(failure.problem().code()).isEqualTo(RollbackFailureCode.COMPENSATION_FAILED);
      assertThat(failure.problem().message()).contains("none left");
    });
    assertThat(testing.operations(id))
        .containsExactly("1 first compensated", "2 second compensation_failed");
    assertThat(testing.status(id)).isEqualTo("rollback_failed");
    assertThat(state.has("a")).isFalse();

    failing.add(noneLeft());
    assertThat(retried(only().id()).status()).isEqualTo(RollbackFailureStatus.OPEN);
    assertThat(retried(only().id()).status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(state.has("b")).isFalse();
    assertThat(testing.status(id)).isEqualTo("resolved");
  }

  @Test
  void whatFailsWithAnErrorIsRetriedAsOftenAsThePolicySays() {
    RetryPolicy policy = RetryPolicy.builder()
        .maximumAttempts(3)
        .initialDelay(Duration.ofMillis(1))
        .jitter(Duration.ZERO)
        .build();
    try (Effects retrying = Effects.builder(store, database.dataSource())
        .withoutRecovery()
        .retryRollbackFailures(policy)
        .build()) {
      for (int i = 0; i < 10; i++) {
        failing.add(noneLeft());
      }
      assertThatThrownBy(() -> retrying.run("work", id, effect -> {
            set(effect, "only", 1);
            throw broken;
          }))
          .isInstanceOf(EffectRollbackException.class);
      await().atMost(Duration.ofSeconds(20)).until(() -> {
        int unused = retrying.recover();
        return failing.size() <= 7;
      });
      for (int i = 0; i < 3; i++) {
        int unused = retrying.recover();
      }
    }
    assertThat(failing).as("three attempts and no more").hasSize(7);
    assertThat(testing.attempts(id))
        .containsExactly("1 compensate 1 failed", "1 retry 2 failed", "1 retry 3 failed");
    assertThat(testing.status(id)).isEqualTo("rollback_failed");
  }

  @Test
  void anErrorAfterTheCommitIsNoFailure() {
    assertThatThrownBy(() -> twoKeys(effects, id, () -> failingCommitted.add(noneLeft())))
        .isInstanceOf(EffectFailedException.class);
    assertThat(failingCommitted).isEmpty();
    assertThat(testing.operations(id))
        .containsExactly("1 first compensated", "2 second compensated");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(state.keys()).isEmpty();

    String other = id + "retried";
    failing.add(unreadable());
    UUID failure = catchThrowableOfType(
            EffectRollbackException.class, () -> twoKeys(effects, other, () -> {}))
        .failures()
        .get(0)
        .id();
    failingCommitted.add(noneLeft());
    assertThat(retried(failure).status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(testing.store().state("steps", other).keys()).isEmpty();
  }
}
