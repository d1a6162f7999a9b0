package dev.holdfast.store.transaction;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.internal.Durations;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How a transaction runs. Immutable: every method returns new options. */
public final class TransactionOptions {

  private static final int DEFAULT_ATTEMPTS = 20;
  private static final TransactionOptions DEFAULT = new TransactionOptions(
      Isolation.READ_COMMITTED, Access.READ_WRITE, DEFAULT_ATTEMPTS, Timeouts.NONE, null);

  private final Isolation isolation;
  private final Access access;
  private final int attempts;
  private final Timeouts timeouts;
  private final @Nullable UUID effectId;

  private TransactionOptions(
      Isolation isolation,
      Access access,
      int attempts,
      Timeouts timeouts,
      @Nullable UUID effectId) {
    this.isolation = isolation;
    this.access = access;
    this.attempts = attempts;
    this.timeouts = timeouts;
    this.effectId = effectId;
  }

  /** A transaction that reads and writes at a level, tried up to twenty times, without timeouts of its own. */
  public static TransactionOptions of(Isolation isolation) {
    return new TransactionOptions(
        isolation, DEFAULT.access, DEFAULT.attempts, DEFAULT.timeouts, null);
  }

  /** The same, but writing is refused. */
  public TransactionOptions readOnly() {
    return new TransactionOptions(isolation, Access.READ_ONLY, attempts, timeouts, effectId);
  }

  /**
   * How often the whole is run when serialization fails or a deadlock is broken.
   *
   * @param number 1 (never again) to 1000
   */
  public TransactionOptions maxAttempts(int number) {
    if (number < 1 || number > 1000) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT, "maxAttempts is 1 to 1000, not " + number);
    }
    return new TransactionOptions(isolation, access, number, timeouts, effectId);
  }

  /** How long one statement may run before the database cancels it; 1 ms to 292 years. */
  public TransactionOptions statementTimeout(Duration timeout) {
    return with(new Timeouts(
        Durations.requireMillis("statementTimeout", timeout), timeouts.lock, timeouts.whole));
  }

  /** How long one statement may wait for a lock before it fails with {@link dev.holdfast.error.LockTimeoutException}; 1 ms to 292 years. */
  public TransactionOptions lockTimeout(Duration timeout) {
    return with(new Timeouts(
        timeouts.statement, Durations.requireMillis("lockTimeout", timeout), timeouts.whole));
  }

  /**
   * How long the whole may take, all attempts together; 1 ms to 292 years. Checked before each attempt and each call, and every statement is
   * given no more than what is left.
   */
  public TransactionOptions timeout(Duration timeout) {
    return with(new Timeouts(
        timeouts.statement, timeouts.lock, Durations.requireMillis("timeout", timeout)));
  }

  /**
   * Says of every change that it is part of an effect transaction, see {@link dev.holdfast.store.history.Change#effectId()}.
   *
   * @param id identity of the effect transaction
   */
  public TransactionOptions effectId(UUID id) {
    return new TransactionOptions(isolation, access, attempts, timeouts, id);
  }

  private TransactionOptions with(Timeouts changed) {
    return new TransactionOptions(isolation, access, attempts, changed, effectId);
  }

  /** The isolation level. */
  public Isolation isolation() {
    return isolation;
  }

  /** Whether writing is refused. */
  public boolean isReadOnly() {
    return access == Access.READ_ONLY;
  }

  /** How often the whole is run at most. */
  public int maxAttempts() {
    return attempts;
  }

  /** How long one statement may run; empty for what the connection says. */
  public Optional<Duration> statementTimeout() {
    return Optional.ofNullable(timeouts.statement);
  }

  /** How long one statement may wait for a lock; empty for what the connection says. */
  public Optional<Duration> lockTimeout() {
    return Optional.ofNullable(timeouts.lock);
  }

  /** How long the whole may take; empty for no limit. */
  public Optional<Duration> timeout() {
    return Optional.ofNullable(timeouts.whole);
  }

  /** The effect transaction of which every change is a part; empty for none. */
  public Optional<UUID> effectId() {
    return Optional.ofNullable(effectId);
  }

  private enum Access {
    READ_ONLY,
    READ_WRITE
  }

  private record Timeouts(
      @Nullable Duration statement,
      @Nullable Duration lock,
      @Nullable Duration whole) {
    private static final Timeouts NONE = new Timeouts(null, null, null);
  }
}
