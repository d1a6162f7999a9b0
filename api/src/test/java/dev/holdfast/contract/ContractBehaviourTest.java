package dev.holdfast.contract;

import static dev.holdfast.contract.TestingContracts.contracts;
import static dev.holdfast.contract.TestingContracts.with;
import static dev.holdfast.contract.TestingContracts.write;
import static dev.holdfast.store.json.Json.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cache.CachePolicy;
import dev.holdfast.cache.ComputeCache;
import dev.holdfast.effect.breaker.BreakerPolicy;
import dev.holdfast.effect.retry.RetryPolicy;
import dev.holdfast.redaction.Redactor;
import dev.holdfast.store.cache.Announcements;
import dev.holdfast.store.cache.Eviction;
import dev.holdfast.store.cache.ReadCacheOptions;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.transaction.Isolation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What each field that drives something drives, seen from outside; the fields that need a database are in the integration tests. */
class ContractBehaviourTest {

  @TempDir
  private Path folder = Path.of("");

  private static Duration delay(RetryContract contract, int attempt) {
    return contract.policy().delayBefore(attempt, new SplittableRandom(1)).orElseThrow();
  }

  private static RetryContract retry(Map<String, ?> fields) {
    return Contract.of(RetryContract.class, fields);
  }

  @Test
  @Drives("retry.max_retries")
  void maxRetriesIsAttemptsAfterTheFirst() {
    assertThat(with(RetryContract.class, "max_retries", 0).policy().maximumAttempts())
        .isEqualTo(1);
    assertThat(Contract.defaults(RetryContract.class).policy().maximumAttempts())
        .isEqualTo(4);
  }

  @Test
  @Drives({"retry.base_delay_seconds", "retry.jitter_enabled"})
  void baseDelayIsTheFirstPause() {
    assertThat(delay(retry(Map.of("base_delay_seconds", 2.5, "jitter_enabled", false)), 2))
        .isEqualTo(Duration.ofMillis(2500));
    assertThat(delay(retry(Map.of("base_delay_seconds", 2.5)), 2))
        .isGreaterThan(Duration.ofMillis(2500));
  }

  @Test
  @Drives({"retry.backoff_strategy", "retry.backoff_multiplier"})
  void strategyAndMultiplierAreHowPausesGrow() {
    assertThat(thirdPause("fixed", 3)).isEqualTo(Duration.ofSeconds(1));
    assertThat(thirdPause("linear", 3)).isEqualTo(Duration.ofSeconds(5));
    assertThat(thirdPause("exponential", 3)).isEqualTo(Duration.ofSeconds(9));
    assertThat(thirdPause("exponential", 2)).isEqualTo(Duration.ofSeconds(4));
    assertThat(thirdPause("fibonacci", 3)).isEqualTo(Duration.ofSeconds(2));
    assertThat(thirdPause("random", 3)).isLessThanOrEqualTo(Duration.ofSeconds(9));
    assertThat(retry(Map.of("backoff_strategy", "random")).policy().strategy())
        .hasToString("RANDOM");
  }

  private static Duration thirdPause(String strategy, double multiplier) {
    return delay(
        retry(Map.of(
            "backoff_strategy",
            strategy,
            "backoff_multiplier",
            multiplier,
            "jitter_enabled",
            false)),
        4);
  }

  @Test
  @Drives("retry.max_delay_seconds")
  void maxDelayCapsPauses() {
    assertThat(delay(retry(Map.of("max_delay_seconds", 3, "max_retries", 50)), 40))
        .isLessThanOrEqualTo(Duration.ofSeconds(3));
    assertThat(delay(retry(Map.of("max_retries", 50)), 40)).isGreaterThan(Duration.ofSeconds(3));
  }

  @Test
  @Drives("retry.jitter_max_seconds")
  void jitterIsAsWideAsItSays() {
    RetryPolicy policy = retry(Map.of("jitter_max_seconds", 0.25)).policy();
    assertThat(policy.jitter()).isEqualTo(Duration.ofMillis(250));
    assertThat(retry(Map.of("jitter_max_seconds", 0)).policy().jitter()).isZero();
  }

  @Test
  @Drives("retry.retry_on_exceptions")
  void failuresAreRetriedByName() {
    RetryContract byDefault = Contract.defaults(RetryContract.class);
    assertThat(byDefault.isRetryable(new ConnectException())).isTrue();
    assertThat(byDefault.isRetryable(new SQLTransientConnectionException())).isTrue();
    assertThat(byDefault.isRetryable(new SocketTimeoutException())).isTrue();
    assertThat(byDefault.policy().isRetryable(new TimeoutException())).isTrue();
    assertThat(byDefault.isRetryable(new IllegalStateException(new TimeoutException())))
        .isTrue();
    assertThat(byDefault.isRetryable(new IllegalStateException())).isFalse();
    assertThat(byDefault.isRetryable(new IOException())).isFalse();
    RetryContract own =
        with(RetryContract.class, "retry_on_exceptions", List.of("java.io.IOException", "State"));
    assertThat(own.isRetryable(new ConnectException())).isTrue(); // a subclass
    assertThat(own.isRetryable(new TimeoutException())).isFalse();
    assertThat(with(RetryContract.class, "retry_on_exceptions", List.of("IllegalStateError"))
            .isRetryable(new IllegalStateException()))
        .isTrue();
    assertThat(with(RetryContract.class, "retry_on_exceptions", List.of("Exception"))
            .isRetryable(new StackOverflowError()))
        .isFalse();
  }

  private static final class HttpFailure extends RuntimeException implements StatusCode {
    private static final long serialVersionUID = 1L;
    private final int code;

    HttpFailure(int code) {
      this.code = code;
    }

    @Override
    public int statusCode() {
      return code;
    }
  }

  @Test
  @Drives("retry.retry_on_status_codes")
  void failuresAreRetriedByStatusCode() {
    RetryContract byDefault = Contract.defaults(RetryContract.class);
    assertThat(byDefault.isRetryable(new IllegalStateException(new HttpFailure(503))))
        .isTrue();
    assertThat(byDefault.isRetryable(new HttpFailure(404))).isFalse();
    RetryContract own = with(RetryContract.class, "retry_on_status_codes", List.of(404));
    assertThat(own.isRetryable(new HttpFailure(404))).isTrue();
    assertThat(own.isRetryable(new HttpFailure(503))).isFalse();
  }

  @Test
  @Drives({
    "retry.circuit_breaker_enabled",
    "retry.circuit_breaker_threshold",
    "retry.circuit_reset_timeout_seconds"
  })
  void aBreakerCanStandBeforeTheAttempts() {
    assertThat(Contract.defaults(RetryContract.class).breaker()).isEmpty();
    BreakerPolicy breaker = retry(Map.of(
            "circuit_breaker_enabled",
            true,
            "circuit_breaker_threshold",
            7,
            "circuit_reset_timeout_seconds",
            1.5))
        .breaker()
        .orElseThrow();
    assertThat(breaker.failureThreshold()).isEqualTo(7);
    assertThat(breaker.openDuration()).isEqualTo(Duration.ofMillis(1500));
  }

  private static BreakerPolicy breaker(String field, @Nullable Object value) {
    return with(CircuitBreakerContract.class, field, value).policy();
  }

  @Test
  @Drives({
    "circuit_breaker.enabled",
    "circuit_breaker.failure_threshold",
    "circuit_breaker.success_threshold",
    "circuit_breaker.timeout_seconds",
    "circuit_breaker.half_open_max_calls",
    "circuit_breaker.window_size_seconds",
    "circuit_breaker.failure_rate_threshold",
    "circuit_breaker.minimum_request_threshold"
  })
  void theBreakerHasTheNumbersOfTheContract() {
    assertThat(breaker("enabled", false).isEnabled()).isFalse();
    assertThat(breaker("enabled", true).isEnabled()).isTrue();
    assertThat(breaker("failure_threshold", 9).failureThreshold()).isEqualTo(9);
    assertThat(breaker("success_threshold", 9).successThreshold()).isEqualTo(9);
    assertThat(breaker("timeout_seconds", 9).openDuration()).isEqualTo(Duration.ofSeconds(9));
    assertThat(breaker("half_open_max_calls", 9).halfOpenPermits()).isEqualTo(9);
    assertThat(breaker("window_size_seconds", 90).windowSize()).isEqualTo(Duration.ofSeconds(90));
    assertThat(breaker("failure_rate_threshold", 0.9).failureRate()).hasValue(0.9);
    assertThat(breaker("minimum_request_threshold", 9).minimumCalls()).isEqualTo(9);
  }

  @Test
  @Drives({
    "circuit_breaker.slow_call_duration_threshold_ms",
    "circuit_breaker.slow_call_rate_threshold"
  })
  void slowCallsCountWhenTheContractSaysSo() {
    assertThat(breaker("enabled", true).slowCallDuration()).isEmpty();
    assertThat(breaker("slow_call_duration_threshold_ms", 900).slowCallDuration())
        .contains(Duration.ofMillis(900));
    BreakerPolicy both = Contract.of(
            CircuitBreakerContract.class,
            Map.of("slow_call_duration_threshold_ms", 900, "slow_call_rate_threshold", 0.9))
        .policy();
    assertThat(both.slowCallRate()).hasValue(0.9);
  }

  private static ComputeCache<Integer, Integer> cache(String field, @Nullable Object value) {
    return with(CachingContract.class, "compute_cache." + field, value)
        .computeCache()
        .newCache();
  }

  @Test
  @Drives({
    "caching.compute_cache.max_size",
    "caching.compute_cache.ttl_seconds",
    "caching.compute_cache.eviction_policy",
    "caching.compute_cache.enable_stats"
  })
  void theComputeCacheHasTheFourSettings() {
    assertThat(cache("max_size", 7).maximumSize()).isEqualTo(7);
    assertThat(cache("ttl_seconds", 59).timeToLive()).contains(Duration.ofSeconds(59));
    assertThat(cache("ttl_seconds", null).timeToLive()).isEmpty();
    for (CachePolicy policy : CachePolicy.values()) {
      assertThat(cache("eviction_policy", policy.toString()).policy()).isEqualTo(policy);
    }
    assertThat(cache("enable_stats", false).statistics().counts()).isEmpty();
    assertThat(cache("enable_stats", true).statistics().counts()).isPresent();
  }

  private static ReadCacheOptions reading(String field, Object value) {
    return contracts("caching", field, value).caching().readCache();
  }

  @Test
  @Drives({"caching.caching_enabled", "caching.max_memory_mb", "caching.entry_size_limit_kb"})
  void theCacheOfStatesHasThreeSettings() {
    assertThat(Contracts.defaults().caching().readCache().isEnabled()).isTrue();
    assertThat(reading("caching_enabled", false).isEnabled()).isFalse();
    assertThat(reading("max_memory_mb", 3).maximumWeight()).isEqualTo(3 << 20);
    assertThat(reading("entry_size_limit_kb", 5).maximumStateWeight()).isEqualTo(5 << 10);
  }

  @Test
  @Drives({
    "caching.cache_strategy",
    "caching.max_entries",
    "caching.invalidation_policy.ttl_seconds",
    "caching.invalidation_policy.max_idle_seconds",
    "caching.invalidation_policy.batch_invalidation",
    "caching.metrics_enabled",
    "caching.detailed_metrics"
  })
  void theCacheOfStatesKeepsWhatTheContractSays() {
    ReadCacheOptions byDefault = Contracts.defaults().caching().readCache();
    assertThat(byDefault.eviction()).isEqualTo(Eviction.LRU);
    assertThat(reading("cache_strategy", "adaptive").eviction()).isEqualTo(Eviction.ADAPTIVE);
    assertThat(byDefault.maximumStates()).isEqualTo(10_000);
    assertThat(reading("max_entries", 7).maximumStates()).isEqualTo(7);
    assertThat(byDefault.timeToLive()).contains(Duration.ofMinutes(5));
    assertThat(reading("invalidation_policy", Map.of("ttl_seconds", 5)).timeToLive())
        .contains(Duration.ofSeconds(5));
    assertThat(byDefault.maximumIdle()).contains(Duration.ofMinutes(10));
    assertThat(reading("invalidation_policy", Map.of("max_idle_seconds", 5)).maximumIdle())
        .contains(Duration.ofSeconds(5));
    assertThat(byDefault.announcements()).isEqualTo(Announcements.WHILE_CACHING);
    assertThat(
            reading("invalidation_policy", Map.of("batch_invalidation", true)).announcements())
        .isEqualTo(Announcements.NEVER);
    assertThat(byDefault.isCounting()).isTrue();
    assertThat(reading("metrics_enabled", false).isCounting()).isFalse();
    assertThat(byDefault.isCountingNamespaces()).isFalse();
    assertThat(reading("detailed_metrics", true).isCountingNamespaces()).isTrue();
  }

  @Test
  @Drives({"logging.enable_log_redaction", "logging.sensitive_field_patterns"})
  void logsHaveARedactorOfTheirOwn() {
    Redactor redactor =
        with(LoggingContract.class, "sensitive_field_patterns", List.of("iban")).redactor("***");
    assertThat(redactor.redactText("iban=DE1 password=x")).isEqualTo("iban=*** password=x");
    assertThat(with(LoggingContract.class, "enable_log_redaction", false)
            .redactor("***")
            .redactText("password=x"))
        .isEqualTo("password=x");
  }

  @Test
  @Drives({
    "security.enable_redaction",
    "security.sensitive_field_patterns",
    "security.redaction_placeholder"
  })
  void securityHasARedactor() {
    assertThat(Contract.defaults(SecurityContract.class).redactor().redactText("api_key=x key=y"))
        .isEqualTo("api_key=[REDACTED] key=y");
    Redactor own = Contract.of(
            SecurityContract.class,
            Map.of("sensitive_field_patterns", List.of("iban"), "redaction_placeholder", "-"))
        .redactor();
    assertThat(own.redactText("iban=DE1")).isEqualTo("iban=-");
    assertThat(with(SecurityContract.class, "enable_redaction", false)
            .redactor()
            .redactText("token=x"))
        .isEqualTo("token=x");
  }

  @Test
  @Drives("security.max_input_length")
  void maxInputLengthBoundsValues() {
    assertThat(with(SecurityContract.class, "max_input_length", 2048).limits().maxBytes())
        .isEqualTo(2048);
  }

  private static String text(Map<String, ?> fields, Object tree) {
    return new String(
        new DocumentWriter(Contract.of(SerializationContract.class, fields)).write(json(tree)),
        StandardCharsets.UTF_8);
  }

  @Test
  @Drives({
    "serialization.serialization_format",
    "serialization.indent_size",
    "serialization.sort_keys",
    "serialization.enable_canonical_mode",
    "serialization.enable_unicode",
    "serialization.line_width"
  })
  void documentsAreWrittenAsTheContractSays() {
    JsonNode tree = Json.parse("{\"b\": 1.50, \"a\": [{\"é\": \"ü\"}]}");
    assertThat(text(Map.of(), tree)).isEqualTo("a:\n  -\n    \"é\": \"ü\"\nb: 1.5\n");
    assertThat(text(Map.of("serialization_format", "json"), tree))
        .isEqualTo("{\n  \"a\": [\n    {\n      \"é\": \"ü\"\n    }\n  ],\n  \"b\": 1.5\n}\n");
    assertThat(text(Map.of("indent_size", 1), tree)).startsWith("a:\n -\n  \"é\"");
    assertThat(text(Map.of("indent_size", 8), tree)).startsWith("a:\n        -\n");
    assertThat(text(Map.of("enable_unicode", false), tree)).contains("\"\\u00e9\": \"\\u00fc\"");
    assertThat(text(Map.of("sort_keys", false, "enable_deterministic_output", false), tree))
        .startsWith("b: 1.5\na:");
    assertThat(text(
            Map.of("enable_canonical_mode", false, "enable_deterministic_output", false), tree))
        .endsWith("b: 1.50\n");
    String words = "lorem ipsum: ".repeat(30).strip();
    for (int width : new int[] {80, 200}) {
      List<String> lines =
          text(Map.of("line_width", width), Map.of("a", words)).lines().toList();
      assertThat(lines)
          .allMatch(line -> line.length() <= width + 15)
          .hasSizeGreaterThan(300 / width);
      assertThat(lines.get(1).length()).isGreaterThan(width - 20);
    }
  }

  @Test
  @Drives({"serialization.enable_compression", "serialization.enable_deterministic_output"})
  void compressedDocumentsAreGzip() throws IOException {
    Map<String, Object> fields = Map.of("enable_compression", true);
    DocumentWriter writer = new DocumentWriter(Contract.of(SerializationContract.class, fields));
    byte[] bytes = writer.write(json(Map.of("a", 1, "b", 2)));
    assertThat(bytes[9]).isEqualTo((byte) 0xff);
    assertThat(writer.write(json(Map.of("b", 2, "a", 1)))).isEqualTo(bytes);
    try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      assertThat(gzip.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("a: 1\nb: 2\n");
    }
    assertThat(TestingContracts.violations(
            () -> with(SerializationContract.class, "sort_keys", false)))
        .hasSize(1);
  }

  @Test
  @Drives("contract_loader.enable_subcontract_composition")
  void compositionCanBeSwitchedOff() {
    write(folder, "a.yaml", "retry: {max_retries: 1}");
    Path file = write(
        folder,
        "b.yaml",
        "include: a.yaml\ncontract_loader: {enable_subcontract_composition: false}");
    assertThatThrownBy(() -> Contracts.load(file))
        .isInstanceOf(ContractViolationException.class)
        .hasMessageContaining("enable_subcontract_composition is false");
  }

  @Test
  @Drives({"contract_loader.enable_contract_caching", "contract_loader.contract_cache_ttl_seconds"})
  void aLoaderKeepsWhatItLoaded() {
    AtomicLong time = new AtomicLong();
    ContractLoader loader = new ContractLoader(time::get);
    write(folder, "a.yaml", "retry: {max_retries: 1}");
    Path file = write(
        folder, "b.yaml", "include: a.yaml\ncontract_loader: {contract_cache_ttl_seconds: 60}");
    Contracts first = loader.load(file);
    time.addAndGet(Duration.ofSeconds(59).toNanos());
    assertThat(loader.load(file)).isSameAs(first);
    time.addAndGet(Duration.ofSeconds(1).toNanos());
    Contracts second = loader.load(file);
    assertThat(second).isNotSameAs(first).isEqualTo(first);
    write(folder, "a.yaml", "retry: {max_retries: 2}"); // as long as before
    assertThat(loader.load(file).retry().maxRetries()).isEqualTo(2);
    assertThat(loader.invalidate(file)).isTrue();
    assertThat(loader.invalidate(file)).isFalse();
    Path uncached = write(folder, "c.yaml", "contract_loader: {enable_contract_caching: false}");
    assertThat(loader.load(uncached)).isNotSameAs(loader.load(uncached));
    assertThat(loader.clear()).isZero();
  }

  /** A tool that reads a folder of files would otherwise be slow for ever with all that came after the first hundred. */
  @Test
  void aLoaderOfManyFilesForgetsTheOneThatWasNotAskedForForLongest() {
    ContractLoader loader = new ContractLoader();
    List<Path> files = IntStream.rangeClosed(0, 100)
        .mapToObj(i -> write(folder, "many-" + i + ".yaml", "retry: {max_retries: " + i + "}"))
        .toList();
    List<Contracts> first = files.subList(0, 100).stream().map(loader::load).toList();
    assertThat(loader.load(files.get(0))).isSameAs(first.get(0));
    Contracts last = loader.load(files.get(100));
    assertThat(last.retry().maxRetries()).isEqualTo(100);
    assertThat(loader.load(files.get(100))).isSameAs(last);
    assertThat(loader.load(files.get(0))).isSameAs(first.get(0));
    assertThat(loader.invalidate(files.get(1))).isFalse();
    assertThat(loader.clear()).isEqualTo(100);
  }

  @Test
  void aLoaderKeepsNoErrors() {
    ContractLoader loader = new ContractLoader();
    Path file = write(folder, "a.yaml", "retry: 1");
    assertThat(TestingContracts.violations(() -> loader.load(file))).hasSize(1);
    write(folder, "a.yaml", "retry:");
    assertThat(loader.load(file)).isEqualTo(Contracts.defaults());
    write(folder, "a.yaml", "retry: 1");
    assertThat(TestingContracts.violations(() -> loader.load(file))).hasSize(1);
  }

  @Test
  @Drives({"transaction.isolation_level", "transaction.transaction_timeout_ms"})
  void transactionsHaveOptions() {
    assertThat(contracts("transaction", "isolation_level", "SERIALIZABLE")
            .transaction()
            .options()
            .isolation())
        .isEqualTo(Isolation.SERIALIZABLE);
    assertThat(contracts("transaction", "transaction_timeout_ms", 1500)
            .transaction()
            .options()
            .timeout())
        .contains(Duration.ofMillis(1500));
  }
}
