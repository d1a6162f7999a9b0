package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.contract.CachingContract;
import dev.holdfast.contract.Contract;
import dev.holdfast.contract.Drives;
import dev.holdfast.logging.Logs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What is loaded at the start, and in which order. */
public class WarmUpTest {

  private final TestingStates states = new TestingStates();
  private final List<String> ends = new ArrayList<>();

  private WarmUp warmUp(int batch, String... sources) {
    CachingContract contract = Contract.of(
        CachingContract.class,
        Map.of(
            "warm_up_enabled",
            true,
            "warm_up_sources",
            List.of(sources),
            "warm_up_batch_size",
            batch));
    return new WarmUp(contract, states, Logs.standard().of(WarmUp.class), () -> ends.add("end"));
  }

  /** The states a0 to a4 of the namespace a; it is full when so many are loaded. */
  private static final class TestingStates implements WarmUp.States {

    private final NavigableSet<String> names = new TreeSet<>(List.of("a0", "a1", "a2", "a3", "a4"));
    private final List<String> calls = new ArrayList<>();
    private int room = 100;

    @Override
    public boolean await(String namespace) {
      return true;
    }

    @Override
    public Collection<String> names(String namespace, String after, int limit) {
      calls.add("names behind '" + after + "'");
      return names.tailSet(after, false).stream().limit(limit).toList();
    }

    @Override
    public boolean load(String namespace, String name) {
      calls.add(name);
      room--;
      return names.contains(name);
    }

    @Override
    public boolean isFull() {
      calls.add("?");
      return room <= 0;
    }
  }

  @Test
  @Drives("caching.warm_up_batch_size")
  void statesAreLookedUpInBatches() {
    warmUp(2, "a/*").load();
    assertThat(states.calls)
        .containsExactly(
            "names behind ''",
            "a0",
            "a1",
            "?",
            "names behind 'a1'",
            "a2",
            "a3",
            "?",
            "names behind 'a3'",
            "a4",
            "?");
    states.calls.clear();
    warmUp(3, "a/a0", "a/a1", "a/a2", "a/a3").load();
    assertThat(states.calls).containsExactly("a0", "a1", "a2", "?", "a3", "?");
    assertThat(ends).hasSize(2);
  }

  @Test
  void nothingIsLoadedIntoAFullCache() {
    states.room = 2;
    warmUp(2, "a/*", "b/*", "a/a4").load();
    assertThat(states.calls).containsExactly("names behind ''", "a0", "a1", "?");
    assertThat(ends).hasSize(1);
  }

  @Test
  void whatIsMissingDoesNotEndIt() {
    warmUp(10, "a/never", "a/a4").load();
    assertThat(states.calls).containsExactly("never", "a4", "?");
  }

  @Test
  void nothingIsLoadedAfterTheEnd() {
    WarmUp closed = warmUp(2, "a/*", "a/a3");
    closed.close();
    closed.load();
    assertThat(states.calls).containsExactly("names behind ''");
  }
}
