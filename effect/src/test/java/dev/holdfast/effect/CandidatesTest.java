package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.registry.Candidate;
import dev.holdfast.effect.registry.Selection;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureCode;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a provider did is undone by the same provider, whichever is active by then. */
@HoldfastTest
@Tag("G8")
final class CandidatesTest {

  @AutoClose
  private final TestingEffects testing;

  private final TestDatabase database;
  private final Effects effects;
  private final TestingService acme = new TestingService();
  private final TestingService spare = new TestingService();
  private final String id = TestingEffects.newId();

  CandidatesTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
    this.effects = testing.effects();
  }

  private static Candidate of(TestingService service, String provider) {
    return Candidate.of(service.handler("book")).provider(provider);
  }

  @BeforeEach
  void register() {
    testing.clear();
    effects.register(of(acme, "acme").priority(1)).register(of(spare, "spare"));
  }

  private static final EffectBody<String> BOOKS =
      effect -> effect.<Receipt>perform("book", new Order("1")).number();

  private String provider() {
    return String.join(
        ",",
        database.queryStrings(
            "SELECT coalesce(provider, 'none') FROM holdfast.effect_operation_summary WHERE id = '%s'"
                .formatted(id)));
  }

  @Test
  void theActiveCandidatePerformsAndIsRecorded() {
    effects.run("work", id, BOOKS);
    assertThat(acme.calls()).containsExactly("do 1");
    assertThat(spare.calls()).isEmpty();
    assertThat(provider()).isEqualTo("acme");
  }

  @Test
  void theDefaultProviderIsNotWritten() {
    effects.register(spare.handler("plain"));
    effects.run("work", id, effect -> effect.perform("plain", new Order("1")));
    assertThat(provider()).isEqualTo("none");
  }

  @Test
  void whoPerformedCompensatesAlthoughAnotherIsActiveByThen() {
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.perform("book", new Order("1"));
          effects.handlers().select(Selection.of(Map.of("book", "spare")));
          effect.perform("book", new Order("2"));
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(acme.calls()).containsExactly("do 1", "undo 1 #1");
    assertThat(spare.calls()).containsExactly("do 2", "undo 2 #2");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
  }

  @Test
  void aProviderThatIsGoneIsARollbackFailureUntilItIsBack() {
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.perform("book", new Order("1"));
          effects.handlers().unregister("book", "acme");
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOf(EffectRollbackException.class);
    assertThat(spare.calls()).as("another provider knows nothing of it").isEmpty();
    RollbackFailure failure = effects.rollbackFailures().open().get(0);
    assertThat(failure.problem().code()).isEqualTo(RollbackFailureCode.HANDLER_MISSING);
    assertThat(failure.problem().message()).contains("book@acme");

    assertThat(effects.rollbackFailures().retry(failure.id()).status())
        .isEqualTo(RollbackFailureStatus.OPEN);
    assertThat(spare.calls()).isEmpty();
    effects.register(of(acme, "acme"));
    assertThat(effects.rollbackFailures().retry(failure.id()).status())
        .isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(acme.calls()).containsExactly("do 1", "undo 1 #1");
    assertThat(testing.status(id)).isEqualTo("resolved");
  }

  @Test
  void whatIsCommittedIsAnsweredWhoeverIsActive() {
    String first = effects.run("work", id, BOOKS);
    effects.handlers().select(Selection.of(Map.of("book", "spare")));
    assertThat(effects.run("work", id, BOOKS)).isEqualTo(first);
    assertThat(spare.calls()).isEmpty();
  }

  /** As a process leaves it that dies in the middle. */
  private void abandon() {
    effects.run("work", id, BOOKS);
    database.execute("""
        UPDATE holdfast.effect_transaction
        SET status = 'running', ended_at = NULL, leased_until = clock_timestamp() - interval '1 second'
        WHERE id = '%s'""".formatted(id));
    database.execute("DELETE FROM holdfast.effect_outcome WHERE position = '{}'");
  }

  @Test
  void recoveryLeavesItToAProcessThatHasTheProvider() {
    abandon();
    try (TestingEffects other = TestingEffects.on(database)) {
      other.effects().register(of(spare, "spare"));
      assertThat(other.effects().recover()).isZero();
      assertThatThrownBy(() -> other.effects().run("work", id, BOOKS))
          .isInstanceOfSatisfying(
              HoldfastException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.HANDLER_MISSING))
          .hasMessageContaining("book@acme");
      assertThat(testing.status(id)).as("nothing was taken over").isEqualTo("running");
      assertThat(spare.calls()).isEmpty();
    }
    assertThat(effects.recover()).isEqualTo(1);
    assertThat(acme.calls()).containsExactly("do 1", "undo 1 #1");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
  }

  @Test
  void aBodyResumesWithTheProviderThatBegan() {
    abandon();
    database.execute("DELETE FROM holdfast.effect_outcome");
    effects.handlers().select(Selection.of(Map.of("book", "spare")));
    assertThat(effects.run("work", id, BOOKS)).isEqualTo("#1");
    assertThat(acme.calls()).as("with the same key").containsExactly("do 1", "do 1");
    assertThat(acme.keys()).hasSize(2).containsOnly(acme.keys().get(0));
    assertThat(spare.calls()).isEmpty();
  }

  @Test
  void aStepIsUndoneByTheProviderThatWasActiveWhenItWasMade() {
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.step(
              "note",
              Compensation.by("book", new Order("undone")),
              tx -> tx.state("notes", id).set("a", Json.json(1)));
          effects.handlers().select(Selection.of(Map.of("book", "spare")));
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(acme.calls()).containsExactly("do undone");
    assertThat(spare.calls()).isEmpty();
  }

  @Test
  void aTypedHandlerMeansItsOwnCandidate() {
    EffectHandler<Order, Receipt> third = acme.handler("typed");
    effects.register(Candidate.of(third).provider("third"));
    effects.register(Candidate.of(spare.handler("typed")).provider("fourth").priority(5));
    EffectBody<String> body = effect -> effect.perform(third, new Order("t")).number();
    assertThat(effects.run("work", id, body)).isEqualTo("#t");
    assertThat(acme.calls()).containsExactly("do t");
    assertThat(provider()).isEqualTo("third");
    EffectHandler<Order, Receipt> unknown = acme.handler("typed");
    assertThatThrownBy(() -> effects.run(
            "work", id + "x", effect -> effect.perform(unknown, new Order("t")).number()))
        .hasMessageContaining("as another object");
    EffectHandler<Order, Receipt> fourth = spare.handler("typed");
    effects.handlers().unregister("typed", "fourth");
    effects.register(Candidate.of(fourth).provider("fourth"));
    assertThatThrownBy(() -> effects.run(
            "work", id, effect -> effect.perform(fourth, new Order("t")).number()))
        .isInstanceOf(EffectMismatchException.class)
        .hasMessageContaining("typed@third");
  }

  @Test
  void theStatusOfAnEffectTransactionCanBeAskedFor() {
    assertThat(effects.status("work", id)).isEmpty();
    effects.run("work", id, BOOKS);
    assertThat(effects.status("work", id)).contains(EffectStatus.COMMITTED);
  }
}
