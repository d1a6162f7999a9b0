package dev.holdfast.effect.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectId;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateStore;
import dev.holdfast.store.json.Json;
import dev.holdfast.testkit.HoldfastTest;
import dev.holdfast.testkit.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events are emitted, or their operation fails. */
@HoldfastTest
final class EventEmissionTest {

  private static final EmitEvent BOOKED = new EmitEvent("trip.booked", Json.json("trip-42"));
  private static final EmitEvent CANCELLED = new EmitEvent("trip.cancelled", Json.json("trip-42"));

  private final StateStore store;
  private final Effects effects;
  private final List<Emission> emitted = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final String id = UUID.randomUUID().toString();
  private final String key = new EffectId("work", id).uuid() + "/1";

  EventEmissionTest(TestDatabase database) {
    this.store = StateStore.builder(database.dataSource()).build();
    this.effects =
        Effects.builder(store, database.dataSource()).withoutRecovery().build();
    effects
        .register(EventEmission.emit(this::publish)
            .retry(RetryPolicy.builder()
                .maximumAttempts(2)
                .initialDelay(Duration.ZERO)
                .jitter(Duration.ZERO)
                .build()))
        .register(EventEmission.emitRetractable(this::publish));
  }

  /** Fails as often as told, after it has sent the event, as a broker whose answer is lost. */
  private void publish(Emission event) throws IOException {
    emitted.add(event);
    if (failures.getAndDecrement() > 0) {
      throw new IOException("no broker");
    }
  }

  @AfterEach
  void close() {
    effects.close();
    store.close();
  }

  private void run(String handler, Object request, boolean fails) {
    effects.run("work", id, effect -> {
      effect.perform(handler, request);
      if (fails) {
        throw new IllegalStateException("changed my mind");
      }
      return "done";
    });
  }

  @Test
  void anEventIsEmittedOnceWithItsId() {
    run(EventEmission.EMIT, BOOKED, false);
    run(EventEmission.EMIT, BOOKED, false);
    assertThat(emitted).containsExactly(new Emission(key, "trip.booked", Json.json("trip-42")));
  }

  @Test
  void anotherAttemptHasTheSameId() {
    failures.set(1);
    run(EventEmission.EMIT, BOOKED, false);
    assertThat(emitted).extracting(Emission::id).containsExactly(key, key);
  }

  @Test
  void whatCannotBeEmittedFailsLoudly() {
    failures.set(2);
    assertThatThrownBy(() -> run(EventEmission.EMIT, BOOKED, false))
        .isInstanceOf(EffectFailedException.class)
        .hasMessageContaining("no broker");
  }

  @Test
  void anEventStaysAndARetractionFollows() {
    assertThatThrownBy(() -> run(EventEmission.EMIT, BOOKED, true))
        .isInstanceOf(EffectFailedException.class);
    assertThat(emitted).hasSize(1);
    emitted.clear();
    String other = new EffectId("work", id + 2).uuid() + "/1";
    assertThatThrownBy(() -> effects.run("work", id + 2, effect -> {
          effect.perform(EventEmission.EMIT_RETRACTABLE, BOOKED.retractedBy(CANCELLED));
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOf(EffectFailedException.class);
    assertThat(emitted)
        .extracting(Emission::id, Emission::topic)
        .containsExactly(
            tuple(other, "trip.booked"), tuple(other + "/retraction", "trip.cancelled"));
  }

  @Test
  void whatMayHaveBeenEmittedIsRetracted() {
    failures.set(1);
    assertThatThrownBy(
            () -> run(EventEmission.EMIT_RETRACTABLE, BOOKED.retractedBy(CANCELLED), false))
        .isInstanceOf(EffectFailedException.class);
    assertThat(emitted)
        .extracting(Emission::topic)
        .containsExactly("trip.booked", "trip.cancelled");
  }

  @Test
  void aRetractionThatFailsIsARollbackFailure() {
    assertThatThrownBy(() -> effects.run("work", id, effect -> {
          effect.perform(EventEmission.EMIT_RETRACTABLE, BOOKED.retractedBy(CANCELLED));
          failures.set(1);
          throw new IllegalStateException("changed my mind");
        }))
        .isInstanceOf(EffectRollbackException.class);
    assertThat(effects.rollbackFailures().of("work", id)).hasSize(1);
  }

  @Test
  void aTopicIsNeeded() {
    assertThatThrownBy(() -> new EmitEvent("", Json.json(1))).isInstanceOf(HoldfastException.class);
  }
}
