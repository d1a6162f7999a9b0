package dev.holdfast.integration.redaction;

import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.StaleLeaseException;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.logging.Logs;
import dev.holdfast.store.feed.ChangeFilter;
import dev.holdfast.store.feed.Subscription;
import dev.holdfast.testkit.EffectTables;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/** Whatever runs for an effect transaction, in whichever thread, knows its ids, and leaves nothing behind. */
@HoldfastTest
@Timeout(120)
class MdcTest {

  private final Holdfast holdfast;
  private final Map<String, String> seen = new ConcurrentHashMap<>();

  private final TestDatabase database;

  MdcTest(TestDatabase database) {
    this.database = database;
    this.holdfast = open();
  }

  private Holdfast open() {
    return Holdfast.builder()
        .jdbcUrl(database.jdbcUrl(), database.user(), database.password())
        .build();
  }

  @AfterEach
  void close() {
    holdfast.close();
    MDC.clear();
  }

  private void look(String where) {
    seen.put(where, MDC.get(Logs.EFFECT_ID) + " " + MDC.get(Logs.CORRELATION_ID));
  }

  private Throwable run(String id) {
    holdfast
        .effects()
        .register(EffectHandler.of("mdc.call", String.class, String.class)
            .perform((context, request) -> {
              look(request);
              return request;
            })
            .compensate((context, request, response) -> look("undo " + request)));
    return catchThrowable(() -> holdfast.effects().run("mdc", id, effect -> {
      look("body");
      effect.perform("mdc.call", "one");
      effect.parallel(
          "both",
          List.<EffectBody<String>>of(
              left -> {
                look("left");
                return left.perform("mdc.call", "two");
              },
              right -> right.perform("mdc.call", "three")));
      throw new IllegalStateException("undo it");
    }));
  }

  @Test
  void bodiesBranchesHandlersAndCompensationsKnowTheEffect() {
    String id = UUID.randomUUID().toString();
    MDC.put("request", "7");
    Throwable failure = run(id);
    assertThat(failure).hasMessageContaining("undo it");
    assertThat(seen.keySet())
        .containsExactlyInAnyOrder(
            "body", "one", "left", "two", "three", "undo one", "undo two", "undo three");
    assertThat(seen.values()).containsOnly("mdc/" + id + " " + new EffectId("mdc", id).uuid());
    assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("request", "7"));
  }

  @Test
  void theCorrelationIdOfTheApplicationStays() {
    String id = UUID.randomUUID().toString();
    MDC.put(Logs.CORRELATION_ID, "request-7");
    run(id);
    assertThat(seen.values()).hasSize(8).containsOnly("mdc/" + id + " request-7");
    assertThat(MDC.get(Logs.CORRELATION_ID)).isEqualTo("request-7");
    assertThat(MDC.get(Logs.EFFECT_ID)).isNull();
  }

  /** The lease is taken away under the running body, and another process recovers in a thread that knows nothing. */
  @Test
  void recoveryKnowsTheEffect() {
    String id = UUID.randomUUID().toString();
    EffectHandler<String, String> handler = EffectHandler.of("mdc.lost", String.class, String.class)
        .perform((context, request) -> request)
        .compensate((context, request, response) -> look("recovered"));
    holdfast.effects().register(handler);
    try (Holdfast other = open()) {
      other.effects().register(handler);
      Throwable failure = catchThrowable(() -> holdfast.effects().run("mdc", id, effect -> {
        effect.perform(handler, "one");
        // The outcome of one operation is durable with the intent of the next.
        effect.perform(handler, "two");
        EffectTables.expireLeases(database, "t.id = '%s'".formatted(id));
        Thread recovery = new Thread(() -> other.effects().recover());
        recovery.start();
        recovery.join();
        return effect.perform(handler, "three");
      }));
      assertThat(failure).isInstanceOf(StaleLeaseException.class);
    }
    assertThat(seen)
        .isEqualTo(Map.of("recovered", "mdc/" + id + " " + new EffectId("mdc", id).uuid()));
  }

  @Test
  void aConsumerKnowsTheTransactionWhoseChangesItHandles() {
    String namespace = UUID.randomUUID().toString();
    AtomicReference<String> transaction = new AtomicReference<>("");
    try (Subscription subscription = holdfast
        .changes()
        .subscribe("mdc", ChangeFilter.all().namespace(namespace), change -> {
          look("consumer");
          transaction.set(change.transactionId().toString());
        })) {
      holdfast.state(namespace, "s").set("k", json(1));
      await().atMost(Duration.ofSeconds(60)).until(() -> subscription.delivered() == 1);
    }
    assertThat(seen.get("consumer")).endsWith(" " + transaction.get());
  }
}
