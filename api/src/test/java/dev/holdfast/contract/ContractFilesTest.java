package dev.holdfast.contract;

import static dev.holdfast.contract.TestingContracts.violations;
import static dev.holdfast.contract.TestingContracts.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContractFilesTest {

  private static final Duration MOST_TIME = Duration.ofMillis(100);
  private static final long MOST_MEMORY = 64 << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir
  private Path root;

  private Path folder = Path.of("");

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(root.resolve("config"));
  }

  private Contracts load(String text) {
    return Contracts.load(write(folder, "holdfast.yaml", text));
  }

  private List<String> refused(String text) {
    return violations(() -> load(text)).stream()
        .map(ContractViolation::toString)
        .toList();
  }

  @Test
  void anEscapeThatIsNoCharacterIsRefusedAtItsPlace() {
    for (String digits : List.of("FFFFFFFF", "0FFFFFFF", "80000000")) {
      assertThat(refused("retry:\n  backoff_strategy: \"\\U" + digits + "\"\n"))
          .as(digits)
          .singleElement()
          .asString()
          .startsWith("holdfast.yaml:2:")
          .contains("is not YAML");
    }
  }

  @Test
  void aSimpleFileIsRead() {
    Contracts contracts = load("""
        # comments are fine
        retry:
          max_retries: 7
          retry_on_status_codes: [429, 503]
        transaction: {isolation_level: SERIALIZABLE}
        caching:
          compute_cache:
            ttl_seconds: null
        """);
    assertThat(contracts.retry().maxRetries()).isEqualTo(7);
    assertThat(contracts.retry().retryOnStatusCodes()).containsExactly(429, 503);
    assertThat(contracts.transaction().isolationLevel()).hasToString("SERIALIZABLE");
    assertThat(contracts.caching().computeCache().ttlSeconds()).isNull();
    assertThat(contracts.retry().baseDelaySeconds()).isEqualTo(1.0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "# nothing\n", "---\n", "retry:\nmetrics:\n", "retry: {}\n"})
  void anEmptyFileHasEveryDefault(String text) {
    assertThat(load(text)).isEqualTo(Contracts.defaults());
  }

  /** The parser reads pieces of a fixed size; one of its releases failed when a piece ended inside of such a character. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void charactersOfTwoHalvesAreReadWhereverTheyStand(int before) {
    String comment = "# " + "x".repeat(before) + "😀".repeat(4_000);
    assertThat(load(comment + "\nretry: {max_retries: 7}\n").retry().maxRetries())
        .isEqualTo(7);
  }

  @Test
  void everythingThatIsWrongIsReportedAtItsPlace() {
    assertThat(refused("""
            retry:
              max_retries: 101
              max_retry: 3
              max_retries: 4
              base_delay_seconds: "1"
            metrics:
              metrics_backend: statsd
            transaction:
              isolation_level: serializable
              auto_commit: true
            security:
              sensitive_field_patterns: [a, 2]
            surprise: 1
            """))
        .containsExactly(
            "holdfast.yaml:4:3 retry.max_retries occurs twice",
            "holdfast.yaml:3:14 retry.max_retry is not known; retry has max_retries, base_delay_seconds,"
                + " backoff_strategy, backoff_multiplier, max_delay_seconds, jitter_enabled,"
                + " jitter_max_seconds, retry_on_exceptions, retry_on_status_codes, stop_on_success,"
                + " circuit_breaker_enabled, circuit_breaker_threshold, circuit_reset_timeout_seconds",
            "holdfast.yaml:5:23 retry.base_delay_seconds must be a number from 0.1 to 3600, not \"1\"",
            "holdfast.yaml:2:16 retry.max_retries must be a whole number from 0 to 100, not 101",
            "holdfast.yaml:7:20 metrics.metrics_backend must be prometheus, not statsd: the MeterRegistry"
                + " that the application gives decides where metrics go",
            "holdfast.yaml:12:29 security.sensitive_field_patterns must be a list of different texts, not"
                + " with 2",
            "holdfast.yaml:9:20 transaction.isolation_level must be one of READ_UNCOMMITTED,"
                + " READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE, not \"serializable\"",
            "holdfast.yaml:10:16 transaction.auto_commit contradicts rollback_support and enable_savepoints",
            "holdfast.yaml:13:11 surprise is not a section");
  }

  @ParameterizedTest
  @ValueSource(strings = {"- a\n", "text\n", "3\n", "[retry]\n"})
  void theTopMustBeAMapping(String text) {
    assertThat(refused(text)).singleElement().asString().contains("must be a mapping of sections");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "retry: [1",
        "retry: {",
        "a: b: c",
        "\tretry: 1",
        "retry: *x",
        "a: 1\n---\nb: 1\n",
        "? [a]\n: b\n",
        "%YAML 3.7\n---\na: 1",
        "@",
        "retry: \"\\q\"",
        "a: \u0000"
      })
  void brokenYamlIsNamed(String text) {
    assertThat(refused(text))
        .isNotEmpty()
        .allMatch(message -> message.startsWith("holdfast.yaml:"));
  }

  @Test
  void aVersionThatIsNotReadIsRefused() {
    assertThat(load("retry: {interface_version: 1.0.0, max_retries: 1}").retry().maxRetries())
        .isEqualTo(1);
    for (String version : List.of("2.0.0", "1.1.0", "0.9.0", "1.0", "1", "null", "[]")) {
      assertThat(refused("retry: {interface_version: " + version + "}"))
          .as(version)
          .singleElement()
          .asString()
          .contains("retry.interface_version");
    }
  }

  @Test
  void includesAreBelowAndLaterOnesAbove() {
    write(
        folder,
        "base.yaml",
        "retry: {max_retries: 1, base_delay_seconds: 2}\ntransaction: {transaction_timeout_ms: 5000}\n");
    write(
        folder,
        "teams/a.yaml",
        "include: base.yaml\nretry: {max_retries: 2}\nsecurity: {sensitive_field_patterns: [one]}\n");
    write(folder, "b.yaml", "security: {sensitive_field_patterns: [two, three]}\n");
    Contracts contracts =
        load("include: [teams/a.yaml, b.yaml]\nretry: {backoff_strategy: fixed}\n");
    assertThat(contracts.retry().maxRetries()).isEqualTo(2);
    assertThat(contracts.retry().baseDelaySeconds()).isEqualTo(2);
    assertThat(contracts.retry().backoffStrategy()).hasToString("fixed");
    assertThat(contracts.transaction().transactionTimeoutMs()).isEqualTo(5000);
    assertThat(contracts.security().sensitiveFieldPatterns()).containsExactly("two", "three");
  }

  /** As when every line of it is commented out. */
  @Test
  void anEmptySectionKeepsWhatIsIncluded() {
    write(
        folder,
        "base.yaml",
        "security: {max_input_length: 4096}\ncaching: {compute_cache: {ttl_seconds: 60}}\n");
    Contracts contracts = load("""
        include: base.yaml
        security:
          # max_input_length: 8192
        caching:
          compute_cache:
            ttl_seconds: null
        """);
    assertThat(contracts.security().maxInputLength()).isEqualTo(4096);
    assertThat(contracts.caching().computeCache().ttlSeconds()).isNull();
  }

  @Test
  void aSectionIsFilledAboveAnEmptyOne() {
    write(folder, "base.yaml", "retry:\n");
    assertThat(load("include: base.yaml\nretry: {max_retries: 2}").retry().maxRetries())
        .isEqualTo(2);
  }

  @Test
  void aViolationInAnIncludedFileIsReportedThere() {
    write(folder, "base.yaml", "\nretry: {max_retries: 101}\n");
    assertThat(refused("include: base.yaml\n"))
        .singleElement()
        .asString()
        .startsWith("base.yaml:2:22 retry.max_retries");
  }

  /** By the path from the folder of the first file, also when the include is not in that. */
  @Test
  void filesOfTheSameNameAreToldApart() {
    write(folder, "a/base.yaml", "retry: {max_retries: 101}\n");
    write(folder, "b/all.yaml", "include: b/base.yaml\n");
    write(folder, "b/base.yaml", "\nretry: {base_delay_seconds: 0}\n");
    write(folder, "b/holdfast.yaml", "transaction: {transaction_timeout_ms: x}\n");
    assertThat(refused("include: [a/base.yaml, b/all.yaml, b/holdfast.yaml]\nsurprise: 1\n"))
        .satisfiesExactlyInAnyOrder(
            message -> assertThat(message).startsWith("a/base.yaml:1:22 retry.max_retries"),
            message -> assertThat(message).startsWith("b/base.yaml:2:29 retry.base_delay_seconds"),
            message -> assertThat(message).startsWith("b/holdfast.yaml:1:39 transaction."),
            message -> assertThat(message).startsWith("holdfast.yaml:2:11 surprise"));
  }

  @Test
  void theSameFileTwiceSideBySideAndAnEmptyOneAreFine() {
    write(folder, "a.yaml", "retry: {max_retries: 2}");
    write(folder, "empty.yaml", "# nothing");
    assertThat(load("include: [a.yaml, empty.yaml, a.yaml]").retry().maxRetries())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "include: ../secret.yaml",
        "include: sub/../../secret.yaml",
        "include: /etc/passwd",
        "include: ''",
        "include: 3",
        "include: {a: b}",
        "include: [[a]]",
        "include: missing.yaml",
        "include: sub",
        "include: \"a\\0b\"",
        "include: link.yaml",
        "include: linked/secret.yaml",
        "include: null"
      })
  void whatIsNotInTheFolderIsNotRead(String text) throws IOException {
    write(root, "secret.yaml", "retry: {max_retries: 9}");
    Files.createDirectory(folder.resolve("sub"));
    Files.createSymbolicLink(folder.resolve("link.yaml"), root.resolve("secret.yaml"));
    Files.createSymbolicLink(folder.resolve("linked"), root);
    assertThat(refused(text)).singleElement().asString().contains("holdfast.yaml:1:");
  }

  @Test
  void aLinkWithinTheFolderAndALinkToTheFirstFileAreFine() throws IOException {
    write(folder, "real/holdfast.yaml", "include: link.yaml");
    write(folder, "real/a.yaml", "retry: {max_retries: 2}");
    Files.createSymbolicLink(folder.resolve("real/link.yaml"), Path.of("a.yaml"));
    Path link = Files.createSymbolicLink(
        root.resolve("holdfast.yaml"), folder.resolve("real/holdfast.yaml"));
    assertThat(Contracts.load(link).retry().maxRetries()).isEqualTo(2);
  }

  @Test
  void circlesAreNamed() {
    write(folder, "a.yaml", "include: b.yaml");
    write(folder, "b.yaml", "include: a.yaml");
    assertThat(refused("include: a.yaml"))
        .singleElement()
        .asString()
        .contains("holdfast.yaml -> a.yaml -> b.yaml -> a.yaml");
    assertThat(refused("include: holdfast.yaml")).singleElement().asString().contains("circle");
  }

  @Test
  void tenIncludesDeepIsTheMost() {
    for (int i = 1; i <= 11; i++) {
      write(folder, i + ".yaml", "include: " + (i + 1) + ".yaml");
    }
    write(folder, "11.yaml", "");
    assertThat(refused("include: 1.yaml")).singleElement().asString().contains("10 includes deep");
    write(folder, "10.yaml", "retry: {max_retries: 2}");
    assertThat(load("include: 1.yaml").retry().maxRetries()).isEqualTo(2);
  }

  @Test
  void missingFilesAndFoldersAreNamed() {
    assertThat(violations(() -> Contracts.load(folder.resolve("no.yaml"))))
        .singleElement()
        .asString()
        .contains(folder.resolve("no.yaml") + " does not exist");
    assertThat(violations(() -> Contracts.load(folder)))
        .singleElement()
        .asString()
        .contains(folder + " is not a file");
  }

  @Test
  void attacksAreRefusedQuicklyAndInLittleMemory() throws IOException {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 15; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i))
          .append(("*a" + (i - 1) + ", ").repeat(9))
          .append("x]\n");
    }
    attack("alias bomb", bomb.toString());
    attack("flow nesting", "[\n".repeat(100_000));
    attack("flow nesting on one line", "[".repeat(9_000));
    attack("map nesting", "{a:\n".repeat(60_000));
    attack("block nesting", "- ".repeat(4_000));
    attack("long line", "[".repeat(200_000));
    attack("text over many lines", "retry: " + "word\n  ".repeat(30_000));
    attack("quoted text over many lines", "retry: \"" + "word\n  ".repeat(30_000) + "\"");
    attack("self alias", "a: &a [*a]");
    attack("huge file", "a: \"" + "x".repeat(3 << 20) + "\"");
    attack("many keys", "retry:\n" + "  k: 1\n".repeat(30_000));
    attack(
        "java tag",
        "retry: !!javax.script.ScriptEngineManager [!!java.net.URL [\"http://127.0.0.1/\"]]");
    attack("local tag", "retry: !include /etc/passwd");
    attack("binary tag", "retry: !!binary aGk=");
    attack("huge version", "retry: {interface_version: 2.0.0-" + "a.".repeat(4_900) + "a}");
    attack("huge number", "retry: {max_retries: " + "9".repeat(9_000) + "}");
    attack("huge key", "? \"" + "x".repeat(9_000) + "\"\n: 1");
    attack(
        "not UTF-8", new String(new byte[] {'a', ':', (byte) 0xff}, StandardCharsets.ISO_8859_1));
    write(folder, "loop.yaml", "include: [loop.yaml, loop.yaml]");
    attack("include loop", "include: loop.yaml");
    for (int i = 0; i < 9; i++) {
      write(
          folder,
          "fan" + i + ".yaml",
          "include: [" + ("fan" + (i + 1) + ".yaml, ").repeat(9) + "]");
    }
    write(folder, "fan9.yaml", "");
    attack("include fan", "include: fan0.yaml");
    Files.createSymbolicLink(folder.resolve("zero.yaml"), Path.of("/dev/zero"));
    attack("endless device", "include: zero.yaml");
  }

  /**
   * Others use the machine as well: the time is that of the processor for this thread, which does it all. The first run warms up; of the next
   * five the best counts.
   */
  private void attack(String name, String text) throws IOException {
    Path file = folder.resolve("holdfast.yaml");
    Files.write(
        file,
        text.getBytes(
            name.equals("not UTF-8") ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8));
    long best = Long.MAX_VALUE;
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 6; i++) {
      long memory = THREADS.getCurrentThreadAllocatedBytes();
      long start = THREADS.getCurrentThreadCpuTime();
      assertThat(violations(() -> Contracts.load(file))).as(name).isNotEmpty();
      best = i == 0 ? best : Math.min(best, THREADS.getCurrentThreadCpuTime() - start);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - memory);
    }
    assertThat(Duration.ofNanos(best)).as(name).isLessThan(MOST_TIME);
    assertThat(least).as("%s: bytes", name).isPositive().isLessThan(MOST_MEMORY);
  }

  @Test
  void aliasesWithinTheBoundsAreFine() {
    Contracts contracts = load(
        "security: {sensitive_field_patterns: &p [pin, iban]}\nlogging: {sensitive_field_patterns: *p}\n");
    assertThat(contracts.logging().sensitiveFieldPatterns()).containsExactly("pin", "iban");
  }
}
