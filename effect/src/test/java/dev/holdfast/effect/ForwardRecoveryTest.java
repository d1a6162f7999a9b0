package dev.holdfast.effect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.definition.Recovery;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What has a definition goes on in another process, and only there and once. */
@HoldfastTest
@Tag("G7")
@Tag("G8")
@Tag("G10")
final class ForwardRecoveryTest {

  private final TestDatabase database;

  @AutoClose
  private final TestingEffects testing;

  @AutoClose
  private final TestingEffects other;

  private final TestingService service = new TestingService();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicReference<Throwable> thrown = new AtomicReference<>();
  private final String id = TestingEffects.newId();

  /** What a body is given. */
  record Wish(String first, String second) {}

  private static final Wish WISH = new Wish("1", "2");

  private final EffectDefinition<Wish, String> definition =
      EffectDefinition.of("work", Wish.class, (effect, wish) -> {
        Receipt one = effect.perform("one", new Order(wish.first()));
        Receipt two = effect.perform("pause", new Order(wish.second()));
        return one.number() + two.number();
      });

  ForwardRecoveryTest(TestDatabase database) {
    this.database = database;
    this.testing =
        TestingEffects.on(database, effects -> effects.closePatience(Duration.ofMillis(200)));
    this.other = TestingEffects.on(database);
  }

  @BeforeEach
  void register() {
    testing.clear();
    for (TestingEffects each : List.of(testing, other)) {
      each.effects().register(service.handler("one"));
    }
    testing.effects().define(definition);
    testing.effects().register(service.handler("pause").perform((context, order) -> {
      service.call("do " + order.item() + " in epoch " + context.epoch(), context);
      entered.countDown();
      release.await(30, TimeUnit.SECONDS);
      return new Receipt("late");
    }));
    other
        .effects()
        .register(service
            .handler("pause")
            .perform((context, order) -> {
              service.call("do " + order.item() + " in epoch " + context.epoch(), context);
              return new Receipt("again");
            })
            .reconcile((context, order) -> {
              service.call("look " + order.item() + " in epoch " + context.epoch(), context);
              return Reconciliation.notDone();
            }));
  }

  /** A run that is stuck in its second operation while its lease runs out. */
  private Thread stuck(EffectDefinition<Wish, String> which) throws InterruptedException {
    Thread thread = new Thread(() -> {
      try {
        testing.effects().run(which, id, WISH);
      } catch (Throwable e) {
        thrown.set(e);
      }
    });
    thread.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    return thread;
  }

  @Test
  void goesOnElsewhereAndTheFirstProcessCanWriteNothing() throws Exception {
    other.effects().define(definition);
    Thread first = stuck(definition);
    testing.expireLease(id);

    assertThat(other.effects().recover()).isEqualTo(1);

    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(service.calls())
        .containsExactly("do 1", "do 2 in epoch 1", "look 2 in epoch 2", "do 2 in epoch 2");
    assertThat(service.keys().get(1))
        .as("the same key")
        .isEqualTo(service.keys().get(3));
    List<String> before = testing.operations(id);
    release.countDown();
    first.join();
    assertThat(thrown.get())
        .isInstanceOf(StaleLeaseException.class)
        .hasMessageContaining("epoch 1");
    assertThat(testing.operations(id)).isEqualTo(before);
    assertThat(other.effects().run(definition, id, WISH)).isEqualTo("#1again");
    assertThat(service.calls()).hasSize(4);
    assertThat(other.effects().metrics().resumed()).isEqualTo(1);
    assertThat(other.effects().metrics().recovered()).isZero();
    assertThat(other.effects().recover()).isZero();
  }

  @Test
  void withoutTheDefinitionItIsLeftToAnotherProcessAndCounted() throws Exception {
    Thread first = stuck(definition);
    testing.expireLease(id);

    assertThat(other.effects().recover()).isZero();
    assertThat(testing.status(id)).isEqualTo("running");
    assertThat(other.effects().backlog().abandoned()).isEqualTo(1);

    other.effects().define(definition);
    assertThat(other.effects().recover()).isEqualTo(1);
    assertThat(testing.status(id)).isEqualTo("committed");
    assertThat(other.effects().backlog().abandoned()).isZero();
    release.countDown();
    first.join();
  }

  /** The control: what nobody defined is rolled back, as is what is defined to be. */
  @Test
  void whatIsDefinedBackwardIsRolledBack() throws Exception {
    EffectDefinition<Wish, String> backward = EffectDefinition.<Wish, String>of(
            "backward", Wish.class, (effect, wish) -> definition.body().run(effect, wish))
        .recovery(Recovery.BACKWARD);
    testing.effects().define(backward);
    other.effects().define(backward);
    Thread first = stuck(backward);
    testing.expireLease(id);

    assertThat(other.effects().recover()).isEqualTo(1);
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(service.calls())
        .containsExactly("do 1", "do 2 in epoch 1", "look 2 in epoch 2", "undo 1 #1");
    release.countDown();
    first.join();
  }

  @Test
  void aBodyThatFailsWhenItGoesOnIsCompensated() throws Exception {
    other.effects().define(definition);
    service.failing("do 2 in epoch 2", new IllegalStateException("sold out"));
    Thread first = stuck(definition);
    testing.expireLease(id);

    assertThat(other.effects().recover()).isEqualTo(1);
    assertThat(testing.status(id)).isEqualTo("rolled_back");
    assertThat(service.calls()).endsWith("do 2 in epoch 2", "undo 1 #1");
    release.countDown();
    first.join();
    assertThatThrownBy(() -> other.effects().run(definition, id, WISH))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("sold out");
  }

  @Test
  void twoRecoverersGoOnWithEachOnce() throws Exception {
    int many = 20;
    List<Thread> crashed = new ArrayList<>();
    AtomicInteger number = new AtomicInteger();
    EffectDefinition<Wish, String> stopping =
        EffectDefinition.of("many", Wish.class, (effect, wish) -> {
          Receipt one = effect.perform("one", new Order(wish.first()));
          Receipt two = effect.perform("pause", new Order(wish.second()));
          return one.number() + two.number();
        });
    testing.effects().define(stopping);
    for (int i = 0; i < many; i++) {
      Thread thread = new Thread(() -> {
        int own = number.incrementAndGet();
        try {
          testing.effects().run(stopping, "many-" + own, new Wish("a" + own, "b" + own));
        } catch (StaleLeaseException e) {
          // Another process went on.
        }
      });
      thread.start();
      crashed.add(thread);
    }
    awaitCalls(2 * many);
    EffectTables.expireLeases(database, "true");
    AtomicInteger recovered = new AtomicInteger();
    try (TestingEffects third = TestingEffects.on(database)) {
      third
          .effects()
          .define(stopping)
          .register(service.handler("one"))
          .register(service.handler("pause").perform((context, order) -> {
            service.call("do " + order.item() + " in epoch " + context.epoch(), context);
            return new Receipt("again");
          }));
      other.effects().define(stopping);
      List<Thread> recoverers = new ArrayList<>();
      for (TestingEffects each : List.of(other, third)) {
        Thread thread = new Thread(() -> recovered.addAndGet(each.effects().recover()));
        thread.start();
        recoverers.add(thread);
      }
      for (Thread thread : recoverers) {
        thread.join();
      }
    }
    release.countDown();
    for (Thread thread : crashed) {
      thread.join();
    }
    assertThat(recovered.get()).isEqualTo(many);
    for (int i = 1; i <= many; i++) {
      assertThat(testing.status("many-" + i)).isEqualTo("committed");
      String own = "a" + i;
      assertThat(service.calls().stream().filter(call -> call.equals("do " + own)))
          .hasSize(1);
      String later = "do b" + i + " in epoch 2";
      assertThat(service.calls().stream().filter(call -> call.equals(later))).hasSize(1);
    }
  }

  private void awaitCalls(int calls) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (service.calls().size() < calls && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(service.calls()).hasSize(calls);
  }

  @Test
  void closingLeavesItToAnotherProcess() throws Exception {
    other.effects().define(definition);
    Thread first = stuck(definition);

    testing.effects().close();
    first.join();

    assertThat(thrown.get())
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    assertThat(testing.status(id)).isEqualTo("running");
    assertThat(service.calls()).containsExactly("do 1", "do 2 in epoch 1");
    testing.expireLease(id);
    assertThat(other.effects().recover()).isEqualTo(1);
    assertThat(testing.status(id)).isEqualTo("committed");
  }

  @Test
  void anotherInputIsRefused() {
    other.effects().define(definition);
    assertThat(other.effects().run(definition, id, WISH)).isEqualTo("#1again");

    assertThatThrownBy(() -> other.effects().run(definition, id, new Wish("1", "3")))
        .isInstanceOfSatisfying(
            EffectMismatchException.class,
            e -> assertThat(e.correlationId())
                .contains(new EffectId("work", id).uuid().toString()))
        .hasMessageContaining("the input is another one");
    assertThat(service.calls()).hasSize(2);
  }

  @Test
  void aDefinitionHasToBeKnown() {
    assertThatThrownBy(() -> other.effects().run(definition, id, WISH))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("define it first");
    other.effects().define(definition);
    assertThatThrownBy(() -> other.effects().define(definition))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("There is a definition \"work\" already");
    assertThatThrownBy(() -> definition.maxRecoveries(-1))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("maxRecoveries");
    assertThat(testing.status(id)).isEqualTo("absent");
  }
}
