package dev.holdfast.effect;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.effect.TestingService.Order;
import dev.holdfast.effect.TestingService.Receipt;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.effect.rollback.RollbackFailure;
import dev.holdfast.effect.rollback.RollbackFailureCode;
import dev.holdfast.effect.rollback.RollbackFailureQuery;
import dev.holdfast.effect.rollback.RollbackFailureStatus;
import dev.holdfast.effect.rollback.RollbackFailures;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What could not be undone is settled by retries and by people, each failure once. */
@HoldfastTest
@Tag("G9")
final class RollbackFailuresTest {

  private final IllegalStateException broken = new IllegalStateException("broken");

  private final TestDatabase database;

  @AutoClose
  private final TestingEffects testing;

  private final Effects effects;
  private final RollbackFailures failures;
  private final TestingService service = new TestingService();
  private final String id = TestingEffects.newId();

  RollbackFailuresTest(TestDatabase database) {
    this.database = database;
    this.testing = TestingEffects.on(database);
    this.effects = testing.effects();
    this.failures = effects.rollbackFailures();
  }

  @BeforeEach
  void register() {
    testing.clear();
    effects.register(service.handler("one")).register(service.handler("two"));
  }

  /** Two operations neither of which can be undone; the failures in the order of the attempts. */
  private List<RollbackFailure> twoFailures() {
    service.failing("undo 1 #1", broken).failing("undo 2 #2", broken);
    return catchThrowableOfType(
            EffectRollbackException.class,
            () -> effects.run("work", id, effect -> {
              effect.perform("one", new Order("1"));
              effect.perform("two", new Order("2"));
              throw broken;
            }))
        .failures();
  }

  @Test
  void aRetryThatSucceedsResolves() {
    List<RollbackFailure> both = twoFailures();
    service.repaired("undo 1 #1");
    service.repaired("undo 2 #2");

    RollbackFailure first = failures.retry(both.get(0).id());
    assertThat(first.status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(first.history().attempts()).isEqualTo(2);
    assertThat(first.settled()).isEmpty();
    assertThat(testing.status(id)).isEqualTo("rollback_failed");

    failures.retry(both.get(1).id());
    assertThat(testing.status(id)).isEqualTo("resolved");
    assertThat(failures.open()).isEmpty();
    assertThat(testing.operations(id)).containsExactly("1 one compensated", "2 two compensated");
    assertThat(service.keys().get(5)).isEqualTo(service.keys().get(0));
  }

  @Test
  void aRetryThatFailsStaysOpenWithTheNewProblem() {
    UUID failure = twoFailures().get(0).id();
    service.failing("undo 2 #2", new IllegalArgumentException("still"));

    RollbackFailure after = failures.retry(failure);
    assertThat(after.status()).isEqualTo(RollbackFailureStatus.OPEN);
    assertThat(after.problem().message()).contains("still");
    assertThat(after.history().attempts()).isEqualTo(2);
    assertThat(testing.attempts(id))
        .containsExactly("2 compensate 1 failed", "1 compensate 1 failed", "2 retry 2 failed");
  }

  @Test
  void aRetryMayAskSomethingElse() {
    UUID failure = twoFailures().get(0).id();

    assertThat(failures.retryWith(failure, new Order("other")).status())
        .isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(service.calls()).endsWith("undo other #2");
    assertThat(database.queryStrings(
            "SELECT request::text FROM holdfast.rollback_failure WHERE failure_id = '" + failure
                + "'"))
        .containsExactly("{\"item\":\"other\"}");
    assertThatThrownBy(() -> failures.retryWith(twoFailuresOf("x").get(0).id(), "text"))
        .hasMessageContaining("Order");
  }

  private List<RollbackFailure> twoFailuresOf(String other) {
    return catchThrowableOfType(
            EffectRollbackException.class,
            () -> effects.run("work", id + other, effect -> {
              effect.perform("one", new Order("1"));
              throw broken;
            }))
        .failures();
  }

  @Test
  void aPersonSkipsOrResolves() {
    List<RollbackFailure> both = twoFailures();

    RollbackFailure skipped = failures.skip(both.get(0).id(), "too late", "ann");
    assertThat(skipped.status()).isEqualTo(RollbackFailureStatus.SKIPPED);
    assertThat(skipped.settled()).contains(new RollbackFailure.Settlement("ann", "too late"));
    RollbackFailure resolved = failures.resolve(both.get(1).id(), "called them", "bob");
    assertThat(resolved.status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(testing.operations(id)).containsExactly("1 one compensated", "2 two skipped");
    assertThat(testing.status(id)).isEqualTo("resolved");
    assertThat(service.calls()).as("nothing was called").hasSize(4);
    assertThatThrownBy(() -> effects.run("work", id, effect -> "done"))
        .isInstanceOf(EffectFailedException.class);
  }

  @Test
  void whatIsSettledIsNotSettledAgain() {
    UUID failure = twoFailures().get(0).id();
    failures.resolve(failure, "by hand", "ann");
    int calls = service.calls().size();

    assertRefused(() -> failures.retry(failure), ErrorCode.INVALID_ARGUMENT, "RESOLVED already");
    assertRefused(
        () -> failures.skip(failure, "no", "bob"), ErrorCode.INVALID_ARGUMENT, "RESOLVED already");
    assertThat(service.calls()).hasSize(calls);
    assertThat(failures.find(failure).orElseThrow().settled())
        .contains(new RollbackFailure.Settlement("ann", "by hand"));
    assertRefused(
        () -> failures.retry(new UUID(1, 2)), ErrorCode.INVALID_ARGUMENT, "no rollback failure");
    assertRefused(() -> failures.skip(failure, "", "bob"), ErrorCode.INVALID_ARGUMENT, "note");
    assertThat(failures.find(new UUID(1, 2))).isEmpty();
  }

  private static void assertRefused(Runnable call, ErrorCode code, String part) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(part);
  }

  @Test
  void oneRetriesAtATime() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    effects.register(service.handler("slow").compensate((context, order, receipt) -> {
      if (context.attempt() > 1) {
        entered.countDown();
        release.await(20, TimeUnit.SECONDS);
      } else {
        throw broken;
      }
    }));
    UUID failure = catchThrowableOfType(
            EffectRollbackException.class,
            () -> effects.run("work", id, effect -> {
              effect.perform("slow", new Order("s"));
              throw broken;
            }))
        .failures()
        .get(0)
        .id();
    Thread first = new Thread(() -> failures.retry(failure));
    first.start();
    assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
    assertRefused(() -> failures.retry(failure), ErrorCode.EFFECT_RUNNING, "retried elsewhere");
    assertRefused(
        () -> failures.resolve(failure, "n", "a"), ErrorCode.EFFECT_RUNNING, "retried elsewhere");
    assertThat(failures.open())
        .extracting(RollbackFailure::status)
        .containsExactly(RollbackFailureStatus.RETRYING);
    release.countDown();
    first.join();
    assertThat(testing.status(id)).isEqualTo("resolved");
  }

  /** The failure of an operation whose compensation is as a test wants it. */
  private UUID failureOf(EffectHandler<Order, Receipt> handler) {
    return failureOf("", handler);
  }

  private UUID failureOf(String other, EffectHandler<Order, Receipt> handler) {
    effects.register(handler);
    return catchThrowableOfType(
            EffectRollbackException.class,
            () -> effects.run("work", id + other, effect -> {
              effect.perform(handler.name(), new Order("s"));
              throw broken;
            }))
        .failures()
        .get(0)
        .id();
  }

  private String lease(UUID failure) {
    return database
        .queryStrings(
            "SELECT leased_until::text FROM holdfast.rollback_failure WHERE failure_id = '%s'"
                .formatted(failure))
        .get(0);
  }

  private boolean isPast(String time) {
    return database.queryLong(
            "SELECT (clock_timestamp() > '%s'::timestamptz)::integer".formatted(time))
        == 1;
  }

  @Test
  @Tag("G10")
  void aRetryThatTakesLongerThanItsLeaseIsNotMadeASecondTime() throws Exception {
    AtomicInteger retries = new AtomicInteger();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    EffectHandler<Order, Receipt> slow = service
        .handler("slow")
        .compensate((context, order, receipt) -> {
          if (context.attempt() == 1) {
            throw broken;
          }
          retries.incrementAndGet();
          entered.countDown();
          release.await(60, TimeUnit.SECONDS);
        });
    UUID failure = failureOf(slow);
    try (TestingEffects brief =
        TestingEffects.on(database, settings -> settings.lease(Duration.ofSeconds(5)))) {
      brief.effects().register(slow);
      Thread first = new Thread(() -> brief.effects().rollbackFailures().retry(failure));
      first.start();
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
      String lease = lease(failure);
      await().atMost(Duration.ofSeconds(30)).until(() -> isPast(lease));

      assertRefused(() -> failures.retry(failure), ErrorCode.EFFECT_RUNNING, "retried elsewhere");
      release.countDown();
      first.join();
    }
    assertThat(retries).hasValue(1);
    assertThat(failures.find(failure).orElseThrow().status())
        .isEqualTo(RollbackFailureStatus.RESOLVED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Tag("G10")
  void aRetryThatLostItsLeaseIsToldSoAndLeavesItToTheOther(boolean fails) {
    AtomicInteger retries = new AtomicInteger();
    UUID failure = failureOf(service
        .handler("slow")
        .compensationRetry(RetryPolicy.builder()
            .maximumAttempts(3)
            .initialDelay(Duration.ofMillis(1))
            .jitter(Duration.ZERO)
            .build())
        .compensate((context, order, receipt) -> {
          if (isRetried()) {
            retries.incrementAndGet();
            takenByAnother();
          }
          if (fails || !isRetried()) {
            throw broken;
          }
        }));

    assertRefused(() -> failures.retry(failure), ErrorCode.STALE_LEASE, "another has taken it");
    assertThat(retries).as("another has it, so no further attempt").hasValue(1);
    assertThat(database.queryStrings(
            "SELECT status || ' ' || attempts || ' ' || owner FROM holdfast.rollback_failure"))
        .containsExactly("retrying 9 00000000-0000-0000-0000-000000000001");
    assertThat(testing.status(id)).isEqualTo("rollback_failed");
  }

  private boolean isRetried() {
    return database.queryLong(
            "SELECT count(*) FROM holdfast.rollback_failure WHERE status = 'retrying'")
        == 1;
  }

  private void takenByAnother() {
    database.execute("""
        UPDATE holdfast.rollback_failure
        SET owner = '00000000-0000-0000-0000-000000000001', attempts = 9,
          leased_until = clock_timestamp() + interval '1 hour'""");
  }

  /** What is not under way is not renewed, as if it had been taken by a process that died meanwhile. */
  @Test
  @Tag("G10")
  void aRetryThatHasEndedGivesNoSignOfLifeAnyMore() throws Exception {
    AtomicReference<String> owner = new AtomicReference<>();
    CountDownLatch release = new CountDownLatch(1);
    EffectHandler<Order, Receipt> slow = service
        .handler("slow")
        .compensate((context, order, receipt) -> {
          if (context.attempt() > 1) {
            release.await(20, TimeUnit.SECONDS);
          } else {
            throw broken;
          }
        });
    EffectHandler<Order, Receipt> never = service
        .handler("never")
        .compensate((context, order, receipt) -> {
          database
              .queryStrings(
                  "SELECT owner::text FROM holdfast.rollback_failure WHERE status = 'retrying'")
              .forEach(owner::set);
          throw broken;
        });
    UUID underWay = failureOf(slow);
    UUID ended = failureOf("ended", never);
    try (TestingEffects brief =
        TestingEffects.on(database, settings -> settings.lease(Duration.ofMillis(600)))) {
      brief.effects().register(slow).register(never);
      RollbackFailures desk = brief.effects().rollbackFailures();
      assertThat(desk.retry(ended).status()).isEqualTo(RollbackFailureStatus.OPEN);
      database.execute("""
          UPDATE holdfast.rollback_failure
          SET status = 'retrying', owner = '%s', leased_until = '2000-01-01 00:00:00+00'
          WHERE failure_id = '%s'""".formatted(owner.get(), ended));
      String before = lease(ended);

      Thread thread = new Thread(() -> desk.retry(underWay));
      thread.start();
      await()
          .until(
              () -> desk.find(underWay).orElseThrow().status() == RollbackFailureStatus.RETRYING);
      for (int beat = 0; beat < 2; beat++) {
        String lease = lease(underWay);
        await().until(() -> !lease(underWay).equals(lease));
      }
      assertThat(lease(ended)).isEqualTo(before);
      release.countDown();
      thread.join();
    }
  }

  /** The reply to the statement that settles it is lost; the database has it all the same. */
  @Test
  void aRetryWhoseOutcomeWasRecordedUnnoticedIsResolved() {
    UUID failure = failureOf(service.handler("slow").compensate((context, order, receipt) -> {
      if (isRetried()) {
        database.execute(
            "UPDATE holdfast.rollback_failure SET status = 'resolved', owner = NULL, leased_until = NULL");
      }
      throw broken;
    }));
    assertThat(failures.retry(failure).status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    database.execute(
        "UPDATE holdfast.effect_transaction SET open_failures = 0, status = 'resolved'");
  }

  @Test
  void aRetryWhoseProcessDiedIsOpenAgainAfterItsLease() {
    UUID failure = twoFailures().get(0).id();
    database.execute("""
        UPDATE holdfast.rollback_failure
        SET status = 'retrying', owner = gen_random_uuid(), leased_until = clock_timestamp() - interval '1 second'
        WHERE failure_id = '%s'""".formatted(failure));
    service.repaired("undo 2 #2");
    assertThat(failures.retry(failure).status()).isEqualTo(RollbackFailureStatus.RESOLVED);
  }

  @Test
  void allSettledAtTheSameTimeMakeItResolvedOnce() throws Exception {
    List<RollbackFailure> both = twoFailures();
    CyclicBarrier together = new CyclicBarrier(2);
    List<Thread> threads = new ArrayList<>();
    for (RollbackFailure failure : both) {
      Thread thread = new Thread(() -> {
        try {
          together.await(20, TimeUnit.SECONDS);
          failures.resolve(failure.id(), "note", "ann");
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(testing.status(id)).isEqualTo("resolved");
    assertThat(database.queryLong(
            "SELECT open_failures FROM holdfast.effect_transaction WHERE id = '" + id + "'"))
        .isZero();
  }

  @Test
  void failuresAreRetriedByThemselvesAsThePolicySays() {
    RetryPolicy policy = RetryPolicy.builder()
        .maximumAttempts(3)
        .initialDelay(Duration.ofMillis(1))
        .jitter(Duration.ZERO)
        .build();
    try (TestingEffects retrying =
        TestingEffects.on(database, settings -> settings.retryRollbackFailures(policy))) {
      retrying.effects().register(service.handler("one"));
      service.failing("undo 1 #1", broken);
      for (String each : List.of("healed", "given up")) {
        assertThatThrownBy(() -> retrying.effects().run("work", id + each, effect -> {
              effect.perform("one", new Order("1"));
              throw broken;
            }))
            .isInstanceOf(EffectRollbackException.class);
        if (each.equals("healed")) {
          recoverUntil(retrying, () -> service.calls().size() == 3);
          service.repaired("undo 1 #1");
          recoverUntil(retrying, () -> testing.status(id + each).equals("resolved"));
          service.failing("undo 1 #1", broken);
        } else {
          recoverUntil(retrying, () -> service.calls().size() == 8);
        }
      }
      retrying.effects().recover();
      assertThat(service.calls()).as("three attempts and no more").hasSize(8);
      assertThat(testing.status(id + "given up")).isEqualTo("rollback_failed");
      assertThat(testing.attempts(id + "given up"))
          .containsExactly("1 compensate 1 failed", "1 retry 2 failed", "1 retry 3 failed");
    }
  }

  private static void recoverUntil(TestingEffects effects, Callable<Boolean> end) {
    await().atMost(Duration.ofSeconds(20)).until(() -> {
      effects.effects().recover();
      return end.call();
    });
  }

  @Test
  void aMissingHandlerIsAFailureThatARetryHeals() {
    effects.register(service.handler("gone"));
    EffectRollbackException failed = catchThrowableOfType(
        EffectRollbackException.class,
        () -> effects.run("work", id, effect -> {
          effect.perform("gone", new Order("g"));
          effects.handlers().unregister("gone");
          throw broken;
        }));
    RollbackFailure failure = failed.failures().get(0);
    assertThat(failure.problem().code()).isEqualTo(RollbackFailureCode.HANDLER_MISSING);
    assertThat(failures.retry(failure.id()).problem().code())
        .isEqualTo(RollbackFailureCode.HANDLER_MISSING);
    effects.register(service.handler("gone"));
    assertThat(failures.retry(failure.id()).status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(service.calls()).containsExactly("do g", "undo g #g");
  }

  @Test
  void aStepIsRestoredByARetryOnceItsKeysAreAsTheyWere() {
    EffectRollbackException failed = catchThrowableOfType(
        EffectRollbackException.class,
        () -> effects.run("work", id, effect -> {
          effect.step("mine", tx -> tx.state("trips", id).set("phase", json("mine")));
          testing.store().state("trips", id).set("phase", json("somebody's"));
          throw broken;
        }));
    UUID failure = failed.failures().get(0).id();
    assertThat(failures.retry(failure).problem().code())
        .isEqualTo(RollbackFailureCode.CHANGED_SINCE);
    assertThatThrownBy(() -> failures.retryWith(failure, new Order("x")))
        .hasMessageContaining("cannot be changed");
    failures.skip(failure, "the newer value is right", "ann");
    assertThat(testing.store().state("trips", id).getRequired("phase"))
        .isEqualTo(json("somebody's"));
  }

  @Test
  void anUnknownOutcomeIsSettledByRequestLater() {
    effects.register(service.handler("lost").perform((context, order) -> {
      throw new IOException("reset");
    }));
    UUID failure = catchThrowableOfType(
            EffectRollbackException.class,
            () -> effects.run("work", id, effect -> effect.perform("lost", new Order("l"))))
        .failures()
        .get(0)
        .id();
    assertThat(failures.retry(failure).problem().code())
        .isEqualTo(RollbackFailureCode.OUTCOME_UNKNOWN);
    effects.handlers().unregister("lost");
    effects.register(EffectHandler.of("lost", Order.class, Receipt.class)
        .perform((context, order) -> new Receipt("x"))
        .compensate((context, order) -> service.call("undo by request", context)));
    assertThat(failures.retry(failure).status()).isEqualTo(RollbackFailureStatus.RESOLVED);
    assertThat(service.calls()).containsExactly("undo by request");
  }

  @Test
  void pagesHaveNoGapsAndFiltersAllHold() {
    testing.clear();
    service.failing("undo 1 #1", broken).failing("undo 2 #2", broken);
    for (int i = 0; i < 5; i++) {
      String each = "page-" + i;
      assertThatThrownBy(() ->
              effects.run(each.equals("page-4") ? "other" : "work", each, effect -> {
                effect.perform("one", new Order("1"));
                effect.perform("two", new Order("2"));
                throw new IllegalStateException("changed my mind");
              }))
          .isInstanceOf(EffectRollbackException.class);
    }
    RollbackFailureQuery query = RollbackFailureQuery.all().limit(3);
    List<RollbackFailure> paged = new ArrayList<>();
    List<RollbackFailure> page = failures.open(query);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(3);
      paged.addAll(page);
      page = failures.open(query.after(page.get(page.size() - 1)));
    }
    assertThat(paged).isEqualTo(failures.open()).hasSize(10);
    assertThat(failures.open(RollbackFailureQuery.all().operation("one"))).hasSize(5);
    assertThat(failures.open(RollbackFailureQuery.all().operation("one").effect("other")))
        .singleElement()
        .satisfies(failure -> assertThat(failure.effect().id()).isEqualTo("page-4"));
    assertThat(failures.open(RollbackFailureQuery.all().code(RollbackFailureCode.HANDLER_MISSING)))
        .isEmpty();
    assertThatThrownBy(() -> RollbackFailureQuery.all().limit(0))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("1 to 10000");
  }
}
