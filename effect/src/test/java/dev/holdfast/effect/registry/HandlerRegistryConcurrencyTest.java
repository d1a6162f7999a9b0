package dev.holdfast.effect.registry;

import static dev.holdfast.effect.registry.TestingCandidates.candidate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.holdfast.testkit.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Many threads use one registry at the same time. */
final class HandlerRegistryConcurrencyTest {

  private final HandlerRegistry registry = new HandlerRegistry();

  /** What each thread returned; all begin at the same moment. */
  private static <T> List<T> together(int threads, IntFunction<T> work) {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CyclicBarrier barrier = new CyclicBarrier(threads);
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        running.add(executor.submit(() -> {
          barrier.await(30, TimeUnit.SECONDS);
          return work.apply(thread);
        }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get(30, TimeUnit.SECONDS));
      }
      return results;
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      executor.shutdownNow();
    }
  }

  private void register(int threads, int each) {
    together(threads, thread -> {
      for (int i = 0; i < each; i++) {
        registry.register(candidate("name." + thread + "." + i, "p"));
      }
      return thread;
    });
  }

  private List<Long> numbers() {
    return registry.listActive().stream()
        .flatMap(candidate -> registry.explain(candidate.name()).places().stream())
        .map(Ranking.Place::registered)
        .sorted()
        .toList();
  }

  @Test
  void tenThreadsRegisterAThousandNames() {
    register(10, 100);
    assertThat(registry.listActive()).hasSize(1000);
    assertThat(registry.listShadowed()).isEmpty();
  }

  @Test
  void twentyThreadsStandForOneName() {
    together(20, thread -> {
      registry.register(candidate("name", "p" + thread).priority(thread));
      return thread;
    });
    assertThat(registry.explain("name").places()).hasSize(20);
    assertThat(registry.getRequired("name").priority()).isEqualTo(19);
  }

  @Test
  void numbersHaveNeitherGapsNorDoubles() {
    register(20, 50);
    assertThat(numbers())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 1000).boxed().toList());
  }

  @Test
  void eightThreadsGetTheNumbersToTwoHundred() {
    register(8, 25);
    assertThat(numbers())
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 200).boxed().toList());
  }

  @Test
  void fiftyThreadsResolveTheVerySame() {
    Candidate one = candidate("name", "p");
    registry.register(one);
    assertThat(together(50, thread -> registry.getRequired("name")))
        .hasSize(50)
        .allSatisfy(found -> assertThat(found).isSameAs(one));
  }

  @Test
  void thirtyThreadsListTen() {
    register(1, 10);
    assertThat(together(30, thread -> registry.listActive().size())).containsOnly(10);
  }

  @Test
  void twentyThreadsExplainTheSame() {
    for (int i = 0; i < 5; i++) {
      registry.register(candidate("name", "p" + i).priority(i));
    }
    Set<Ranking> rankings = new HashSet<>(together(20, thread -> registry.explain("name")));
    assertThat(rankings).hasSize(1);
    assertThat(rankings.iterator().next().places()).hasSize(5);
  }

  @Test
  void everyThreadResolvesItsOwn() {
    List<Boolean> own = together(10, thread -> {
      boolean all = true;
      for (int i = 0; i < 10; i++) {
        String name = "name." + thread + "." + i;
        registry.register(candidate(name, "p" + thread));
        all &= registry.getRequired(name).provider().equals("p" + thread);
      }
      return all;
    });
    assertThat(own).containsOnly(true);
    assertThat(registry.listActive()).hasSize(100);
  }

  @Test
  void mixedOperationsAlwaysSeeAWholeRegistry() {
    long seed = Seed.next("registry-mix");
    int rounds = 100;
    List<Integer> added = together(20, thread -> {
      Random random = new Random(seed + thread);
      int registered = 0;
      for (int i = 0; i < rounds; i++) {
        switch (random.nextInt(5)) {
          case 0 -> {
            registry.register(candidate("name", thread + "-" + i).priority(random.nextInt(5)));
            registered++;
          }
          case 1 -> {
            Ranking ranking = registry.explain("name");
            assertThat(ranking.active().isPresent()).isEqualTo(!ranking.places().isEmpty());
            assertThat(ranking.places().stream().filter(Ranking.Place::active).count())
                .isLessThanOrEqualTo(1);
          }
          case 2 -> assertThat(registry.listActive().size()).isLessThanOrEqualTo(1);
          case 3 ->
            registry.resolve("name").ifPresent(found -> assertThat(found.name()).isEqualTo("name"));
          default -> registered -= registry.unregister("name", thread + "-" + (i - 1)) ? 1 : 0;
        }
      }
      return registered;
    });
    int expected = added.stream().mapToInt(Integer::intValue).sum();
    assertThat(registry.explain("name").places()).hasSize(expected);
    assertThat(expected).isGreaterThan(50);
  }

  @Test
  void aListenerMayUseTheRegistryAndNothingHangs() {
    registry.addListener(change -> {
      if (change.candidate().provider().equals("outer")) {
        registry.register(candidate(change.candidate().name(), "inner").priority(1));
        registry.resolve(change.candidate().name());
      }
    });
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
      together(4, thread -> {
        registry.register(candidate("name." + thread, "outer"));
        return thread;
      });
    });
    assertThat(registry.listActive())
        .hasSize(4)
        .allSatisfy(found -> assertThat(found.provider()).isEqualTo("inner"));
  }
}
