package dev.holdfast.store;

import dev.holdfast.store.cache.ReadMode;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.history.Tag;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A durable map of keys to JSON values, with a version, a full history and an actor for every change.
 *
 * <p><b>Versions.</b> A state that was never written has version 0. Every committed change set, be it one key or a batch, makes exactly
 * the next version; no version is skipped or used again, across all threads and processes. A call that changes nothing (an empty batch,
 * the delete of an absent key, the clear of an empty state, a rollback to the newest version) makes no version and no record. Setting an
 * equal value does: the audit trail says who said it again.
 *
 * <p><b>Durability and atomicity.</b> When a method that writes returns, the change set is committed with the
 * {@code synchronous_commit} of the connection. Arguments are checked and encoded before anything is sent; a change set is written whole
 * or not at all. A method that throws has written nothing, with one exception that says so: {@link AmbiguousCommitException}.
 *
 * <p><b>Reads</b> go to the database and see every write that returned before, by any process, unless {@link #reading} says otherwise.
 *
 * <p><b>Null and absent.</b> JSON null is a value: {@link #has} is true, {@link #get} is empty as for an absent key, and
 * {@link #getRequired} returns null. In Java it is {@code null}.
 *
 * <p><b>Isolation of values.</b> Nothing handed in or out shares mutable structure with the store.
 *
 * <p><b>Keys</b> are non-empty text of at most {@value StateId#MAX_BYTES} bytes in UTF-8, without NUL and lone surrogates.
 *
 * <p>Safe for use by multiple threads; every method blocks while the database answers. Callbacks given to {@link #compute} and
 * {@link #merge} run in the calling thread, hold no lock of the database, may call the store, and can run several times for one call
 * because they run again when somebody else changed the key meanwhile (so callbacks that write each other's keys in opposite order make much
 * work for each other); when one throws, nothing is written and the caller gets what was
 * thrown.
 *
 * <p>Errors: {@link dev.holdfast.error.HoldfastException} and its subclasses. Bad arguments fail with
 * {@link dev.holdfast.error.ErrorCode#INVALID_ARGUMENT}, bad values with {@link dev.holdfast.store.json.CodecException}, before any I/O.
 *
 * @param <V> the Java type of all values of the state
 */
public interface State<V> {

  /** The namespace and name of this state. */
  StateId id();

  /**
   * The same state, whose changes are recorded as made by this actor.
   *
   * @param actor an agent, a step, a person; 1 to {@value StateId#MAX_BYTES} bytes
   */
  State<V> by(String actor);

  /**
   * The same state, whose changes are recorded with this reason.
   *
   * @param reason why, 1 to 4096 bytes
   */
  State<V> because(String reason);

  /**
   * The same state, whose {@code get}, {@code getRequired}, {@code find}, {@code has}, {@code keys}, {@code size}, {@code version} and {@link
   * #snapshot} are as current as a mode asks for. Everything else, conditions of writes and functions of values above all, asks the
   * database as before, and so do all reads within a transaction.
   *
   * <pre>{@code
   * Optional<Integer> limit = quota.reading(ReadMode.CACHED).get("limit");
   * }</pre>
   */
  State<V> reading(ReadMode mode);

  /** The value of a key; empty when the key is absent or holds JSON null. */
  Optional<V> get(String key);

  /**
   * The value of a key that must be there; null when it holds JSON null.
   *
   * @throws StateKeyException when the key is absent
   */
  @Nullable
  V getRequired(String key);

  /** The value of a key and the version that wrote it; empty when the key is absent. */
  Optional<Versioned<V>> find(String key);

  /** Whether the key is there, be it with JSON null. */
  boolean has(String key);

  /** The keys in bytewise order, as a copy. */
  List<String> keys();

  /** The number of keys. */
  int size();

  /** The newest version, 0 for a state that was never written. */
  long version();

  /**
   * Sets one key.
   *
   * @return the new version
   */
  long set(String key, @Nullable V value);

  /**
   * Sets several keys as one change set.
   *
   * @return the new version, or the newest one when the map is empty
   */
  long update(Map<String, ? extends @Nullable V> values);

  /**
   * Writes several changes of different kinds as one change set.
   *
   * @return the new version, or the newest one when nothing changed
   */
  long apply(Changes<V> changes);

  /**
   * Writes several changes as one change set, if the state is at the version expected.
   *
   * @return the new version, or the newest one when nothing changed
   * @throws ConflictException when the state is at another version; nothing is written
   */
  long compareAndSet(long expectedVersion, Changes<V> changes);

  /**
   * Removes one key.
   *
   * @return whether the key was there
   */
  boolean delete(String key);

  /**
   * Removes all keys as one change set; every removed key has its record, so a rollback across it restores everything.
   *
   * @return the new version, or the newest one when there was no key
   */
  long clear();

  /**
   * Replaces the value of one key by a function of it, atomically across threads and processes.
   *
   * @param function gets the value, null when the key is absent or holds JSON null; returns the new value, or null to remove the key
   * @return what the function returned
   * @throws ConflictException when others kept changing the key for longer than the store's contention timeout
   */
  Optional<V> compute(String key, UnaryOperator<@Nullable V> function);

  /**
   * Sets the key to the given value when it is absent or holds JSON null, otherwise to a function of both; atomic like {@link #compute}.
   *
   * @param function gets the stored and the given value; returns the new value, or null to remove the key
   * @return the new value; empty when the function returned null
   */
  Optional<V> merge(String key, V value, BinaryOperator<@Nullable V> function);

  /**
   * Sets the key if it is absent; a key that holds JSON null is not absent. Atomic.
   *
   * @return whether the value was written
   */
  boolean putIfAbsent(String key, @Nullable V value);

  /**
   * Adds to a whole number, atomically; an absent key counts as 0.
   *
   * @return the sum
   * @throws ValueTypeException when the value is not a whole number, or the sum does not fit a {@code long}
   * @throws dev.holdfast.store.json.CodecException when the sum cannot be read as the type of the state's values
   */
  long increment(String key, long by);

  /**
   * Adds to a number, atomically and with decimal precision; an absent key counts as 0.
   *
   * @return the sum
   * @throws ValueTypeException when the value is not a number
   * @throws dev.holdfast.store.json.CodecException when the sum cannot be read as the type of the state's values
   */
  BigDecimal increment(String key, BigDecimal by);

  /**
   * Appends one element to the array under the key; an absent key counts as an empty array. Only the element is written, however long the
   * array is. The element is any object that the store's JSON mapper can write. Nothing is read, so that the
   * array can still be read as the type of the state's values is for the caller to see to. The limit of a value's size holds for what is
   * appended by one call; the array may grow beyond it, and is then refused where it would have to be written whole by {@link #compute} or
   * {@link #patch}.
   *
   * @return the new version
   * @throws ValueTypeException when the value is not an array
   */
  long append(String key, @Nullable Object element);

  /**
   * Appends several elements in order as one change set.
   *
   * @return the new version, or the newest one when there is no element
   * @throws ValueTypeException when the value is not an array
   */
  long appendAll(String key, Collection<?> elements);

  /**
   * Applies a JSON Patch (RFC 6902) to the value of a key, atomically; all of it or nothing. What differs is written, not the whole value.
   *
   * @return the new version
   * @throws StateKeyException when the key is absent
   * @throws dev.holdfast.store.json.JsonPatchException when the patch does not apply to the value
   * @throws dev.holdfast.store.json.CodecException when the result cannot be read as the type of the state's values
   */
  long patch(String key, JsonPatch patch);

  /**
   * Applies a JSON Merge Patch (RFC 7396) to the value of a key, atomically; an absent key counts as an empty object.
   *
   * @return the new version
   * @throws dev.holdfast.store.json.CodecException when the result cannot be read as the type of the state's values
   */
  long patch(String key, MergePatch patch);

  /**
   * All keys and values at the newest version, consistent with each other. From the second time on, this state object asks the database only for
   * what has changed since, outside of transactions; the same object again when nothing has.
   */
  Snapshot<V> snapshot();

  /**
   * All keys and values as they were at a version.
   *
   * @throws StateVersionException when there is no such version
   * @throws StateRollbackException when the version was cleared from history and has no tag
   */
  Snapshot<V> at(long version);

  /**
   * All keys and values as they were at a time of the database: at the newest version that was not later.
   *
   * @throws StateRollbackException when that version was cleared from history
   */
  Snapshot<V> asOf(Instant time);

  /**
   * What has to change to turn one version into another, in either direction.
   *
   * @throws StateVersionException when one of the versions does not exist
   * @throws StateRollbackException when one of them was cleared from history
   */
  StateDiff diff(long from, long to);

  /**
   * Makes a new version with the content of an earlier one; history is never rewritten. Every key that was written since has a record.
   *
   * @return the new version, or the newest one when the target is the newest
   * @throws StateVersionException when there is no such version
   * @throws StateRollbackException when the version was cleared from history and has no tag
   */
  long rollback(long version);

  /** One page of the changes that a query asks for, newest first. */
  HistoryPage<V> history(History query);

  /** The newest changes of all keys: the first page of {@link History#all()}. */
  default HistoryPage<V> history() {
    return history(History.all());
  }

  /**
   * Makes everything before the newest version unreadable: history is empty, and no earlier version can be read or returned to, except
   * those that have a {@linkplain #tag(String, long) name}. The current values stay. Who cleared, when and why is recorded; the rows stay until retention removes them, because the library itself has no right
   * to remove history.
   *
   * @return the oldest version that can be read from now on
   */
  long clearHistory();

  /**
   * Makes everything before a version unreadable, as {@link #clearHistory()} does.
   *
   * @return the oldest version that can be read from now on: the one given, or a later one if history was cleared up to there before
   * @throws StateVersionException when there is no such version
   */
  long clearHistoryBefore(long version);

  /**
   * Gives the newest version a name. See {@link #tag(String, long)}.
   *
   * @return the version that has the name
   */
  long tag(String name);

  /**
   * Gives a version a name, unique per state. A version with a name stays readable, can be returned to and forked from, also when history
   * is cleared before and after it; its records do not stay. Naming the version again that has the name is no change. Who named it, when
   * and why is recorded. Not within a transaction.
   *
   * @param name 1 to {@value StateId#MAX_BYTES} bytes
   * @return the version
   * @throws StateTagException when another version has the name
   * @throws StateVersionException when there is no such version
   * @throws StateRollbackException when the version was cleared from history and has no tag
   */
  long tag(String name, long version);

  /**
   * Removes a name. A version that was cleared meanwhile and has no other name can never be read again. Who removed it, when and why is
   * recorded. Not within a transaction.
   *
   * @return whether a version had the name
   */
  boolean untag(String name);

  /** The names of this state's versions, in order of the versions, as a copy. */
  List<Tag> tags();

  /**
   * All keys and values as they were at the version with a name.
   *
   * @throws StateTagException when no version has it
   */
  Snapshot<V> at(String tag);

  /**
   * Makes a new version with the content of the one that has a name, see {@link #rollback}. When the name moves at the same time, it is
   * either of the two versions.
   *
   * @throws StateTagException when no version has the name
   */
  long rollbackTo(String tag);

  /**
   * Makes a new state of the same namespace whose first version has the content of a version of this one. The two go their own ways from
   * there. Values are shared and not copied, whatever their size: the fork keeps references, and what they lead to stays when the history of
   * this state is cleared. Who forked, when and why is recorded. Not within a transaction.
   *
   * @param name of the state to make, which must not have been written; 1 to {@value StateId#MAX_BYTES} bytes
   * @return the new state, with the same actor and reason; at version 1, or never written when there are no keys at that version
   * @throws dev.holdfast.error.HoldfastException with {@link dev.holdfast.error.ErrorCode#ALREADY_EXISTS} when the state was written before
   * @throws StateVersionException when there is no such version
   * @throws StateRollbackException when the version was cleared from history and has no tag
   */
  State<V> fork(String name, long version);

  /** How often this object, and those made from it by {@link #by} and {@link #because}, were called. */
  StateMetrics metrics();
}
