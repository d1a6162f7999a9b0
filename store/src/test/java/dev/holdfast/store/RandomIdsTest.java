package dev.holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Ids are random ones, and never the same twice. */
final class RandomIdsTest {

  private static final int THREADS = 8;
  private static final int IDS = 20_000;

  private final RandomIds ids = new RandomIds();

  @Test
  void theyAreRandomUuids() {
    long ones = 0;
    for (int i = 0; i < IDS; i++) {
      UUID id = ids.get();
      assertThat(id.version()).isEqualTo(4);
      assertThat(id.variant()).isEqualTo(2);
      ones +=
          Long.bitCount(id.getMostSignificantBits()) + Long.bitCount(id.getLeastSignificantBits());
    }
    // 122 random bits and two that are set; 6 standard deviations are 0.3.
    assertThat((double) ones / IDS).isBetween(62.7, 63.3);
  }

  @Test
  void noTwoThreadsGetTheSame() throws Exception {
    Set<UUID> all = ConcurrentHashMap.newKeySet();
    List<Callable<?>> takers = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      takers.add(() -> {
        for (int i = 0; i < IDS; i++) {
          all.add(ids.get());
        }
        return null;
      });
    }
    Concurrently.run(takers);
    assertThat(all).hasSize(THREADS * IDS);
    assertThat(new RandomIds().get()).isNotIn(all);
  }
}
