package dev.holdfast.benchmarks.effects;

import dev.holdfast.benchmarks.writes.Schema;
import dev.holdfast.effect.Effects;
import dev.holdfast.effect.handler.EffectHandler;
import dev.holdfast.store.StateStore;
import javax.sql.DataSource;

/** An effect transaction of remote operations, as a user runs it: with intents, a lease, and recovery in the background. */
final class HoldfastEffects implements WorkflowStore {

  private final Schema schema;
  private final StateStore states;
  private final Effects effects;

  HoldfastEffects(DataSource pool, Schema schema) {
    this.schema = schema;
    this.states = StateStore.builder(pool).schema(schema.name()).build();
    this.effects = Effects.builder(states, pool).schema(schema.name()).build();
    effects.register(EffectHandler.of("benchmark.answer", Integer.class, String.class)
        .perform((context, number) -> WorkflowStore.answer(number))
        .compensate((context, number, answer) -> {}));
  }

  @Override
  public String run(String id) {
    return effects.run("benchmark", id, effect -> {
      StringBuilder result = new StringBuilder();
      for (int number = 0; number < OPERATIONS; number++) {
        result.append(effect.<String>perform("benchmark.answer", number));
      }
      return result.toString();
    });
  }

  @Override
  public String written() {
    return schema.in("SELECT count(*) FROM {schema}.effect_transaction WHERE status = 'committed'");
  }

  @Override
  public void close() {
    effects.close();
    states.close();
  }
}
