package dev.holdfast.benchmarks.history;

import dev.holdfast.benchmarks.Bench;
import dev.holdfast.benchmarks.Suite;

/** What it costs that everything is kept: the log of writing it, and the time of reading it back. Stateless. */
public final class HistorySuite implements Suite {

  @Override
  public String name() {
    return "history";
  }

  @Override
  public String description() {
    return "a conversation in the write-ahead log, and reads of the past";
  }

  @Override
  public void run(Bench bench) {
    try (Stores stores = new Stores(bench.database())) {
      int defaultDeltas = stores.defaultDeltas();
      new ConversationWal(bench, stores, defaultDeltas).run();
      new ConversationReads(bench, stores, defaultDeltas).run();
    }
    try (Stores stores = new Stores(bench.database())) {
      new LongHistory(bench, stores).run();
    }
  }
}
