package dev.holdfast.effect;

import static dev.holdfast.effect.TestingCalls.changed;
import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.transaction.Isolation;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A step whose commit is in doubt, and steps that see an older snapshot than the journal has. */
@HoldfastTest
@Tag("G7")
@Tag("G8")
final class StepDoubtTest {

  private final TestDatabase database;

  @AutoClose
  private final TestingEffects testing;

  private final TestingService service = new TestingService();
  private final AtomicBoolean losesCommit = new AtomicBoolean();
  private final AtomicBoolean down = new AtomicBoolean();
  private final AtomicInteger refused = new AtomicInteger();
  private final String id = TestingEffects.newId();

  StepDoubtTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
  }

  @BeforeEach
  void register() {
    testing.clear();
    testing.effects().register(service.handler("one"));
  }

  /** The commit is made, its reply is lost, and the database is away. */
  private DataSource losing() {
    return changed(DataSource.class, database.dataSource(), (given, asked, with) -> {
      if (!asked.equals("getConnection")) {
        return given;
      }
      return changed(Connection.class, given, (result, method, arguments) -> {
        if (method.equals("commit") && losesCommit.getAndSet(false)) {
          down.set(true);
          throw new SQLException("the reply was lost", "08006");
        }
        return result;
      });
    });
  }

  private DataSource away() {
    return changed(DataSource.class, database.dataSource(), (given, asked, with) -> {
      if (asked.equals("getConnection") && down.get()) {
        ((Connection) given).close();
        refused.incrementAndGet();
        throw new SQLException("the database does not answer", "08001");
      }
      return given;
    });
  }

  private Effects.Builder lossy(StateStore store) {
    return Effects.builder(store, away()).withoutRecovery();
  }

  private static String paid(Effects effects, String effectId, AtomicBoolean losesCommit) {
    return effects.run("work", effectId, effect -> {
      effect.perform("one", new Order("1"));
      losesCommit.set(true);
      effect.step("pay", Compensation.by("one", new Order("payback")), transaction -> {});
      return "done";
    });
  }

  @Test
  void aStepWhoseReplyWasLostIsFoundWhenTheDatabaseIsBack() throws Exception {
    try (StateStore store = StateStore.builder(losing()).build();
        Effects effects = lossy(store).build()) {
      effects.register(service.handler("one"));
      Thread back = new Thread(() -> {
        await().until(() -> refused.get() >= 3);
        down.set(false);
      });
      back.start();

      assertThat(paid(effects, id, losesCommit)).isEqualTo("done");
      back.join();
    }
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(testing.operations(id)).containsExactly("1 one succeeded", "2 pay succeeded");
  }

  @Test
  void aStepOfWhichNothingCanBeFoundOutIsLeftToRecovery() {
    try (StateStore store = StateStore.builder(losing()).build();
        Effects effects = lossy(store).lease(Duration.ofMillis(300)).build()) {
      effects.register(service.handler("one"));

      assertThatThrownBy(() -> paid(effects, id, losesCommit)).isInstanceOf(RuntimeException.class);
      down.set(false);
    }
    assertThat(service.calls()).containsExactly("do 1");
    testing.expireLease(id);
    assertThat(testing.effects().recover()).isEqualTo(1);
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(testing.operations(id)).containsExactly("1 one compensated", "2 pay compensated");
    assertThat(service.calls()).containsExactly("do 1", "do payback", "undo 1 #1");
  }

  /** The commit is made, and what comes behind it throws. */
  private DataSource throwingBehind(Throwable failure) {
    return changed(DataSource.class, database.dataSource(), (given, asked, with) -> {
      if (!asked.equals("getConnection")) {
        return given;
      }
      return changed(Connection.class, given, (result, method, arguments) -> {
        if (method.equals("commit") && losesCommit.getAndSet(false)) {
          throw failure;
        }
        return result;
      });
    });
  }

  @Test
  void aStepBehindWhoseCommitSomethingFailsIsDone() throws Exception {
    try (StateStore store = StateStore.builder(throwingBehind(new IllegalStateException("late")))
            .build();
        Effects effects = lossy(store).build()) {
      effects.register(service.handler("one"));

      assertThat(paid(effects, id, losesCommit)).isEqualTo("done");
    }
    assertThat(testing.operations(id)).containsExactly("1 one succeeded", "2 pay succeeded");
  }

  @Test
  void aStepBehindWhoseCommitAnErrorIsThrownIsUndoneWithTheRest() throws Exception {
    OutOfMemoryError late = new OutOfMemoryError("late");
    try (StateStore store = StateStore.builder(throwingBehind(late)).build();
        Effects effects = lossy(store).build()) {
      effects.register(service.handler("one"));

      assertThatThrownBy(() -> paid(effects, id, losesCommit)).isSameAs(late);
    }
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(testing.operations(id)).containsExactly("1 one compensated", "2 pay compensated");
    assertThat(service.calls()).containsExactly("do 1", "do payback", "undo 1 #1");
  }

  @Test
  void aWriteBehindWhichAnErrorIsThrownEndsTheRunAndNotTheLease() {
    OutOfMemoryError late = new OutOfMemoryError("late");
    AtomicBoolean armed = new AtomicBoolean();
    DataSource behind = changed(DataSource.class, database.dataSource(), (given, asked, with) -> {
      if (!asked.equals("getConnection")) {
        return given;
      }
      return changed(
          Connection.class,
          given,
          (statement, preparing, sql) -> preparing.equals("prepareStatement")
              ? changed(PreparedStatement.class, statement, (result, method, arguments) -> {
                if (method.equals("executeQuery") && armed.getAndSet(false)) {
                  throw late;
                }
                return result;
              })
              : statement);
    });
    try (Effects effects =
        Effects.builder(testing.store(), behind).withoutRecovery().build()) {
      effects.register(service.handler("one"));

      assertThatThrownBy(() -> effects.run("work", id, effect -> {
            effect.perform("one", new Order("1"));
            armed.set(true);
            return effect.perform("one", new Order("2"));
          }))
          .isNotInstanceOf(StaleLeaseException.class)
          .hasCause(late);
    }
    testing.expireLease(id);
    assertThat(testing.effects().recover()).isEqualTo(1);
    assertThat(testing.operations(id)).first().isEqualTo("1 one compensated");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_UNCOMMITTED")
  void aStepMayTakeLongerThanALease(Isolation isolation) {
    AtomicInteger attempts = new AtomicInteger();
    try (TestingEffects brief = TestingEffects.on(
        database,
        settings ->
            settings.lease(Duration.ofSeconds(5)).steps(TransactionOptions.of(isolation)))) {
      brief.effects().register(service.handler("one"));

      String result = brief.effects().run("work", id, effect -> {
        effect.perform("one", new Order("1"));
        effect.step("slow", transaction -> {
          attempts.incrementAndGet();
          transaction.state("test", id).set("key", json(1));
          // What is known of the operation before is made durable meanwhile, or was before.
          await().until(() -> head("revision").equals("2"));
          await()
              .until(
                  () -> head("started_at < clock_timestamp() - interval '5 s'").equals("true"));
          assertThat(testing.effects().recover()).as("taken over").isZero();
        });
        return "done";
      });
      assertThat(result).isEqualTo("done");
    }
    assertThat(testing.operations(id)).containsExactly("1 one succeeded", "2 slow succeeded");
    assertThat(attempts).hasValue(1);
  }

  @Test
  @Timeout(60)
  void aStepThatIsRepeatedDoesNotHoldUpTheOneThatItWaitsFor() {
    String state = TestingEffects.newId();
    testing.store().state("test", state).set("key", json(0));
    CountDownLatch inFirst = new CountDownLatch(1);
    try (TestingEffects serializable = TestingEffects.on(
        database,
        settings -> settings
            .lease(Duration.ofMillis(600))
            .steps(TransactionOptions.of(Isolation.SERIALIZABLE)))) {
      serializable.effects().register(service.handler("one"));

      List<Integer> results = serializable.effects().run("work", id, effect -> {
        effect.perform("one", new Order("0"));
        return effect.<Integer>parallel(
            "both",
            List.of(
                branch -> {
                  await().until(() -> head("revision").equals("2"));
                  branch.step("first", transaction -> {
                    transaction.state("test", state).set("a", json(1));
                    inFirst.countDown();
                    if (transaction.attempt() == 1) {
                      // As any write to the journal would, the row of which this snapshot then does
                      // not show.
                      database.execute(
                          "UPDATE holdfast.effect_transaction SET changed_at = clock_timestamp() WHERE id = '%s'"
                              .formatted(id));
                    }
                  });
                  return 1;
                },
                branch -> {
                  assertThat(inFirst.await(20, TimeUnit.SECONDS)).isTrue();
                  branch.step(
                      "second", transaction -> transaction.state("test", state).set("b", json(2)));
                  return 2;
                }));
      });
      assertThat(results).containsExactly(1, 2);
    }
    assertThat(testing.store().state("test", state).snapshot().keys())
        .containsExactlyInAnyOrder("key", "a", "b");
  }

  /** A column of the row of the effect transaction, as everybody else sees it. */
  private String head(String column) {
    return database
        .queryStrings("SELECT (%s)::text FROM holdfast.effect_transaction WHERE id = '%s'"
            .formatted(column, id))
        .get(0);
  }
}
