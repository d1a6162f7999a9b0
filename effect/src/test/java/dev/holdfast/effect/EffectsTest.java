package dev.holdfast.effect;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.State;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Operations, steps, scopes and branches, and the same id again. */
@HoldfastTest
@Tag("G7")
final class EffectsTest {

  @AutoClose
  private final TestingEffects testing;

  private final Effects effects;
  private final TestingService service = new TestingService();
  private final String id = TestingEffects.newId();

  EffectsTest(TestDatabase database) {
    this.testing = TestingEffects.on(database);
    this.effects = testing.effects();
  }

  @BeforeEach
  void register() {
    effects.register(service.handler("flight")).register(service.handler("hotel"));
  }

  private String bookTrip() {
    return effects.run("trip", id, effect -> {
      Receipt flight = effect.perform("flight", new Order("flight"));
      effect.step("remember", tx -> tx.state("trips", id).set("flight", json(flight.number())));
      Receipt hotel = effect.scope("stay", inner -> inner.perform("hotel", new Order("hotel")));
      return flight.number() + hotel.number();
    });
  }

  @Test
  void commitsWhatTheBodyDid() {
    assertThat(bookTrip()).isEqualTo("#flight#hotel");

    assertThat(service.calls()).containsExactly("do flight", "do hotel");
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(testing.operations(id))
        .containsExactly(
            "1 flight succeeded",
            "2 remember succeeded",
            "3 stay succeeded",
            "3.1 hotel succeeded");
    assertThat(testing.store().state("trips", id).getRequired("flight")).isEqualTo(json("#flight"));
  }

  /** A few rows are spelled out in the statement, more of them are arrays. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 9})
  void anyNumberOfOperationsGoesWithTheNextWrite(int scopes) {
    EffectBody<Integer> body = effect -> {
      enterScopes(effect, scopes);
      effect.perform("flight", new Order("flight"));
      enterScopes(effect, scopes);
      effect.perform("hotel", new Order("hotel"));
      enterScopes(effect, scopes);
      return scopes;
    };
    effects.run("trip", id, body);

    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(testing.operations(id))
        .hasSize(3 * scopes + 2)
        .allSatisfy(operation -> assertThat(operation).endsWith(" succeeded"));
    assertThat(effects.run("trip", id, body)).isEqualTo(scopes);
    assertThat(service.calls()).containsExactly("do flight", "do hotel");
  }

  private static void enterScopes(EffectTransaction effect, int scopes) {
    for (int i = 0; i < scopes; i++) {
      effect.scope("empty", inner -> "nothing");
    }
  }

  @Test
  void theSameIdAgainIsAnsweredFromTheJournal() {
    String first = bookTrip();

    assertThat(bookTrip()).isEqualTo(first);
    assertThat(service.calls()).containsExactly("do flight", "do hotel");
    assertThat(testing.store().state("trips", id).version()).isEqualTo(1);
  }

  @Test
  void anotherProcessAnswersTheSame(TestDatabase database) {
    bookTrip();
    try (TestingEffects other = TestingEffects.on(database)) {
      TestingService unused = new TestingService();
      other.effects().register(unused.handler("flight")).register(unused.handler("hotel"));
      String answer = other.effects().run("trip", id, effect -> {
        Receipt flight = effect.perform("flight", new Order("flight"));
        effect.step("remember", tx -> tx.state("trips", id).set("flight", json("another")));
        Receipt hotel = effect.scope("stay", inner -> inner.perform("hotel", new Order("hotel")));
        return flight.number() + hotel.number();
      });
      assertThat(answer).isEqualTo("#flight#hotel");
      assertThat(unused.calls()).isEmpty();
    }
  }

  @Test
  void everyOperationHasAKeyOfItsOwnThatNeverChanges() {
    bookTrip();
    String uuid = new EffectId("trip", id).uuid().toString();
    assertThat(service.keys()).containsExactly(uuid + "/1", uuid + "/3.1");
  }

  @Test
  void aBodyThatDiffersFromItsJournalIsRefused() {
    bookTrip();

    assertMismatch(effect -> effect.perform("hotel", new Order("flight")), "hotel");
    assertMismatch(effect -> effect.perform("flight", new Order("train")), "request");
    assertMismatch(effect -> effect.scope("flight", inner -> "done"), "scope 1");
    assertMismatch(effect -> "nothing", "did not come to");
    assertMismatch(
        effect -> {
          effect.perform("flight", new Order("flight"));
          return effect.perform("hotel", new Order("hotel"));
        },
        "step 2");
    assertThat(service.calls()).containsExactly("do flight", "do hotel");
    assertThat(testing.status(id)).isEqualTo("committed");
  }

  @Test
  void anotherResultThanTheRecordedOneIsRefused() {
    effects.run("trip", id, effect -> effect.perform("flight", new Order("flight")));
    assertMismatch(
        effect -> {
          effect.perform("flight", new Order("flight"));
          return "another";
        },
        "another result");
    assertMismatch(
        effect -> {
          effect.perform("flight", new Order("flight"));
          return effect.perform("hotel", new Order("hotel"));
        },
        "it has no operation 2");
  }

  private void assertMismatch(EffectBody<Object> body, String part) {
    assertThatThrownBy(() -> effects.run("trip", id, body))
        .isInstanceOf(EffectMismatchException.class)
        .hasMessageContaining(part)
        .hasMessageContaining(id);
  }

  @Test
  void aBodyWithoutOperationsIsRecordedToo() {
    assertThat(effects.<String>run("trip", id, effect -> "done")).isEqualTo("done");
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThatThrownBy(() -> effects.<String>run("trip", id, effect -> "again"))
        .isInstanceOf(EffectMismatchException.class);
  }

  @Test
  void aBodyThatFailsBeforeItsFirstOperationLeavesNoTrace() {
    assertThatThrownBy(() -> effects.run("trip", id, effect -> {
          throw new IllegalStateException("not today");
        }))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("not today")
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(testing.status(id)).isEqualTo("absent");
    assertThat(bookTrip()).isNotEmpty();
  }

  @Test
  void aBodyMayGoOnAfterAFailedOperationAndFailsTheSameWayAgain() {
    service.failing("do flight", new IllegalStateException("sold out"));
    EffectBody<String> body = effect -> {
      try {
        effect.perform("flight", new Order("flight"));
      } catch (EffectFailedException e) {
        assertThat(e).hasMessageContaining("sold out").hasMessageContaining("operation 1 (flight)");
        return effect.<Receipt>perform("hotel", new Order("hotel")).number();
      }
      return "flown";
    };
    assertThat(effects.run("trip", id, body)).isEqualTo("#hotel");
    service.repaired("do flight");
    assertThat(effects.run("trip", id, body)).isEqualTo("#hotel");
    assertThat(service.calls()).containsExactly("do flight", "do hotel");
    assertThat(testing.operations(id)).containsExactly("1 flight failed", "2 hotel succeeded");
  }

  @Test
  void aFailedScopeIsUndoneAndTheBodyMayGoOn() {
    service.failing("do hotel", new IllegalStateException("full"));
    EffectBody<String> body = effect -> {
      try {
        effect.scope("both", inner -> {
          inner.perform("flight", new Order("flight"));
          return inner.perform("hotel", new Order("hotel"));
        });
      } catch (EffectFailedException e) {
        assertThat(e).hasMessageContaining("full").hasMessageContaining("scope 1 (both)");
      }
      return effect.<Receipt>perform("flight", new Order("later")).number();
    };
    assertThat(effects.run("trip", id, body)).isEqualTo("#later");
    assertThat(effects.run("trip", id, body)).isEqualTo("#later");
    assertThat(service.calls())
        .containsExactly("do flight", "do hotel", "undo flight #flight", "do later");
    assertThat(testing.operations(id))
        .containsExactly(
            "1 both failed", "1.1 flight compensated", "1.2 hotel failed", "2 flight succeeded");
    assertThat(testing.status(id)).isEqualTo("committed");
  }

  @Test
  void aStepReturnsWhatItRecorded() {
    EffectBody<Integer> body = effect -> effect.step("count", Integer.class, tx -> {
      tx.state("counts", id, Integer.class).compute("n", n -> n == null ? 1 : n + 1);
      return tx.state("counts", id, Integer.class).get("n").orElseThrow();
    });
    assertThat(effects.run("trip", id, body)).isEqualTo(1);
    assertThat(effects.run("trip", id, body)).isEqualTo(1);
    assertThat(testing.store().state("counts", id, Integer.class).getRequired("n"))
        .isEqualTo(1);
  }

  @Test
  void aStepThatThrowsCommitsNothing() {
    assertThatThrownBy(() -> effects.run("trip", id, effect -> {
          effect.step("remember", tx -> {
            tx.state("trips", id).set("phase", json("half"));
            throw new IllegalStateException("no");
          });
          return "done";
        }))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("step 1 (remember)");
    assertThat(testing.store().state("trips", id).version()).isZero();
    assertThat(testing.status(id)).isEqualTo("rolled_back");
  }

  @Test
  void branchesRunAtTheSameTime() {
    CyclicBarrier together = new CyclicBarrier(3);
    effects.register(service.withoutCompensation("meet").perform((context, order) -> {
      together.await(20, TimeUnit.SECONDS);
      return new Receipt(order.item());
    }));
    EffectBody<List<Receipt>> body = effect -> {
      List<EffectBody<Receipt>> branches = new ArrayList<>();
      for (String item : List.of("a", "b", "c")) {
        branches.add(branch -> branch.perform("meet", new Order(item)));
      }
      return effect.parallel("all", branches);
    };
    assertThat(effects.run("trip", id, body))
        .extracting(Receipt::number)
        .containsExactly("a", "b", "c");
    assertThat(testing.operations(id))
        .containsExactly(
            "1 all succeeded",
            "1.1.1 meet succeeded",
            "1.2.1 meet succeeded",
            "1.3.1 meet succeeded");
    assertThat(effects.run("trip", id, body)).hasSize(3);
  }

  @Test
  void aFailedBranchInterruptsTheOthersAndAllAreUndone() {
    CountDownLatch waiting = new CountDownLatch(1);
    effects.register(service
        .handler("slow")
        .perform((context, order) -> {
          service.call("do " + order.item(), context);
          waiting.countDown();
          TimeUnit.SECONDS.sleep(60);
          return new Receipt("never");
        })
        .compensate((context, order) -> service.call("undo by request " + order.item(), context)));
    effects.register(service.handler("bad").perform((context, order) -> {
      waiting.await(20, TimeUnit.SECONDS);
      throw new IllegalStateException("broken");
    }));
    assertThatThrownBy(() -> effects.run("trip", id, effect -> {
          effect.perform("flight", new Order("flight"));
          return effect.parallel(
              "both",
              List.<EffectBody<Object>>of(
                  branch -> branch.perform("slow", new Order("slow")),
                  branch -> branch.perform("bad", new Order("bad"))));
        }))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("broken");
    assertThat(service.calls())
        .containsExactly("do flight", "do slow", "undo by request slow", "undo flight #flight");
    assertThat(testing.status(id)).isEqualTo("rolled_back");
  }

  @Test
  void badInputIsRefusedBeforeAnythingIsWritten() {
    assertThatThrownBy(() -> effects.run("", id, effect -> "done")).hasMessageContaining("name");
    assertThatThrownBy(() -> effects.run("trip", "a\0b", effect -> "done"))
        .hasMessageContaining("id");
    assertBadInput(
        effect -> effect.perform("train", new Order("x")), ErrorCode.HANDLER_MISSING, "train");
    assertBadInput(effect -> effect.perform("flight", "x"), ErrorCode.INVALID_ARGUMENT, "Order");
    assertBadInput(
        effect -> effect.perform("flight", new Order("\ud800")),
        ErrorCode.CODEC,
        "request of flight");
    assertThat(service.calls()).isEmpty();
    assertThat(testing.status(id)).isEqualTo("absent");
  }

  private void assertBadInput(EffectBody<Object> body, ErrorCode code, String part) {
    assertThatThrownBy(() -> effects.run("trip", id, body))
        .isInstanceOf(EffectFailedException.class)
        .cause()
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(part);
  }

  @Test
  void aTransactionBelongsToTheThreadAndScopeThatRunsIt() {
    effects.run("trip", id, effect -> {
      List<Throwable> thrown = new ArrayList<>();
      Thread other = new Thread(() -> {
        try {
          effect.perform("flight", new Order("flight"));
        } catch (RuntimeException e) {
          thrown.add(e);
        }
      });
      other.start();
      other.join();
      assertThat(thrown).singleElement().asString().contains("belongs to thread");
      return effect.scope("inner", inner -> {
        assertThatThrownBy(() -> effect.perform("flight", new Order("flight")))
            .hasMessageContaining("has a scope that is under way");
        return "ok";
      });
    });
    assertThat(service.calls()).isEmpty();
  }

  /** What is done after the end would be journaled for nobody, and never undone. */
  @Test
  void aTransactionThatIsOverDoesNothingMore() {
    List<EffectTransaction> kept = new ArrayList<>();
    effects.run("trip", id, effect -> kept.add(effect)); // Without an operation
    effects.run("trip", id, effect -> kept.add(effect)); // Answered
    EffectBody<Boolean> working = effect -> {
      effect.perform("flight", new Order("flight"));
      return effect
          .parallel("both", List.<EffectBody<Boolean>>of(branch -> kept.add(branch)))
          .get(0);
    };
    effects.run("trip", id + "-2", effect -> kept.add(effect) && working.run(effect));
    assertThatThrownBy(() -> effects.run("trip", id + "-3", effect -> {
          kept.add(effect);
          effect.perform("hotel", new Order("hotel"));
          throw new IllegalStateException("no");
        }))
        .isInstanceOf(EffectFailedException.class);
    List<String> calls = service.calls();

    assertThat(kept).hasSize(5).allSatisfy(effect -> {
      assertThatThrownBy(() -> effect.perform("flight", new Order("late")))
          .isInstanceOfSatisfying(
              HoldfastException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TRANSACTION_MISUSE));
      assertThatThrownBy(() -> effect.step("late", tx -> {})).isInstanceOf(HoldfastException.class);
    });
    assertThat(service.calls()).isEqualTo(calls);
    assertThat(testing.operations(id)).isEmpty();
  }

  /** The body of a step that is answered from the journal does not run again, so an operation within it would be missed. */
  @Test
  void aStepHasNoOperations() {
    List<EffectBody<Object>> operations = List.of(
        effect -> effect.perform("flight", new Order("flight")),
        effect -> effect.scope("inner", inner -> "ok"),
        effect -> {
          effect.step("inner", tx -> {});
          return "ok";
        });
    for (EffectBody<Object> operation : operations) {
      EffectBody<String> body = effect -> {
        effect.step("outer", tx -> {
          tx.state("trips", id).set("seen", json(true));
          assertThatThrownBy(() -> operation.run(effect))
              .hasMessageContaining("has a step that is under way");
        });
        effect.perform("hotel", new Order("hotel"));
        return "ok";
      };
      String own = id + "-" + operations.indexOf(operation);
      assertThat(effects.run("trip", own, body)).isEqualTo("ok");
      assertThat(effects.run("trip", own, body)).isEqualTo("ok");
      assertThat(testing.operations(own)).containsExactly("1 outer succeeded", "2 hotel succeeded");
    }
    assertThat(service.calls()).containsOnly("do hotel");
  }

  @Test
  void twoWhoBeginAtTheSameTimeDoItOnce() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    effects.register(service.handler("gate").perform((context, order) -> {
      service.call("do " + order.item(), context);
      entered.countDown();
      release.await(20, TimeUnit.SECONDS);
      return new Receipt("gate");
    }));
    EffectBody<Receipt> body = effect -> effect.perform("gate", new Order("gate"));
    List<Receipt> results = new ArrayList<>();
    Thread first = new Thread(() -> results.add(effects.run("trip", id, body)));
    first.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

    assertThatThrownBy(() -> effects.run("trip", id, body))
        .isInstanceOf(EffectRunningException.class)
        .hasMessageContaining("RUNNING")
        .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
    release.countDown();
    first.join();
    assertThat(results).hasSize(1);
    assertThat(effects.run("trip", id, body)).isEqualTo(results.get(0));
    assertThat(service.calls()).containsExactly("do gate");
  }

  @Test
  void aJsonTreeIsAResultToo() {
    State<JsonNode> state = testing.store().state("trips", id);
    JsonNode result = effects.run("trip", id, effect -> {
      effect.step("one", tx -> tx.state("trips", id).set("a", json(1)));
      return json(List.of(1, 2));
    });
    assertThat(result).isEqualTo(json(List.of(1, 2)));
    assertThat(state.getRequired("a")).isEqualTo(json(1));
  }
}
