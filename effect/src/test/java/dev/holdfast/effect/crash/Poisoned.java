package dev.holdfast.effect.crash;

import dev.holdfast.effect.Effects;
import dev.holdfast.effect.crash.Agency.Booking;
import dev.holdfast.effect.crash.Agency.Journey;
import dev.holdfast.effect.crash.Agency.Wish;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.store.StateStore;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * A process that begins an effect transaction whose body ends every process in which it runs, or recovers what others began.
 *
 * <p>Arguments: JDBC URL, user, password, id, {@code begin} or {@code recover}.
 */
final class Poisoned {

  static final int RECOVERIES = 2;

  private Poisoned() {}

  public static void main(String[] arguments) {
    DataSource dataSource = Traveller.dataSource(arguments[0], arguments[1], arguments[2]);
    try (StateStore store = StateStore.builder(dataSource).build();
        Effects effects = Effects.builder(store, dataSource)
            .withoutRecovery()
            .lease(Duration.ofMinutes(10))
            .build()) {
      new Agency(dataSource, point -> {}).register(effects);
      EffectDefinition<Journey, String> definition = definition();
      effects.define(definition);
      if (arguments[4].equals("begin")) {
        effects.run(definition, arguments[3], new Journey(arguments[3], false));
      } else {
        System.out.println("recovered " + effects.recover());
      }
    }
    System.out.println("over");
  }

  static EffectDefinition<Journey, String> definition() {
    return EffectDefinition.<Journey, String>of("poisoned", Journey.class, (effect, journey) -> {
          Booking flight = effect.perform("flight", new Wish("flight"));
          effect.step("remember", tx -> {});
          System.out.println("dies");
          System.out.flush();
          Runtime.getRuntime().halt(0);
          return flight.item();
        })
        .maxRecoveries(RECOVERIES);
  }
}
