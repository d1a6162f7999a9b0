package dev.holdfast.store;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.store.feed.ChangeBatch;
import dev.holdfast.store.feed.ChangeEvent;
import dev.holdfast.store.feed.ChangeEvent.KeyChange;
import dev.holdfast.store.feed.ChangeEvent.Kind;
import dev.holdfast.store.feed.ChangeFeed;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.ChangeHandler;
import dev.holdfast.store.feed.DeadLetter;
import dev.holdfast.store.feed.FeedLag;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.store.feed.SubscriptionOptions;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import tools.jackson.databind.JsonNode;

@HoldfastTest
final class ChangeFeedTest {

  private static final SubscriptionOptions FAST = SubscriptionOptions.defaults()
      .pollInterval(Duration.ofMillis(10))
      .retryDelay(Duration.ofMillis(1));

  @AutoClose
  private final TestingStore testing;

  private final String namespace = TestingStore.newName();
  private final String consumer = TestingStore.newName();
  private final ChangeFilter filter = ChangeFilter.all().namespace(namespace);
  private final ChangeFeed feed;

  ChangeFeedTest(TestDatabase database) {
    this.testing = TestingStore.on(database);
    this.feed = testing.store().changes();
  }

  private State<JsonNode> state(String name) {
    return testing.store().state(namespace, name);
  }

  private List<String> poll() {
    ChangeBatch batch = feed.poll(consumer, filter);
    batch.acknowledge();
    return names(batch.events());
  }

  /**
   * Waits until every change may be told: a transaction that has a number and began before one holds it back, also one of the server's own,
   * which analyzes a table when it likes.
   */
  private void awaitSettled() {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> testing
            .query("SELECT pg_snapshot_xmin(pg_current_snapshot()) > ALL"
                + " (SELECT xid FROM holdfast.change) AS is_settled")
            .equals(List.of("t")));
  }

  private static List<String> names(List<ChangeEvent> events) {
    return events.stream().map(event -> event.state().name() + event.version()).toList();
  }

  @Test
  void tellsEveryChangeSetAsItIsStored() {
    state("a").by("agent").because("why").update(Map.of("k", json(1), "list", json(List.of())));
    state("a").append("list", "x");
    state("a").delete("k");
    state("a").rollback(1);
    awaitSettled();

    List<ChangeEvent> events = feed.poll(consumer, filter).events();

    assertThat(names(events)).containsExactly("a1", "a2", "a3", "a4");
    assertThat(events.get(0).keys()).extracting(KeyChange::key).containsExactly("k", "list");
    assertThat(events.get(0).keys().get(0).payload()).contains(json(1));
    assertThat(events.get(0).keys().get(0).origin().actor()).isEqualTo("agent");
    assertThat(events.get(1).keys().get(0).kind()).isEqualTo(Kind.APPENDED);
    assertThat(events.get(1).keys().get(0).payload()).contains(json(List.of("x")));
    assertThat(events.get(2).keys().get(0).kind()).isEqualTo(Kind.REMOVED);
    assertThat(events.get(3).keys()).extracting(KeyChange::kind).containsOnly(Kind.RESTORED);
  }

  @Test
  void whatIsNotAcknowledgedComesAgain() {
    state("a").set("k", json(1));
    awaitSettled();
    assertThat(names(feed.poll(consumer, filter).events())).containsExactly("a1");
    assertThat(poll()).containsExactly("a1");
    assertThat(poll()).isEmpty();
    state("a").set("k", json(2));
    awaitSettled();
    assertThat(poll()).containsExactly("a2");
  }

  @Test
  void filtersByNamespaceAndKey() {
    state("a").set("k", json(1));
    state("a").update(Map.of("k", json(2), "other", json(2)));
    state("a").set("other", json(3));
    testing.state().set("k", json(1));
    awaitSettled();

    assertThat(names(feed.poll(consumer, filter.key("other")).events()))
        .containsExactly("a2", "a3");
  }

  /** Transactions that changed no state are stepped over in ever wider windows, also where one change at a time is wanted. */
  @Test
  void oneChangeAtATimeStepsOverWhatIsNoChange(TestDatabase database) throws SQLException {
    try (Connection connection = testing.connection();
        Statement statement = connection.createStatement()) {
      statement.execute("""
          DO $$
          BEGIN
            FOR i IN 1..60000 LOOP
              PERFORM pg_current_xact_id();
              COMMIT;
            END LOOP;
          END $$""");
    }
    state("a").set("k", json(1));
    awaitSettled();
    AtomicInteger asked = new AtomicInteger();
    DataSource counting = (DataSource) Proxy.newProxyInstance(
        getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, given) -> {
          asked.incrementAndGet();
          return method.invoke(database.dataSource(), given);
        });
    try (StateStore store =
        StateStore.builder(counting).schema(database.schema()).build()) {
      asked.set(0);
      ChangeBatch batch =
          store.changes().poll(consumer, filter, SubscriptionOptions.defaults().batchSize(1));
      assertThat(names(batch.events())).containsExactly("a1");
    }
    assertThat(asked.get()).isLessThan(20);
  }

  @Test
  void aNewConsumerCanBeginNow() {
    state("a").set("k", json(1));
    awaitSettled();
    SubscriptionOptions now = SubscriptionOptions.defaults().fromNow();
    assertThat(feed.poll(consumer, filter, now).isEmpty()).isTrue();
    state("a").set("k", json(2));
    awaitSettled();
    assertThat(names(feed.poll(consumer, filter, now).events())).containsExactly("a2");
  }

  /**
   * A transaction that began first and commits last. A reader that follows transaction numbers without looking for those still running has
   * passed it by then; that control must skip it.
   */
  @Test
  void whatCommitsLateIsNotSkipped() throws SQLException {
    try (Connection early = testing.connection()) {
      early.setAutoCommit(false);
      testing.store().joinTransaction(early, tx -> tx.state(namespace, "early").set("k", json(1)));
      state("late").set("k", json(1));

      assertThat(poll()).isEmpty();
      String naive = naiveCursor();
      early.commit();

      awaitSettled();
      assertThat(poll()).containsExactlyInAnyOrder("early1", "late1");
      assertThat(naiveChangesAfter(naive)).as("changes behind the naive cursor").isEmpty();
    }
  }

  private String naiveCursor() {
    return testing
        .query(
            "SELECT max(xid::text::bigint)::text FROM holdfast.change WHERE state_id = ?",
            new StateId(namespace, "late").uuid())
        .get(0);
  }

  private List<String> naiveChangesAfter(String cursor) {
    return testing.query(
        "SELECT key FROM holdfast.change WHERE xid::text::bigint > ? AND state_id = ?",
        Long.parseLong(cursor),
        new StateId(namespace, "early").uuid());
  }

  /** A transaction takes its number at its first write, and writes the state only after a later transaction did. */
  @Test
  void versionsComeInOrderWhereTransactionNumbersDoNot() throws SQLException {
    SubscriptionOptions one = SubscriptionOptions.defaults().batchSize(1);
    List<String> seen = new ArrayList<>();
    for (int round = 0; round < 10; round++) {
      try (Connection early = testing.connection()) {
        early.setAutoCommit(false);
        testing
            .store()
            .joinTransaction(early, tx -> tx.state(namespace, "other").increment("n", 1));
        state("a").increment("n", 1);
        testing.store().joinTransaction(early, tx -> tx.state(namespace, "a").increment("n", 1));
        early.commit();
      }
    }
    awaitSettled();
    ChangeBatch batch = feed.poll(consumer, filter, one);
    while (!batch.isEmpty()) {
      seen.addAll(names(batch.events()));
      batch.acknowledge();
      batch = feed.poll(consumer, filter, one);
    }

    assertThat(seen).filteredOn(name -> name.startsWith("a")).hasSize(20);
    for (int version = 1; version <= 20; version++) {
      assertThat(seen.stream().filter(name -> name.startsWith("a")).toList().get(version - 1))
          .isEqualTo("a" + version);
    }
    assertThat(seen).doesNotHaveDuplicates();
    assertThat(testing.query(
            "SELECT version::text FROM holdfast.change AS c WHERE state_id = ? AND EXISTS ("
                + "SELECT FROM holdfast.change AS b WHERE b.state_id = c.state_id AND b.version < c.version"
                + " AND b.xid > c.xid)",
            new StateId(namespace, "a").uuid()))
        .as("versions with a lower transaction number than one before")
        .isNotEmpty();
  }

  @Test
  void aSubscriptionDeliversInOrderAndGoesOnWhereItWas() {
    List<String> seen = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 50; i++) {
      state("a").set("k", json(i));
    }
    try (Subscription subscription = feed.subscribe(
        consumer, filter, FAST.batchSize(7), event -> seen.add("a" + event.version()))) {
      await().until(() -> seen.size() == 50);
      state("a").set("k", json("more"));
      await().until(() -> subscription.delivered() == 51);
      assertThat(seen).hasSize(51);
    }
    state("a").set("k", json("later"));
    try (Subscription again =
        feed.subscribe(consumer, filter, FAST, event -> seen.add("a" + event.version()))) {
      await().until(() -> seen.size() == 52);
      assertThat(again.consumer()).isEqualTo(consumer);
    }
    for (int i = 0; i < 52; i++) {
      assertThat(seen.get(i)).isEqualTo("a" + (i + 1));
    }
  }

  @Test
  void whatCannotBeHandledBecomesADeadLetterAndTheRestGoesOn() {
    List<Long> seen = new CopyOnWriteArrayList<>();
    AtomicInteger attempts = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      state("a").set("k", json(i));
    }
    try (Subscription subscription =
        feed.subscribe(consumer, filter, FAST.maxAttempts(4), event -> {
          if (event.version() == 2) {
            attempts.incrementAndGet();
            throw new java.io.IOException("cannot");
          }
          seen.add(event.version());
        })) {
      await().until(() -> seen.size() == 2);
      await().until(() -> feed.lag(consumer).changes() == 0);
      assertThat(subscription.deadLetters()).isEqualTo(1);
      assertThat(subscription.failedAttempts()).isEqualTo(4);
    }
    assertThat(attempts).hasValue(4);
    List<DeadLetter> dead = feed.deadLetters(consumer, 10);
    assertThat(dead).hasSize(1);
    assertThat(dead.get(0).state()).isEqualTo(new StateId(namespace, "a"));
    assertThat(dead.get(0).version()).isEqualTo(2);
    assertThat(dead.get(0).attempts()).isEqualTo(4);
    assertThat(dead.get(0).error()).contains("IOException", "cannot");
    assertThat(feed.discard(consumer, dead.get(0).state(), 2)).isTrue();
    assertThat(feed.deadLetters(consumer, 10)).isEmpty();
  }

  @Test
  void anErrorOfAHandlerIsAFailedAttempt() {
    List<Long> seen = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 3; i++) {
      state("a").set("k", json(i));
    }
    try (Subscription subscription =
        feed.subscribe(consumer, filter, FAST.maxAttempts(2), event -> {
          if (event.version() == 2) {
            throw new NoClassDefFoundError("com/example/Missing");
          }
          seen.add(event.version());
        })) {
      await().until(() -> seen.size() == 2);
      assertThat(subscription.failedAttempts()).isEqualTo(2);
    }
    assertThat(feed.deadLetters(consumer, 10))
        .singleElement()
        .satisfies(dead -> assertThat(dead.error()).contains("NoClassDefFoundError"));
  }

  /** As it is of a handler in a language without checked exceptions. */
  private static final class UnspeakableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw ChangeFeedTest.<RuntimeException>undeclared(new java.io.IOException("no text"));
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      throw ChangeFeedTest.<RuntimeException>undeclared(new java.io.IOException("no stack"));
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> E undeclared(Throwable thrown) throws E {
    throw (E) thrown;
  }

  @Test
  void aFailureThatCannotBeToldBecomesADeadLetterAndTheRestGoesOn() {
    List<Long> seen = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 3; i++) {
      state("a").set("password", json("hunter2"));
    }
    try (Subscription subscription =
        feed.subscribe(consumer, filter, FAST.maxAttempts(2), event -> {
          if (event.version() == 2) {
            throw new UnspeakableException();
          }
          seen.add(event.version());
        })) {
      await().until(() -> seen.contains(3L));
      assertThat(subscription.failedAttempts()).isEqualTo(2);
    }
    assertThat(seen).containsExactly(1L, 3L);
    assertThat(feed.deadLetters(consumer, 10))
        .singleElement()
        .satisfies(dead -> assertThat(dead.error()).contains("UnspeakableException"));
  }

  /** Some backends throw when a line cannot be written, say because the disk is full. */
  @Test
  void aLogThatFailsNeitherEndsASubscriptionNorHoldsItUp() {
    List<Long> seen = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 3; i++) {
      state("a").set("k", json(i));
    }
    TurboFilter failing = new TurboFilter() {
      @Override
      public FilterReply decide(
          Marker marker, Logger logger, Level level, String text, Object[] given, Throwable e) {
        if (Thread.currentThread().getName().equals("holdfast-feed-" + consumer)) {
          throw new IllegalStateException("disk full");
        }
        return FilterReply.NEUTRAL;
      }
    };
    LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
    logging.addTurboFilter(failing);
    try (Subscription subscription =
        feed.subscribe(consumer, filter, FAST.maxAttempts(1), event -> {
          if (event.version() == 2) {
            throw new java.io.IOException("cannot");
          }
          seen.add(event.version());
          if (event.version() == 3 && seen.size() == 2) {
            feed.forget(consumer);
          }
        })) {
      await().until(() -> seen.size() == 4);
      assertThat(subscription.deadLetters()).isEqualTo(2);
    } finally {
      logging.getTurboFilterList().remove(failing);
    }
    assertThat(seen).containsExactly(1L, 3L, 1L, 3L);
    assertThat(feed.deadLetters(consumer, 10)).hasSize(1);
  }

  /** The statements and pauses that follow would fail or end at once if the thread stayed interrupted. */
  @Test
  void anInterruptedHandlerDoesNotEndTheSubscription() {
    List<Long> seen = new CopyOnWriteArrayList<>();
    state("a").set("k", json(1));
    state("a").set("k", json(2));
    try (Subscription subscription = feed.subscribe(consumer, filter, FAST, event -> {
      if (seen.isEmpty()) {
        seen.add(0L);
        Thread.currentThread().interrupt();
        throw new InterruptedException();
      }
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      seen.add(event.version());
      Thread.currentThread().interrupt();
    })) {
      await().until(() -> subscription.delivered() == 2);
      assertThat(subscription.failedAttempts()).isEqualTo(1);
    }
    assertThat(seen).containsExactly(0L, 1L, 2L);
  }

  /** Two processes share the consumer, and none takes over what the other one is trying. */
  @Test
  void attemptsMayTakeLongerThanTheLease() {
    state("a").set("k", json(1));
    state("a").set("k", json(2));
    List<Long> seen = new CopyOnWriteArrayList<>();
    ChangeHandler handler = event -> {
      if (event.version() == 1) {
        throw new java.io.IOException("cannot");
      }
      seen.add(event.version());
    };
    SubscriptionOptions slow =
        FAST.maxAttempts(4).retryDelay(Duration.ofMillis(150)).lease(Duration.ofMillis(400));
    try (TestingStore elsewhere = testing.another();
        Subscription one = feed.subscribe(consumer, filter, slow, handler);
        Subscription two = elsewhere.store().changes().subscribe(consumer, filter, slow, handler)) {
      await().until(() -> !seen.isEmpty());
      assertThat(one.deadLetters() + two.deadLetters()).isPositive();
    }
    assertThat(feed.deadLetters(consumer, 10)).hasSize(1);
  }

  /** The position was lost during the last attempt: whoever has it now begins again. */
  @Test
  void whatCannotBeKeptAsADeadLetterIsNotCountedAsOne() {
    List<Long> seen = new CopyOnWriteArrayList<>();
    state("a").set("k", json(1));
    state("a").set("k", json(2));
    try (Subscription subscription =
        feed.subscribe(consumer, filter, FAST.maxAttempts(1), event -> {
          if (seen.isEmpty()) {
            seen.add(0L);
            feed.forget(consumer);
            throw new java.io.IOException("cannot");
          }
          seen.add(event.version());
        })) {
      await().until(() -> subscription.delivered() == 2);
      assertThat(subscription.failedAttempts()).isEqualTo(1);
      assertThat(subscription.deadLetters()).isZero();
    }
    assertThat(seen).containsExactly(0L, 1L, 2L);
    assertThat(feed.deadLetters(consumer, 10)).isEmpty();
  }

  @Test
  void closingStopsAfterTheChangeSetInHandAndGivesTheConsumerBack() {
    for (int i = 0; i < 5; i++) {
      state("a").set("k", json(i));
    }
    List<Long> seen = new CopyOnWriteArrayList<>();
    CompletableFuture<Subscription> itself = new CompletableFuture<>();
    itself.complete(feed.subscribe(consumer, filter, FAST, event -> {
      seen.add(event.version());
      itself.get().close();
    }));
    await().until(() -> !seen.isEmpty());
    awaitGivenBack();
    assertThat(seen).containsExactly(1L);
  }

  /**
   * However often a consumer is closed in the middle of a window, also where transaction numbers are not in the order of versions, nothing that
   * was handled comes again and nothing is left out.
   */
  @Test
  void whatWasHandledBeforeClosingIsNotDeliveredAgain() throws SQLException {
    for (int round = 0; round < 6; round++) {
      try (Connection early = testing.connection()) {
        early.setAutoCommit(false);
        testing.store().joinTransaction(early, tx -> tx.state(namespace, "b").increment("n", 1));
        state("a").increment("n", 1);
        state("c").update(Map.of("n", json(round), "m", json(round)));
        testing.store().joinTransaction(early, tx -> tx.state(namespace, "a").increment("n", 1));
        early.commit();
      }
    }
    List<String> seen = new CopyOnWriteArrayList<>();
    int next = 1;
    while (seen.size() < 24) {
      int until = Math.min(24, seen.size() + next++ % 3 + 1);
      CompletableFuture<Subscription> itself = new CompletableFuture<>();
      itself.complete(feed.subscribe(consumer, filter, FAST.batchSize(next * 7 % 12 + 1), event -> {
        seen.addAll(names(List.of(event)));
        if (seen.size() >= until) {
          itself.get().close();
        }
      }));
      await().until(() -> seen.size() >= until);
      itself.join().close();
    }
    assertThat(poll()).isEmpty();
    assertThat(seen).doesNotHaveDuplicates().hasSize(24);
    for (String name : List.of("a", "b", "c")) {
      assertThat(seen.stream().filter(one -> one.startsWith(name)).map(one -> one.substring(1)))
          .isSortedAccordingTo(Comparator.comparing(Integer::valueOf));
    }
  }

  /** Who had it before it was forgotten would take it from who has it now, and move it past what was not delivered. */
  @Test
  void aForgottenConsumerThatBeganAnewIsNotMovedByWhoHadIt() {
    state("a").set("k", json(1));
    awaitSettled();
    ChangeBatch before = feed.poll(consumer, filter);
    assertThat(feed.forget(consumer)).isTrue();
    try (TestingStore other = testing.another()) {
      ChangeBatch now = other.store().changes().poll(consumer, filter);
      assertThat(names(now.events())).containsExactly("a1");

      assertThatThrownBy(before::acknowledge).isInstanceOf(TransientException.class);
      assertThat(feed.poll(consumer, filter).isEmpty()).isTrue();
      now.acknowledge();
    }
    assertThat(poll()).isEmpty();
  }

  @Test
  void whatFailsWhileTheSubscriptionIsClosedIsNotTriedAgain() {
    state("a").set("k", json(1));
    AtomicInteger attempts = new AtomicInteger();
    CompletableFuture<Subscription> itself = new CompletableFuture<>();
    itself.complete(feed.subscribe(consumer, filter, FAST, event -> {
      attempts.incrementAndGet();
      itself.get().close();
      throw new java.io.IOException("cannot");
    }));
    await().until(() -> attempts.get() > 0);
    awaitGivenBack();
    assertThat(attempts).hasValue(1);
    assertThat(feed.deadLetters(consumer, 10)).isEmpty();
  }

  /** Long before the lease of the one that had it would have ended. */
  private void awaitGivenBack() {
    try (TestingStore other = testing.another()) {
      await().until(() -> !other.store().changes().poll(consumer, filter).isEmpty());
    }
  }

  @Test
  void oneOfTwoSubscriptionsOfAConsumerWorksAndTheOtherTakesOver() {
    List<String> first = new CopyOnWriteArrayList<>();
    List<String> second = new CopyOnWriteArrayList<>();
    Subscription one =
        feed.subscribe(consumer, filter, FAST, event -> first.add("a" + event.version()));
    state("a").set("k", json(1));
    await().until(() -> first.size() == 1);
    try (Subscription two =
        feed.subscribe(consumer, filter, FAST, event -> second.add("a" + event.version()))) {
      state("a").set("k", json(2));
      await().until(() -> first.size() == 2);
      assertThat(second).isEmpty();
      one.close();
      state("a").set("k", json(3));
      await().until(() -> two.delivered() == 1);
    }
    assertThat(second).containsExactly("a3");
  }

  @Test
  void aLostLeaseCannotMoveThePosition() {
    state("a").set("k", json(1));
    SubscriptionOptions brief = SubscriptionOptions.defaults().lease(Duration.ofMillis(1));
    awaitSettled();
    ChangeBatch slow = feed.poll(consumer, filter, brief);
    await().until(() -> {
      try (TestingStore other = testing.another()) {
        return !other.store().changes().poll(consumer, filter).isEmpty();
      }
    });

    assertThatThrownBy(slow::acknowledge)
        .isInstanceOf(TransientException.class)
        .hasMessageContaining(consumer);
  }

  @Test
  void acknowledgingAgainDoesNothing() {
    state("a").set("k", json(1));
    awaitSettled();
    ChangeBatch first = feed.poll(consumer, filter);
    first.acknowledge();
    state("a").set("k", json(2));
    awaitSettled();
    ChangeBatch second = feed.poll(consumer, filter);

    first.acknowledge();
    assertThat(names(second.events())).containsExactly("a2");
    second.acknowledge();
    assertThat(feed.lag(consumer).changes()).isZero();
  }

  @Test
  void aConsumerThatIsTakenIsEmptyForOthers() {
    state("a").set("k", json(1));
    awaitSettled();
    assertThat(feed.poll(consumer, filter).isEmpty()).isFalse();
    try (TestingStore other = testing.another()) {
      assertThat(other.store().changes().poll(consumer, filter).isEmpty()).isTrue();
    }
  }

  /** Its thread would ask a closed store for ever. */
  @Test
  void aStoreThatWasClosedCannotBeFollowed() {
    TestingStore other = testing.another();
    ChangeFeed ended = other.store().changes();
    other.close();
    assertThatThrownBy(() -> ended.subscribe(consumer, filter, FAST, event -> {}))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("closed");
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("holdfast-feed-" + consumer);
  }

  /** The first handler ends only after the thread of the second one. */
  @Test
  void subscriptionsAreClosedAtTheSameTime() throws InterruptedException {
    state("a").set("k", json(1));
    CompletableFuture<Boolean> waited = new CompletableFuture<>();
    CountDownLatch begun = new CountDownLatch(1);
    TestingStore other = testing.another();
    String last = consumer + "-last";
    other.store().changes().subscribe(consumer, filter, FAST, event -> {
      begun.countDown();
      try {
        await().until(() -> threads("holdfast-feed-" + last).isEmpty());
        waited.complete(true);
      } finally {
        waited.complete(false);
      }
    });
    other.store().changes().subscribe(last, filter, FAST, event -> {});
    begun.await();
    assertThat(threads("holdfast-feed-" + last)).hasSize(1);
    other.close();
    assertThat(waited.join()).as("it was not interrupted").isTrue();
  }

  private static List<Thread> threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .toList();
  }

  /** Subscribes handlers that hang, and returns when all do, with how many were interrupted. */
  private AtomicInteger hang(StateStore store, int handlers) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(handlers);
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger interrupted = new AtomicInteger();
    for (int i = 0; i < handlers; i++) {
      store.changes().subscribe(consumer + i, filter, FAST, event -> {
        begun.countDown();
        try {
          never.await();
        } catch (InterruptedException e) {
          interrupted.incrementAndGet();
        }
      });
    }
    begun.await();
    return interrupted;
  }

  /** They share the time that there is, and what is hung costs no more of it than the store's patience. */
  @Test
  void handlersThatHangHoldUpTheEndOfAStoreTogether(TestDatabase database) throws Exception {
    state("a").set("k", json(1));
    TestingStore other =
        TestingStore.on(database, builder -> builder.closePatience(Duration.ofMillis(100)));
    AtomicInteger interrupted = hang(other.store(), 3);
    assertTimeoutPreemptively(Duration.ofSeconds(20), other::close);
    await().untilAsserted(() -> assertThat(interrupted).hasValue(3));
  }

  /** The log of who waits for a handler fails, and what comes after the feed is closed all the same. */
  @Test
  void whatComesAfterAPartThatCannotBeClosedIsClosed(TestDatabase database) throws Exception {
    state("a").set("k", json(1));
    StateStore store = StateStore.builder(database.dataSource())
        .schema(database.schema())
        .closePatience(Duration.ofMillis(100))
        .build();
    AtomicInteger interrupted = hang(store, 2);
    AssertionError failure = new AssertionError("no room for the log");
    TurboFilter failing = new TurboFilter() {
      @Override
      public FilterReply decide(
          Marker marker, Logger logger, Level level, String text, Object[] given, Throwable e) {
        if (logger.getName().equals(Subscription.class.getName()) && level == Level.WARN) {
          throw failure;
        }
        return FilterReply.NEUTRAL;
      }
    };
    LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
    logging.addTurboFilter(failing);
    try {
      assertThatThrownBy(store::close).isSameAs(failure);
    } finally {
      logging.getTurboFilterList().remove(failing);
    }
    await().untilAsserted(() -> assertThat(interrupted).hasValue(2));
    assertThatThrownBy(() -> store.states(namespace, "", 1))
        .isInstanceOfSatisfying(
            HoldfastException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    store.close();
  }

  /** What is no exception, as when memory or threads run out, passes as well; a thread that ended would not be missed by anybody. */
  @Test
  void anErrorOutsideOfTheHandlerDoesNotEndTheSubscription(TestDatabase database) {
    AtomicInteger failures = new AtomicInteger(3);
    DataSource failing = (DataSource) Proxy.newProxyInstance(
        getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, given) -> {
          if (Thread.currentThread().getName().startsWith("holdfast-feed-")
              && failures.getAndDecrement() > 0) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          return method.invoke(database.dataSource(), given);
        });
    state("a").set("k", json(1));
    List<String> seen = new CopyOnWriteArrayList<>();
    try (StateStore store =
            StateStore.builder(failing).schema(database.schema()).build();
        Subscription subscription = store
            .changes()
            .subscribe(consumer, filter, FAST, event -> seen.addAll(names(List.of(event))))) {
      await().until(() -> subscription.delivered() == 1);
    }
    assertThat(seen).containsExactly("a1");
  }

  @Test
  void lagTellsAgeAndNumber() {
    assertThat(feed.lag(consumer)).isEqualTo(new FeedLag(Duration.ZERO, 0));
    awaitSettled();
    feed.poll(consumer, filter).acknowledge();
    poll();
    long before = feed.lag(consumer).changes();
    state("a").update(Map.of("a", json(1), "b", json(1)));
    assertThat(feed.lag(consumer).changes()).isEqualTo(before + 2);
    assertThat(feed.lag(consumer).age()).isLessThan(Duration.ofMinutes(5));
    awaitSettled();
    poll();
    assertThat(feed.lag(consumer)).isEqualTo(new FeedLag(Duration.ZERO, 0));
    assertThat(feed.forget(consumer)).isTrue();
    assertThat(feed.forget(consumer)).isFalse();
  }

  @Test
  void badInputIsNamed() {
    assertThatThrownBy(() -> feed.poll("", filter))
        .isInstanceOf(HoldfastException.class)
        .hasMessageContaining("consumer");
    assertThatThrownBy(() -> feed.deadLetters(consumer, 0)).hasMessageContaining("1 to 10000");
    assertThatThrownBy(() -> FAST.maxAttempts(0)).hasMessageContaining("maxAttempts");
    assertThatThrownBy(() -> FAST.lease(Duration.ZERO)).hasMessageContaining("lease");
    assertThatThrownBy(() -> ChangeFilter.all().key("")).hasMessageContaining("key");
  }

  /** The thread would fail where nobody sees it, and what has no handler became dead letters. */
  @Test
  @SuppressWarnings("NullAway") // On purpose.
  void whatIsMissingIsNamedBeforeAThreadBegins() {
    assertThatThrownBy(() -> feed.subscribe(consumer, filter, FAST, null))
        .hasMessageContaining("handler");
    assertThatThrownBy(() -> feed.subscribe(consumer, filter, null, event -> {}))
        .hasMessageContaining("options");
    assertThatThrownBy(() -> feed.subscribe(consumer, null, FAST, event -> {}))
        .hasMessageContaining("filter");
    assertThat(threads("holdfast-feed-" + consumer)).isEmpty();
  }

  @Test
  @SuppressWarnings("NullAway") // On purpose.
  void aPollWithoutAFilterDoesNotTakeTheConsumer() {
    assertThatThrownBy(() -> feed.poll(consumer, null)).hasMessageContaining("filter");
    assertThatThrownBy(() -> feed.poll(consumer, filter, null)).hasMessageContaining("options");
    assertThat(feed.consumers(10_000)).doesNotContain(consumer);
  }

  /** The clock counts no further; the thread would end with an overflow. */
  @Test
  void timesThatCannotBeCountedAreNamed() {
    Duration tooLong = Duration.ofNanos(Long.MAX_VALUE).plusNanos(1);
    Map<String, Consumer<Duration>> settings = Map.of(
        "pollInterval", FAST::pollInterval,
        "retryDelay", FAST::retryDelay,
        "lease", FAST::lease);
    settings.forEach((name, setting) -> {
      assertThatThrownBy(() -> setting.accept(tooLong))
          .isInstanceOf(HoldfastException.class)
          .hasMessageContaining(name);
      assertThatThrownBy(() -> setting.accept(Duration.ofSeconds(Long.MAX_VALUE)))
          .isInstanceOf(HoldfastException.class)
          .hasMessageContaining(name);
      setting.accept(tooLong.minusNanos(1));
    });
  }
}
