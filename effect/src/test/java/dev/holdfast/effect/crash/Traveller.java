package dev.holdfast.effect.crash;

import dev.holdfast.effect.Effects;
import dev.holdfast.effect.crash.Agency.Journey;
import dev.holdfast.effect.definition.EffectDefinition;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateStore;
import java.time.Duration;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A process that runs one effect transaction and dies at a point.
 *
 * <p>Arguments: JDBC URL, user, password, id, whether the body fails, the fatal point (0 for none), the name of a {@link Sabotage}, the
 * lease in milliseconds, whether it is run by its definition.
 */
final class Traveller {

  private Traveller() {}

  public static void main(String[] arguments) {
    String id = arguments[3];
    Points points = new Points(Integer.parseInt(arguments[5]));
    DataSource plain = dataSource(arguments[0], arguments[1], arguments[2]);
    DataSource tapped = TappedDataSource.on(plain, points, Sabotage.valueOf(arguments[6]));
    try (StateStore store = StateStore.builder(tapped).build();
        Effects effects = Effects.builder(store, tapped)
            .withoutRecovery()
            .lease(Duration.ofMillis(Long.parseLong(arguments[7])))
            .build()) {
      new Agency(plain, points::pass).register(effects);
      points.pass("start");
      run(
          effects,
          new Journey(id, Boolean.parseBoolean(arguments[4])),
          Boolean.parseBoolean(arguments[8]));
      points.pass("end");
    }
    System.out.println("over");
  }

  private static void run(Effects effects, Journey journey, boolean defined) {
    try {
      System.out.println("result " + (defined ? go(effects, journey) : plain(effects, journey)));
    } catch (HoldfastException e) {
      System.out.println("result " + e.code());
    }
  }

  private static String plain(Effects effects, Journey journey) {
    return effects.run("trip", journey.id(), Agency.body(journey.id(), journey.fails()));
  }

  private static String go(Effects effects, Journey journey) {
    EffectDefinition<Journey, String> definition = Agency.definition();
    return effects.define(definition).run(definition, journey.id(), journey);
  }

  static DataSource dataSource(String url, String user, String password) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(url);
    dataSource.setUser(user);
    dataSource.setPassword(password);
    return dataSource;
  }

  /** What is taken away from the journal, to see that it is missed. */
  enum Sabotage implements UnaryOperator<String> {
    NONE {
      @Override
      public String apply(String sql) {
        return sql;
      }
    },
    /** Nobody writes down what is about to be done. */
    WITHOUT_INTENT {
      @Override
      public String apply(String sql) {
        return sql.replace(
            "AS i (position, kind, name, request)",
            "AS i (position, kind, name, request) WHERE false");
      }
    },
    /** Whoever lost the lease writes all the same, also what was written before. */
    WITHOUT_FENCE {
      @Override
      public String apply(String sql) {
        return sql.replace(
                "WHERE t.effect_id = ? AND t.epoch = ? AND t.revision = ?",
                "WHERE t.effect_id = ? AND (t.epoch = ? OR true) AND (t.revision = ? OR true)")
            .replace("AND t.epoch = l.epoch AND t.leased_until IS NOT NULL", "")
            .replace(
                "AS i (position, kind, name, request)",
                "AS i (position, kind, name, request) ON CONFLICT DO NOTHING");
      }
    }
  }
}
