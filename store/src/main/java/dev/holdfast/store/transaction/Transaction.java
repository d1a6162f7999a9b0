package dev.holdfast.store.transaction;

import dev.holdfast.store.State;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.record.RecordState;
import java.sql.Connection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One database transaction over several states: all of it is committed, or nothing is. All changes to one state are one change set,
 * whatever number of calls made them: the first write locks the state and fixes its next version, which every further write of the
 * transaction returns too; the rows are sent when the transaction commits. Reads of the states obtained from here see the transaction's
 * own writes.
 *
 * <p>Confined to the thread that runs the work, and to the time while it runs; other use is refused with {@link
 * dev.holdfast.error.ErrorCode#TRANSACTION_MISUSE}. While it runs, its thread must not use the same states through the store itself: it
 * would not see what the transaction wrote, or wait for the transaction that waits for it. That is refused as well. Every call blocks while
 * the database answers.
 *
 * <p>What differs from a state outside a transaction: whether {@link State#append} meets an array is found out only at the commit; {@link
 * State#history}, {@link State#asOf} and the times in a {@link dev.holdfast.store.Snapshot} speak of committed versions only; {@link
 * State#rollback} writes values and not references to them; {@link State#clearHistory}, {@link State#clearHistoryBefore}, {@link State#tag},
 * {@link State#untag} and {@link State#fork} are refused. A key that was written and deleted again leaves a record of its deletion, so that a
 * version that was returned always exists once the transaction is committed.
 */
public interface Transaction {

  /** The id that every change of this transaction carries in history; a new one for each attempt. */
  UUID id();

  /** How the transaction runs. */
  TransactionOptions options();

  /** Which attempt this is, from 1. */
  int attempt();

  /** A state within the transaction, whose values are JSON trees; does no I/O. */
  State<JsonNode> state(String namespace, String name);

  /** A state within the transaction, whose values are of one Java type; does no I/O. */
  <V> State<V> state(String namespace, String name, Class<V> type);

  /** A state within the transaction, whose values are turned into JSON and back by a codec; does no I/O. */
  <V> State<V> state(String namespace, String name, Codec<V> codec);

  /** A state within the transaction, seen as one record; does no I/O. */
  <R extends Record> RecordState<R> record(Class<R> type, String namespace, String name);

  /** The states that this transaction has written so far, each with the version that it will have made of it; an immutable copy. */
  Map<StateId, Long> written();

  /**
   * Runs a part that can fail by itself: when it throws, what it did is undone, in the database and in what reads see, the locks it took
   * are given back, and the exception reaches the caller, who may go on. Can be nested.
   *
   * @param work gets this transaction
   * @return what the work returns
   * @throws E what the work throws
   */
  <T extends @Nullable Object, E extends Exception> T savepoint(TransactionWork<T, E> work)
      throws E;

  /**
   * The connection of the transaction, for SQL of your own that commits or rolls back together with the states. What ends the transaction
   * or belongs to it ({@code commit}, {@code rollback}, {@code close}, savepoints, isolation, auto-commit) is refused; do not send such
   * commands as text either, nor call them on what you {@code unwrap}: that is the driver's own, for what JDBC does not have. Changes of
   * states made in the transaction are in their tables only after the commit.
   */
  Connection connection();
}
