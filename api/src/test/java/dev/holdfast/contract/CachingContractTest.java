package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cache.CachePolicy;
import dev.holdfast.contract.caching.ComputeCacheSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CachingContractTest {

  private static ComputeCacheSettings settings(String field, @Nullable Object value) {
    return TestingContracts.with(CachingContract.class, "compute_cache." + field, value)
        .computeCache();
  }

  private static boolean isRefused(String field, Object value) {
    return TestingContracts.violations(() -> settings(field, value)).stream()
        .anyMatch(violation -> violation.path().equals("caching.compute_cache." + field));
  }

  @Test
  void hasTheDefaultsOfTheOriginal() {
    assertThat(Contract.defaults(CachingContract.class).computeCache())
        .isEqualTo(new ComputeCacheSettings(128, 3600, CachePolicy.LRU, true));
  }

  @Test
  void sizeAndLifeHaveBounds() {
    assertThat(settings("max_size", 1).maxSize()).isEqualTo(1);
    assertThat(settings("max_size", 10_000).maxSize()).isEqualTo(10_000);
    assertThat(settings("ttl_seconds", 1).ttlSeconds()).isEqualTo(1);
    assertThat(settings("ttl_seconds", 86_400).ttlSeconds()).isEqualTo(86_400);
    assertThat(settings("ttl_seconds", null).ttlSeconds()).isNull();
    assertThat(isRefused("max_size", 0)).isTrue();
    assertThat(isRefused("max_size", 10_001)).isTrue();
    assertThat(isRefused("ttl_seconds", 0)).isTrue();
  }

  @Test
  void takesItsPoliciesAndNoOther() {
    for (String policy : List.of("lru", "lfu", "fifo", "adaptive")) {
      assertThat(settings("eviction_policy", policy).evictionPolicy()).hasToString(policy);
    }
    assertThat(isRefused("eviction_policy", "LRU")).isTrue();
    assertThat(isRefused("eviction_policy", "arc")).isTrue();
  }

  @Test
  void minutesAreWhole() {
    assertThat(settings("ttl_seconds", 3600).ttlMinutes()).hasValue(60);
    assertThat(settings("ttl_seconds", 1800).ttlMinutes()).hasValue(30);
    assertThat(settings("ttl_seconds", 90).ttlMinutes()).hasValue(1);
    assertThat(settings("ttl_seconds", 30).ttlMinutes()).hasValue(0);
    assertThat(settings("ttl_seconds", null).ttlMinutes()).isEmpty();
  }
}
