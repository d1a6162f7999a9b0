package dev.holdfast.integration.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An effect transaction whose connection breaks at any write of its journal goes on, and makes each write once. */
@HoldfastTest
@Tag("G7")
final class EffectCutTest {

  private static final int WRITES = 4;

  private final TestDatabase database;
  private final TestingProxy proxy;
  private final Holdfast holdfast;
  private final List<String> calls = new CopyOnWriteArrayList<>();

  EffectCutTest(TestDatabase database) {
    this.database = database;
    this.proxy = TestingProxy.to(database);
    this.holdfast = Holdfast.builder()
        .jdbcUrl(proxy.jdbcUrl(), database.libraryUser(), database.libraryPassword())
        .maximumPoolSize(3)
        .effects(Effects.Builder::withoutRecovery)
        .build();
    holdfast
        .effects()
        .register(EffectHandler.of("call", Integer.class, Integer.class)
            .perform((context, request) -> {
              calls.add("do " + request);
              return request;
            })
            .compensate((context, request, response) -> calls.add("undo " + response)));
  }

  @AfterEach
  void close() {
    holdfast.close();
    proxy.close();
  }

  private static boolean isWrite(String sql) {
    return sql.contains("effect_transaction") && sql.contains("guard");
  }

  private void cutWrite(Cut cut, int number) {
    AtomicInteger left = new AtomicInteger(number);
    proxy.cutNext(cut, sql -> isWrite(sql) && left.decrementAndGet() == 0);
  }

  private List<String> journal(String id) {
    return database.queryStrings("""
        SELECT status || ' after ' || revision || ' writes' FROM holdfast.effect_transaction WHERE effect_id = '%1$s'
        UNION ALL
        (SELECT status FROM holdfast.effect_operation_summary WHERE effect_id = '%1$s' ORDER BY position)""".formatted(new EffectId("cut", id).uuid()));
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void everyWriteIsMadeOnce(Cut cut) {
    for (int write = 1; write <= WRITES; write++) {
      String id = cut + "-" + write;
      calls.clear();
      cutWrite(cut, write);

      int sum = holdfast.effects().run("cut", id, effect -> {
        int total = 0;
        for (int i = 1; i < WRITES; i++) {
          total += effect.<Integer>perform("call", i);
        }
        return total;
      });
      assertThat(proxy.isArmed()).as("write %s was cut", write).isFalse();
      List<String> committed =
          List.of("committed after 4 writes", "succeeded", "succeeded", "succeeded");
      assertThat(journal(id)).isEqualTo(committed);
      proxy.deliver();
      assertThat(journal(id)).as("a late message changes nothing").isEqualTo(committed);
      assertThat(sum).isEqualTo(6);
      assertThat(calls).containsExactly("do 1", "do 2", "do 3");
    }
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aRollbackGoesOnToo(Cut cut) {
    // Intent, begin of the rollback, attempt, end.
    for (int write = 1; write <= WRITES; write++) {
      String id = "rollback-" + cut + "-" + write;
      calls.clear();
      cutWrite(cut, write);
      try {
        holdfast.effects().run("cut", id, effect -> {
          effect.<Integer>perform("call", 1);
          throw new IllegalStateException("no");
        });
      } catch (EffectFailedException e) {
        assertThat(e).hasMessageContaining("no");
      }
      proxy.deliver();
      assertThat(proxy.isArmed()).isFalse();
      assertThat(calls).containsExactly("do 1", "undo 1");
      assertThat(journal(id)).containsExactly("rolled_back after 4 writes", "compensated");
    }
  }

  /** A database that is gone for a moment is no reason to leave a step as it is. */
  @ParameterizedTest
  @EnumSource(Cut.class)
  void aStepIsRestoredAllTheSame(Cut cut) {
    for (String statement : List.of("FOR NO KEY UPDATE", "COMMIT")) {
      String id = "restore-" + cut + "-" + statement;
      assertThatThrownBy(() -> holdfast.effects().run("cut", id, effect -> {
            effect.step("write", tx -> tx.state("cut", id).set("k", Json.json(1)));
            proxy.cutNext(cut, sql -> sql.contains(statement));
            throw new IllegalStateException("no");
          }))
          .isInstanceOf(EffectFailedException.class);
      assertThat(proxy.isArmed()).as("%s was cut", statement).isFalse();
      proxy.deliver();
      assertThat(holdfast.state("cut", id).version()).isEqualTo(2);
      assertThat(holdfast.state("cut", id).keys()).isEmpty();
      assertThat(journal(id)).last().isEqualTo("compensated");
      assertThat(journal(id)).first().asString().startsWith("rolled_back");
    }
    assertThat(holdfast.effects().rollbackFailures().open()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aStepWhoseCommitIsLostIsReportedAsWhatItBecame(Cut cut) {
    String id = "step-" + cut;
    boolean done = true;
    proxy.cutNext(cut, sql -> sql.equals("COMMIT"));
    try {
      holdfast.effects().run("cut", id, effect -> {
        effect.step("write", tx -> tx.state("cut", id).set("k", Json.json(1)));
        return true;
      });
    } catch (EffectFailedException e) {
      done = false;
    }
    assertThat(proxy.isArmed()).isFalse();
    proxy.deliver();
    assertThat(holdfast.state("cut", id).version()).isEqualTo(done ? 1 : 0);
    assertThat(journal(id))
        .containsExactlyElementsOf(
            done
                ? List.of("committed after 3 writes", "succeeded")
                : List.of("rolled_back after 3 writes", "failed"));
    // The control: the two ends of a cut look the same from here.
    assertThat(done).isEqualTo(cut == Cut.BEFORE_REPLY || (cut == Cut.AFTER_REQUEST && done));
  }

  /** A step that writes with SQL of its own only: the journal's own row says what became of it. */
  @Test
  void aStepWithoutStatesIsFoundByItsJournal() {
    database.execute("CREATE TABLE own (n integer); GRANT ALL ON own TO PUBLIC");
    proxy.cutNext(Cut.BEFORE_REPLY, sql -> sql.equals("COMMIT"));
    holdfast.effects().run("cut", "own", effect -> {
      effect.step("write", tx -> {
        try (var statement = tx.connection().createStatement()) {
          statement.execute("INSERT INTO own VALUES (1)");
        }
      });
      return true;
    });
    assertThat(proxy.isArmed()).isFalse();
    assertThat(database.queryLong("SELECT count(*) FROM own")).isEqualTo(1);
    assertThat(journal("own")).containsExactly("committed after 3 writes", "succeeded");
  }
}
