package dev.holdfast.effect.crash;

import dev.holdfast.effect.EffectBody;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.effect.handler.EffectContext;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.effect.handler.Reconciliation;
import dev.holdfast.store.json.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * The outside world of the crash tests: bookings in tables of its own, through connections of its own. It writes down every call, and a
 * booking is made once for each idempotency key.
 */
final class Agency {

  static final String TABLES = """
      CREATE TABLE IF NOT EXISTS booking (key text PRIMARY KEY, item text NOT NULL, cancelled boolean NOT NULL DEFAULT false);
      CREATE TABLE IF NOT EXISTS call (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL, what text NOT NULL, key text NOT NULL,
        epoch bigint NOT NULL);
      GRANT ALL ON booking, call TO PUBLIC""";

  private final DataSource dataSource;
  private final Consumer<String> points;

  /**
   * An agency.
   *
   * @param points is told of every point that a call passes
   */
  Agency(DataSource dataSource, Consumer<String> points) {
    this.dataSource = dataSource;
    this.points = points;
  }

  record Wish(String item) {}

  record Booking(String item, String key) {}

  void register(Effects effects) {
    effects.register(handler("flight")).register(handler("hotel"));
  }

  private EffectHandler<Wish, Booking> handler(String name) {
    return EffectHandler.of(name, Wish.class, Booking.class)
        .perform((context, wish) -> {
          call("book", wish.item(), context);
          run(
              "INSERT INTO booking (key, item) VALUES (?, ?) ON CONFLICT DO NOTHING",
              context.idempotencyKey(),
              wish.item());
          points.accept("booked " + wish.item());
          return new Booking(wish.item(), context.idempotencyKey());
        })
        .reconcile((context, wish) -> {
          call("look", wish.item(), context);
          return isBooked(context.idempotencyKey())
              ? Reconciliation.done(new Booking(wish.item(), context.idempotencyKey()))
              : Reconciliation.notDone();
        })
        .compensate((context, wish, booking) -> {
          call("cancel", wish.item(), context);
          run("UPDATE booking SET cancelled = true WHERE key = ?", booking.key());
          points.accept("cancelled " + wish.item());
        });
  }

  private void call(String what, String item, EffectContext context) throws SQLException {
    points.accept("entered " + what + " " + item);
    run(
        "INSERT INTO call (id, what, key, epoch) VALUES (?, ?, ?, ?::bigint)",
        context.effect().id(),
        what + " " + item,
        context.idempotencyKey(),
        String.valueOf(context.epoch()));
  }

  private void run(String sql, String... parameters) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      statement.executeUpdate();
    }
  }

  private boolean isBooked(String key) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT 1 FROM booking WHERE key = ?")) {
      statement.setString(1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /**
   * The same as a definition, with which recovery goes on.
   *
   * @param id of the effect transaction
   * @param fails whether it throws when all is done
   */
  record Journey(String id, boolean fails) {}

  static EffectDefinition<Journey, String> definition() {
    return EffectDefinition.of(
        "trip",
        Journey.class,
        (effect, journey) -> body(journey.id(), journey.fails()).run(effect));
  }

  /**
   * Two remote operations, a step and a scope.
   *
   * @param fails whether it throws when all is done
   */
  static EffectBody<String> body(String id, boolean fails) {
    return effect -> {
      Booking flight = effect.perform("flight", new Wish("flight"));
      effect.step("remember", tx -> tx.state("trips", id).set("flight", Json.json(flight.key())));
      Booking hotel = effect.scope("stay", inner -> inner.perform("hotel", new Wish("hotel")));
      if (fails) {
        throw new IllegalStateException("changed my mind");
      }
      return flight.item() + "+" + hotel.item();
    };
  }
}
