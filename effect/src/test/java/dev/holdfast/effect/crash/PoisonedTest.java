package dev.holdfast.effect.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.Effects;
import dev.holdfast.store.StateStore;
import dev.holdfast.testkit.ChildJvm;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A body that ends every process in which it runs is given up, and what it did is compensated. */
@HoldfastTest
@Tag("G8")
final class PoisonedTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String ID = "one";

  private final TestDatabase database;

  PoisonedTest(TestDatabase database) {
    this.database = database;
  }

  @Test
  void isRolledBackAfterAsManyProcessesAsItsDefinitionAllows() {
    database.execute(Agency.TABLES);
    assertThat(child("begin")).last().isEqualTo("dies");
    // The control: as long as it is allowed to, recovery goes on with it, and dies of it.
    for (int recovery = 1; recovery <= Poisoned.RECOVERIES; recovery++) {
      assertThat(child("recover")).last().isEqualTo("dies");
      assertThat(status()).isEqualTo("running " + recovery);
    }

    assertThat(child("recover")).endsWith("recovered 1", "over");

    assertThat(status()).isEqualTo("rolled_back " + Poisoned.RECOVERIES);
    assertThat(database.queryStrings("SELECT error FROM holdfast.effect_transaction"))
        .containsExactly(
            "its process gave no sign of life, and recovery has gone on with it 2 times in vain");
    String key = new EffectId("poisoned", ID).uuid() + "/1";
    assertThat(database.queryStrings(
            "SELECT what || ' ' || key || ' ' || epoch FROM call ORDER BY number"))
        .as("what was completed ran once")
        .containsExactly("book flight " + key + " 1", "cancel flight " + key + " 4");
  }

  @Test
  void isCountedByProcessesThatHaveTheDefinitionOnly() {
    try (StateStore store = StateStore.builder(database.dataSource()).build();
        Effects effects =
            Effects.builder(store, database.dataSource()).withoutRecovery().build()) {
      database.execute(Agency.TABLES);
      database.execute("TRUNCATE " + EffectTables.ALL + ", call, booking");
      new Agency(database.dataSource(), point -> {}).register(effects);
      assertThat(child("begin")).last().isEqualTo("dies");
      assertThat(effects.recover()).isZero();
      assertThat(status()).isEqualTo("running 0");
      assertThat(effects.backlog().abandoned()).isEqualTo(1);
    }
  }

  /** What a process said, after whose end the lease is over. */
  private List<String> child(String what) {
    try (ChildJvm child = ChildJvm.start(
        Poisoned.class,
        database.jdbcUrl(),
        database.libraryUser(),
        database.libraryPassword(),
        ID,
        what)) {
      assertThat(child.waitFor(LIMIT)).as("%s", child.output()).isZero();
      EffectTables.expireLeases(database, "true");
      return child.output();
    }
  }

  private String status() {
    return database
        .queryStrings("SELECT status || ' ' || recoveries FROM holdfast.effect_transaction")
        .get(0);
  }
}
