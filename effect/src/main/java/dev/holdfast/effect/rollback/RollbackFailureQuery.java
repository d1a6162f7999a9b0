package dev.holdfast.effect.rollback;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which of the rollback failures that are not settled, and how many a page, oldest first. All filters must hold. Immutable: every method
 * returns a new query.
 *
 * <p>Pages are cut by position (time of the first failure and identity), not by offset: the next page begins exactly behind the last failure of
 * this one, whatever was settled or came up meanwhile.
 *
 * <pre>{@code
 * RollbackFailureQuery query = RollbackFailureQuery.all().operation("hotel.book").limit(100);
 * List<RollbackFailure> page = failures.open(query);
 * List<RollbackFailure> next = failures.open(query.after(page.get(page.size() - 1)));
 * }</pre>
 */
public final class RollbackFailureQuery {

  /** Failures a page unless {@link #limit(int)} says otherwise. */
  public static final int DEFAULT_LIMIT = 1_000;

  /** The largest page. */
  public static final int MAX_LIMIT = 10_000;

  private static final RollbackFailureQuery ALL =
      new RollbackFailureQuery(null, null, null, null, DEFAULT_LIMIT);

  private final @Nullable String effect;
  private final @Nullable String operation;
  private final @Nullable RollbackFailureCode code;
  private final @Nullable RollbackFailure after;
  private final int limit;

  private RollbackFailureQuery(
      @Nullable String effect,
      @Nullable String operation,
      @Nullable RollbackFailureCode code,
      @Nullable RollbackFailure after,
      int limit) {
    this.effect = effect;
    this.operation = operation;
    this.code = code;
    this.after = after;
    this.limit = limit;
  }

  /** All of them, 1,000 a page. */
  public static RollbackFailureQuery all() {
    return ALL;
  }

  /** Only those of effect transactions of this name. */
  public RollbackFailureQuery effect(String name) {
    TextRules.requireText("name of the effect transaction", name, StateId.MAX_BYTES);
    return new RollbackFailureQuery(name, operation, code, after, limit);
  }

  /** Only those of operations of this name: of the handler, or of the step. */
  public RollbackFailureQuery operation(String name) {
    TextRules.requireText("name of the operation", name, StateId.MAX_BYTES);
    return new RollbackFailureQuery(effect, name, code, after, limit);
  }

  /** Only those with this code. */
  public RollbackFailureQuery code(RollbackFailureCode only) {
    return new RollbackFailureQuery(effect, operation, only, after, limit);
  }

  /** Only those behind the last one of the page before. */
  public RollbackFailureQuery after(RollbackFailure last) {
    return new RollbackFailureQuery(effect, operation, code, last, limit);
  }

  /** At most so many, 1 to 10,000. */
  public RollbackFailureQuery limit(int failures) {
    if (failures < 1 || failures > MAX_LIMIT) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "A page has 1 to " + MAX_LIMIT + " rollback failures, not " + failures);
    }
    return new RollbackFailureQuery(effect, operation, code, after, failures);
  }

  /** The name of the effect transactions; empty for all. */
  public Optional<String> effect() {
    return Optional.ofNullable(effect);
  }

  /** The name of the operations; empty for all. */
  public Optional<String> operation() {
    return Optional.ofNullable(operation);
  }

  /** The code; empty for all. */
  public Optional<RollbackFailureCode> code() {
    return Optional.ofNullable(code);
  }

  /** The failure that the page begins behind; empty for the first page. */
  public Optional<RollbackFailure> after() {
    return Optional.ofNullable(after);
  }

  /** How many at most. */
  public int limit() {
    return limit;
  }
}
