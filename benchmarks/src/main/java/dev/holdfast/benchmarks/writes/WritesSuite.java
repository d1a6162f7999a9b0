package dev.holdfast.benchmarks.writes;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Suite;

/** How fast durable writes are, and what each asks of the server. Stateless. */
public final class WritesSuite implements Suite {

  @Override
  public String name() {
    return "writes";
  }

  @Override
  public String description() {
    return "durable writes under load, beside what one would write by hand";
  }

  @Override
  public void run(Bench bench) {
    Schema schema = Schema.create(bench.database());
    bench.database().quietly(() -> {
      new SetLoads(bench, schema).run();
      new UpdateLoads(bench, schema).run();
      new ConversationLoads(bench, schema).run();
    });
  }
}
