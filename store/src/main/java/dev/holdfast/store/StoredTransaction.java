package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.error.TransientException;
import dev.holdfast.error.internal.SqlFailure;
import dev.holdfast.redaction.KnownValues;
import dev.holdfast.store.TransactionAccess.Point;
import dev.holdfast.store.internal.ChangeSet;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.SqlWork;
import dev.holdfast.store.internal.TransactionWriter.Head;
import dev.holdfast.store.internal.TransactionWriter.Located;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.record.RecordState;
import dev.holdfast.store.transaction.Transaction;
import dev.holdfast.store.transaction.TransactionOptions;
import dev.holdfast.store.transaction.TransactionWork;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One attempt of a transaction, on one connection. Confined to the thread that made it, which is checked. */
final class StoredTransaction implements Transaction {

  private final UUID id;
  private final TransactionOptions options;
  private final int attempt;
  private final Core core;
  private final Connection connection;
  private final Deadline deadline;
  private final Thread owner = Thread.currentThread();
  private final Map<StateId, TransactionAccess> accesses = new LinkedHashMap<>();

  /** What made the database give the transaction up, unless it was undone by a savepoint. */
  private @Nullable SQLException broken;

  private @Nullable ChangeSet sent;
  private boolean over;

  StoredTransaction(
      TransactionOptions options,
      int attempt,
      Core core,
      Connection connection,
      Deadline deadline) {
    this.id = core.ids().get();
    this.options = options;
    this.attempt = attempt;
    this.core = core;
    this.connection = connection;
    this.deadline = deadline;
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public TransactionOptions options() {
    return options;
  }

  @Override
  public int attempt() {
    return attempt;
  }

  @Override
  public State<JsonNode> state(String namespace, String name) {
    return state(namespace, name, JacksonCodec.tree());
  }

  @Override
  public <V> State<V> state(String namespace, String name, Class<V> type) {
    return state(namespace, name, JacksonCodec.of(type));
  }

  @Override
  public <V> State<V> state(String namespace, String name, Codec<V> codec) {
    requireUsable();
    StateId state = new StateId(namespace, name);
    TransactionAccess access =
        accesses.computeIfAbsent(state, missing -> new TransactionAccess(missing, this, core));
    Counters counters = new Counters(core.counters());
    return new StoredState<>(
        new Shared<>(
            state, core, codec, ObservedAccess.of(core.activities(), state, access), counters),
        new Author(null, null));
  }

  @Override
  public <R extends Record> RecordState<R> record(Class<R> type, String namespace, String name) {
    return RecordState.of(type, state(namespace, name));
  }

  @Override
  public Map<StateId, Long> written() {
    requireUsable();
    return accesses.values().stream()
        .filter(access -> !access.pending().isEmpty())
        .collect(
            Collectors.toUnmodifiableMap(TransactionAccess::id, TransactionAccess::nextVersion));
  }

  @Override
  public Connection connection() {
    requireUsable();
    return GuardedConnection.of(connection, this);
  }

  /** Whether a state was asked for here. */
  boolean uses(StateId state) {
    return accesses.containsKey(state);
  }

  /** Whether a state is locked here. */
  boolean locks(StateId state) {
    TransactionAccess access = accesses.get(state);
    return access != null && access.isLocked();
  }

  @Override
  public <T extends @Nullable Object, E extends Exception> T savepoint(TransactionWork<T, E> work)
      throws E {
    Savepoint savepoint = call("setting a savepoint", Connection::setSavepoint);
    Map<TransactionAccess, Point> points = new HashMap<>();
    accesses.values().forEach(access -> points.put(access, access.mark()));
    T result;
    try {
      result = work.run(this);
      requireWhole();
      // Fails when a statement of the caller's own had failed inside and was swallowed.
      call("releasing a savepoint", c -> {
        c.releaseSavepoint(savepoint);
        return true;
      });
    } catch (Throwable e) {
      hideWrittenIn(e);
      undo(savepoint, points, e);
      throw e;
    }
    return result;
  }

  /** What was written under sensitive keys is not to be seen in what is shown of a failure. */
  void hideWrittenIn(Throwable failure) {
    KnownValues written = core.redactor().known();
    for (TransactionAccess access : accesses.values()) {
      for (Item item : access.pending().items()) {
        if (item.payload() != null) {
          written.add(item.key(), Json.parse(item.payload()));
        }
      }
    }
    written.hideIn(failure);
  }

  private void undo(Savepoint savepoint, Map<TransactionAccess, Point> points, Throwable cause) {
    if (over || !isOwner()) {
      return;
    }
    accesses
        .values()
        .forEach(access -> access.returnTo(points.getOrDefault(access, Point.UNTOUCHED)));
    core.transactions().counters().savepointUndone();
    try {
      connection.rollback(savepoint);
      broken = null;
    } catch (SQLException e) {
      broken = e;
      cause.addSuppressed(e);
    }
  }

  /** Runs a statement of the transaction. */
  <R> R call(String doing, SqlWork<R> work) {
    requireUsable();
    try {
      deadline.limit(connection);
      return work.apply(connection);
    } catch (SQLException e) {
      broken = e;
      throw deadline.translate(e, doing);
    }
  }

  void requireUsable() {
    if (!isOwner()) {
      throw misuse("Transaction " + id + " belongs to thread " + owner.getName()
          + " and cannot be used by thread "
          + Thread.currentThread().getName());
    }
    if (over) {
      throw misuse("Transaction " + id + " is over");
    }
    deadline.check();
  }

  @SuppressWarnings("ReferenceEquality") // The very thread is meant.
  private boolean isOwner() {
    return Thread.currentThread() == owner;
  }

  void requireWritable() {
    requireUsable();
    if (options.isReadOnly()) {
      throw misuse("Transaction " + id + " is read-only");
    }
  }

  HoldfastException misuse(String message) {
    return new HoldfastException(
        ErrorCode.TRANSACTION_MISUSE, message, Map.of("transactionId", id), null);
  }

  /** A statement failed and the caller went on as if nothing had been; PostgreSQL will not. */
  private void requireWhole() {
    SQLException failure = broken;
    if (failure != null) {
      throw deadline.translate(
          failure, "going on in transaction " + id + " after a statement had failed in it");
    }
  }

  /** Sends everything that is pending; what is committed afterwards is all of it. */
  void flush() {
    requireUsable();
    requireWhole();
    List<TransactionAccess> written =
        accesses.values().stream().filter(access -> !access.pending().isEmpty()).toList();
    if (!written.isEmpty()) {
      List<Located> items = items(written);
      List<Head> heads = written.stream().map(TransactionAccess::head).toList();
      TransactionAccess first = written.get(0);
      long locked = first.head().position().version();
      sent = new ChangeSet(
          first.id(), first.uuid(), new Author(null, null), id, null, locked, List.of());
      Set<UUID> done = call(
          "writing the changes of transaction " + id,
          c ->
              core.transactionWriter().write(c, id, options.effectId().orElse(null), heads, items));
      requireAllWritten(written, done);
      core.counters().set(items.size());
    }
  }

  private static void requireAllWritten(List<TransactionAccess> written, Set<UUID> done) {
    for (TransactionAccess access : written) {
      if (!done.contains(access.uuid())) {
        throw access.moved();
      }
    }
  }

  private List<Located> items(List<TransactionAccess> written) {
    List<Located> items = new ArrayList<>();
    List<Located> appends = new ArrayList<>();
    Map<UUID, TransactionAccess> byState = new HashMap<>();
    for (TransactionAccess access : written) {
      byState.put(access.uuid(), access);
      for (Item item : access.pending().items()) {
        Item stored =
            item.form() == Form.APPEND ? core.transactionWriter().known(access.head(), item) : item;
        if (stored == null) {
          appends.add(new Located(access.uuid(), item));
        } else {
          items.add(new Located(access.uuid(), stored));
        }
      }
    }
    if (!appends.isEmpty()) {
      List<@Nullable Item> found = call(
          "looking what transaction " + id + " appends to",
          c -> core.transactionWriter().appendable(c, appends));
      for (int i = 0; i < appends.size(); i++) {
        Located append = appends.get(i);
        Item item = found.get(i);
        TransactionAccess access = Objects.requireNonNull(byState.get(append.state()));
        items.add(new Located(append.state(), item == null ? access.whole(append.item()) : item));
      }
    }
    return items;
  }

  /** What was written is committed, or may be by the caller: memory shows nothing older from now on. */
  void tellCache(boolean isCommitted) {
    for (TransactionAccess access : accesses.values()) {
      if (!access.pending().isEmpty()) {
        List<Item> items = isCommitted ? access.pending().items() : null;
        core.cache().wrote(access.uuid(), access.nextVersion(), items);
      }
    }
  }

  /** One of the change sets that were sent, by which one can tell whether the transaction was committed. */
  Optional<ChangeSet> sent() {
    return Optional.ofNullable(sent);
  }

  /** From here on every call is refused. */
  void end() {
    over = true;
  }

  /** Whether running all of it again can help: the database gave it up to serialize it or to break a deadlock. */
  boolean isRepeatable(Throwable failure) {
    return (broken != null && SqlFailure.of(broken) == SqlFailure.SERIALIZATION)
        || SqlFailure.isSerialization(failure);
  }

  @Override
  public String toString() {
    return "Transaction[" + id + ", " + options.isolation() + ", attempt " + attempt + "]";
  }

  /** The failure of a transaction whose time is up. */
  static TransientException timedOut(TransactionOptions options, @Nullable Throwable cause) {
    return new TransientException(
        "The transaction took longer than its timeout of "
            + options.timeout().map(Object::toString).orElse("-") + "; nothing was committed",
        Map.of(),
        cause);
  }
}
