package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.breaker.BreakerPhase;
import dev.holdfast.effect.breaker.BreakerState;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.HandlerLifecycle;
import dev.holdfast.effect.handler.HandlerSettings;
import dev.holdfast.effect.handler.Perform;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the contracts drive in effect transactions, seen from outside. */
@HoldfastTest
class EffectContractTest {

  private final TestDatabase database;
  private final List<String> calls = new CopyOnWriteArrayList<>();

  EffectContractTest(TestDatabase database) {
    this.database = database;
  }

  private Holdfast open(Map<String, Map<String, ?>> contracts) {
    return Holdfast.builder()
        .dataSource(database.dataSource())
        .contracts(Contracts.of(contracts))
        .build();
  }

  private Holdfast open(String field, Object value) {
    return open(Map.of("effect_handler", Map.of(field, value)));
  }

  private static <T> T run(Holdfast holdfast, EffectBody<T> body) {
    return holdfast.effects().run("contract", UUID.randomUUID().toString(), body);
  }

  private static String call(Holdfast holdfast, String handler) {
    return run(holdfast, effect -> effect.perform(handler, "request"));
  }

  private static EffectHandler<String, String> handler(String name, Perform<String, String> work) {
    return EffectHandler.of(name, String.class, String.class)
        .perform(work)
        .compensate((context, request) -> {});
  }

  private EffectHandler<String, String> failing(String name, Exception failure) {
    return handler(name, (context, request) -> {
      calls.add(name);
      throw failure;
    });
  }

  @Test
  @Drives("effect_handler.enable_handler_validation")
  void validationCanBeSwitchedOff() {
    EffectHandler<String, String> picky = handler("picky", (context, request) -> "done")
        .validateRequest(request -> {
          throw new IllegalArgumentException("never good");
        });
    for (boolean enabled : List.of(true, false)) {
      try (Holdfast holdfast = open("enable_handler_validation", enabled)) {
        holdfast.effects().register(picky);
        if (enabled) {
          assertThatThrownBy(() -> call(holdfast, "picky")).hasMessageContaining("never good");
        } else {
          assertThat(call(holdfast, "picky")).isEqualTo("done");
        }
      }
    }
  }

  @Test
  @Drives("effect_handler.enable_handler_lifecycle")
  void lifecyclesCanBeSwitchedOff() {
    HandlerLifecycle lifecycle = new HandlerLifecycle() {
      @Override
      public void start() {
        calls.add("start");
      }

      @Override
      public void stop() {
        calls.add("stop");
      }
    };
    for (boolean enabled : List.of(false, true)) {
      try (Holdfast holdfast = open("enable_handler_lifecycle", enabled)) {
        holdfast
            .effects()
            .register(handler("living", (context, request) -> "done").lifecycle(lifecycle));
        call(holdfast, "living");
      }
      assertThat(calls).isEqualTo(enabled ? List.of("start", "stop") : List.of());
    }
  }

  @Test
  @Drives("effect_handler.max_concurrent_handlers")
  void noMoreHandlersRunAtOnceThanTheContractSays() throws InterruptedException {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Perform<String, String> work = (context, request) -> {
      most.accumulateAndGet(now.incrementAndGet(), Math::max);
      TimeUnit.MILLISECONDS.sleep(50);
      now.decrementAndGet();
      return "done";
    };
    try (Holdfast holdfast = open("max_concurrent_handlers", 1)) {
      holdfast.effects().register(handler("one", work)).register(handler("two", work));
      Thread other = new Thread(() -> call(holdfast, "two"));
      other.start();
      call(holdfast, "one");
      other.join();
      assertThat(holdfast.effects().metrics().committed()).isEqualTo(2);
    }
    assertThat(most.get()).isEqualTo(1);
  }

  @Test
  @Drives("effect_handler.handler_timeout_ms")
  void aHandlerMayTakeAsLongAsTheContractSays() {
    try (Holdfast holdfast = open(Map.of(
        "effect_handler", Map.of("handler_timeout_ms", 1000), "retry", Map.of("max_retries", 0)))) {
      holdfast.effects().register(handler("slow", (context, request) -> {
        TimeUnit.SECONDS.sleep(60);
        return "never";
      }));
      assertThatThrownBy(() -> call(holdfast, "slow"))
          .isInstanceOf(EffectFailedException.class)
          .hasMessageContaining("not done within PT1S");
    }
  }

  private static final Map<String, ?> QUICK =
      Map.of("max_retries", 2, "base_delay_seconds", 0.1, "jitter_enabled", false);

  @Test
  void handlersAreRetriedAsTheRetryContractSays() {
    try (Holdfast holdfast = open(Map.of("retry", QUICK))) {
      holdfast
          .effects()
          .register(failing("down", new ConnectException("refused")))
          .register(failing("wrong", new IllegalStateException("wrong")))
          .register(failing("once", new SocketTimeoutException("slow")).retry(RetryPolicy.never()));
      for (String handler : List.of("down", "wrong", "once")) {
        assertThatThrownBy(() -> call(holdfast, handler)).isInstanceOf(EffectFailedException.class);
      }
    }
    assertThat(calls).containsExactly("down", "down", "down", "wrong", "once");
  }

  @Test
  void compensationsAreRetriedAsTheRetryContractSays() {
    try (Holdfast holdfast = open(Map.of("retry", QUICK))) {
      holdfast
          .effects()
          .register(handler("done", (context, request) -> "done").compensate((context, request) -> {
            calls.add("undo " + context.attempt());
            if (context.attempt() < 3) {
              throw new SocketTimeoutException("slow");
            }
          }));
      assertThatThrownBy(() -> run(holdfast, effect -> {
            effect.perform("done", "request");
            throw new IOException("changed my mind");
          }))
          .isInstanceOf(EffectFailedException.class);
      assertThat(holdfast.effects().rollbackFailures().open()).isEmpty();
    }
    assertThat(calls).containsExactly("undo 1", "undo 2", "undo 3");
  }

  private BreakerPhase phaseAfter(int failures, Map<String, Map<String, ?>> contracts) {
    String name = "breaking-" + UUID.randomUUID();
    try (Holdfast holdfast = open(contracts)) {
      holdfast.effects().register(failing(name, new IllegalStateException("down")));
      for (int i = 0; i < failures; i++) {
        assertThatThrownBy(() -> call(holdfast, name)).hasMessageContaining("down");
      }
      return holdfast.effects().breaker(name).map(BreakerState::phase).orElse(BreakerPhase.CLOSED);
    }
  }

  @Test
  void handlersHaveTheBreakerOfTheContract() {
    assertThat(phaseAfter(2, Map.of("circuit_breaker", Map.of("failure_threshold", 2))))
        .isEqualTo(BreakerPhase.OPEN);
    assertThat(phaseAfter(2, Map.of())).isEqualTo(BreakerPhase.CLOSED);
    assertThat(phaseAfter(5, Map.of())).isEqualTo(BreakerPhase.OPEN);
    assertThat(phaseAfter(5, Map.of("circuit_breaker", Map.of("enabled", false))))
        .isEqualTo(BreakerPhase.CLOSED);
    assertThat(phaseAfter(
            3,
            Map.of(
                "retry", Map.of("circuit_breaker_enabled", true, "circuit_breaker_threshold", 3))))
        .isEqualTo(BreakerPhase.OPEN);
  }

  @Test
  void stepsRunAsTheTransactionContractSays() {
    try (Holdfast holdfast =
        open(Map.of("transaction", Map.of("isolation_level", "SERIALIZABLE")))) {
      String level = run(
          holdfast,
          effect -> effect.step("look", String.class, tx -> {
            try (Statement statement = tx.connection().createStatement();
                ResultSet row = statement.executeQuery("SHOW transaction_isolation")) {
              row.next();
              return row.getString(1);
            }
          }));
      assertThat(level).isEqualTo("serializable");
    }
    try (Holdfast holdfast = open(Map.of("transaction", Map.of("transaction_timeout_ms", 1000)))) {
      assertThatThrownBy(() -> run(
              holdfast,
              effect -> effect.step("sleep", String.class, tx -> {
                try (Statement statement = tx.connection().createStatement()) {
                  return String.valueOf(statement.execute("SELECT pg_sleep(20)"));
                }
              })))
          .hasStackTraceContaining("timeout");
    }
    try (Holdfast holdfast = open(Map.of("transaction", Map.of("transaction_enabled", false)))) {
      assertThatThrownBy(() -> run(holdfast, effect -> {
            effect.step("note", tx -> {});
            return "done";
          }))
          .hasMessageContaining("switched off");
    }
  }

  @Test
  void theBuilderWinsOverTheContracts() {
    try (Holdfast holdfast = Holdfast.builder()
        .dataSource(database.dataSource())
        .contracts(Contracts.of(Map.of("retry", QUICK)))
        .effects(effects -> effects.handlers(HandlerSettings.defaults()))
        .build()) {
      holdfast.effects().register(failing("down", new ConnectException("refused")));
      assertThatThrownBy(() -> call(holdfast, "down")).isInstanceOf(EffectFailedException.class);
    }
    assertThat(calls).containsExactly("down");
  }
}
