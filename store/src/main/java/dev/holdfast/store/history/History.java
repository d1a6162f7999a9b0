package dev.holdfast.store.history;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A query of a state's history: which changes, and how many a page. All filters must hold. Immutable: every method returns a new query.
 *
 * <p>Pages are cut by position (version and key), not by offset: the next page begins exactly behind the last change of this one, costs
 * the same however deep it lies, and neither repeats nor skips a change when new ones arrive meanwhile.
 */
public final class History {

  /** Changes a page unless {@link #limit(int)} says otherwise. */
  public static final int DEFAULT_LIMIT = 100;

  /** The largest page. */
  public static final int MAX_LIMIT = 10_000;

  private static final History ALL = new History(Filter.NONE, DEFAULT_LIMIT, null);

  private final Filter filter;
  private final int limit;
  private final @Nullable Position after;

  private History(Filter filter, int limit, @Nullable Position after) {
    this.filter = filter;
    this.limit = limit;
    this.after = after;
  }

  /** All changes of all keys. */
  public static History all() {
    return ALL;
  }

  /** All changes of one key. */
  public static History of(String key) {
    TextRules.requireText("key", key, StateId.MAX_BYTES);
    return ALL.with(ALL.filter.withKey(key));
  }

  /** Only changes made by this actor. */
  public History by(String actor) {
    TextRules.requireText("actor", actor, StateId.MAX_BYTES);
    return with(filter.withActor(actor));
  }

  /**
   * Only changes made by a step of this effect transaction, or by the undoing of one.
   *
   * @param effectId its identity, what {@code EffectId.uuid()} says
   */
  public History effect(UUID effectId) {
    return with(filter.withEffect(effectId));
  }

  /** Only changes at or after this time of the database. */
  public History from(Instant time) {
    return with(filter.withTimes(time, filter.until));
  }

  /** Only changes before this time of the database. */
  public History until(Instant time) {
    return with(filter.withTimes(filter.from, time));
  }

  /**
   * Only changes that made a version from {@code first} to {@code last}, both included.
   *
   * @throws HoldfastException when {@code first} is negative or above {@code last}
   */
  public History versions(long first, long last) {
    if (first < 0 || first > last) {
      throw invalid("a range of versions goes from 0 or above up to its end, not from " + first
          + " to " + last);
    }
    return with(filter.withVersions(first - 1, last));
  }

  /**
   * At most so many changes a page.
   *
   * @param changes 1 to {@value #MAX_LIMIT}
   * @throws HoldfastException when the number is out of range
   */
  public History limit(int changes) {
    if (changes < 1 || changes > MAX_LIMIT) {
      throw invalid("a page has 1 to " + MAX_LIMIT + " changes, not " + changes);
    }
    return new History(filter, changes, after);
  }

  /** The same query, continued behind a change that was read. */
  public History after(Change<?> change) {
    return new History(filter, limit, new Position(change.version(), change.key()));
  }

  private History with(Filter changed) {
    return new History(changed, limit, after);
  }

  private static HoldfastException invalid(String message) {
    return new HoldfastException(ErrorCode.INVALID_ARGUMENT, "History: " + message, Map.of(), null);
  }

  /** What the changes have in common. */
  public Filter filter() {
    return filter;
  }

  /** Changes a page. */
  public int limit() {
    return limit;
  }

  /** Behind which change the page begins; empty for the first page. */
  public Optional<Position> position() {
    return Optional.ofNullable(after);
  }

  /**
   * What the changes of a query have in common; a null component does not filter.
   *
   * @param key the key that changed
   * @param actor who made the change
   * @param effectId the effect transaction that made the changes
   * @param from the earliest time, included
   * @param until the latest time, excluded
   * @param afterVersion versions above this one
   * @param upToVersion versions up to this one
   */
  public record Filter(
      @Nullable String key,
      @Nullable String actor,
      @Nullable UUID effectId,
      @Nullable Instant from,
      @Nullable Instant until,
      long afterVersion,
      long upToVersion) {

    private static final Filter NONE = new Filter(null, null, null, null, null, 0, Long.MAX_VALUE);

    private Filter withKey(String changed) {
      return new Filter(changed, actor, effectId, from, until, afterVersion, upToVersion);
    }

    private Filter withActor(String changed) {
      return new Filter(key, changed, effectId, from, until, afterVersion, upToVersion);
    }

    private Filter withEffect(UUID changed) {
      return new Filter(key, actor, changed, from, until, afterVersion, upToVersion);
    }

    private Filter withTimes(@Nullable Instant first, @Nullable Instant end) {
      return new Filter(key, actor, effectId, first, end, afterVersion, upToVersion);
    }

    private Filter withVersions(long above, long last) {
      return new Filter(key, actor, effectId, from, until, above, last);
    }
  }

  /**
   * A place in history.
   *
   * @param version the version of the last change that was read
   * @param key its key
   */
  public record Position(long version, String key) {}
}
