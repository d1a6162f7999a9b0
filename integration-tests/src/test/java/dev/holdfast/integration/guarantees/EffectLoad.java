package dev.holdfast.integration.guarantees;

import dev.holdfast.Holdfast;
import dev.holdfast.effect.EffectFailedException;
import dev.holdfast.effect.EffectRollbackException;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * Threads that run one effect transaction after the other until they are stopped: one to four postings, a step, and some that give up at
 * the end. Remembers what each caller was told. Safe for use by multiple threads.
 */
final class EffectLoad {

  static final String NAME = "load";

  private static final int PERCENT_GIVING_UP = 25;
  private static final String NOBODY_KNOWS = "nobody knows";

  private final Holdfast holdfast;
  private final OutsideLedger ledger;
  private final AtomicInteger next = new AtomicInteger();
  private final Map<String, String> told = new ConcurrentHashMap<>();
  private final List<Throwable> surprises = new ArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private volatile boolean isStopped;

  EffectLoad(Holdfast holdfast, OutsideLedger ledger) {
    this.holdfast = holdfast;
    this.ledger = ledger;
  }

  void start(int threads) {
    for (int i = 0; i < threads; i++) {
      Thread worker = new Thread(this::runUntilStopped, "effects-" + i);
      workers.add(worker);
      worker.start();
    }
  }

  private void runUntilStopped() {
    try {
      while (!isStopped) {
        String id = String.valueOf(next.incrementAndGet());
        told.put(id, run(id));
      }
    } catch (RuntimeException | Error e) {
      synchronized (surprises) {
        surprises.add(e);
      }
    }
  }

  /** What the journal must say about it, or that nobody knows. */
  private String run(String id) {
    try {
      holdfast.effects().run(NAME, id, effect -> {
        int postings = 1 + ledger.percent("postings", id) % 4;
        for (int i = 0; i < postings; i++) {
          effect.perform(OutsideLedger.POST, i);
        }
        effect.step("total", tx -> tx.state("load", id).set("total", Json.json(postings)));
        if (ledger.percent("give up", id) < PERCENT_GIVING_UP) {
          throw new IllegalStateException("gave up");
        }
        return postings;
      });
      return "committed";
    } catch (EffectFailedException e) {
      return "rolled_back";
    } catch (EffectRollbackException e) {
      return "rollback_failed";
    } catch (HoldfastException e) {
      return NOBODY_KNOWS;
    }
  }

  void awaitTold(int more) {
    int least = told.size() + more;
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> told.size() >= least || !surprises().isEmpty());
  }

  void stop() throws InterruptedException {
    isStopped = true;
    for (Thread worker : workers) {
      worker.join();
    }
  }

  List<Throwable> surprises() {
    synchronized (surprises) {
      return List.copyOf(surprises);
    }
  }

  /** By id, how it ended for those whose callers were told so. */
  Map<String, String> outcomes() {
    Map<String, String> outcomes = new ConcurrentHashMap<>(told);
    outcomes.values().removeIf(NOBODY_KNOWS::equals);
    return outcomes;
  }

  int runs() {
    return told.size();
  }
}
