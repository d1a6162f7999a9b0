package dev.holdfast.store;

import dev.holdfast.store.KeyEditor.Written;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.history.Tag;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.Position;
import dev.holdfast.store.internal.Reader.Span;
import dev.holdfast.store.internal.Reader.VersionAt;
import dev.holdfast.store.internal.SqlWork;
import dev.holdfast.store.internal.StoredChange;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.internal.TransactionWriter.Head;
import dev.holdfast.store.internal.WriteOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One state within one transaction. The first write takes the lock of the state's row and learns the version below; from then on nobody
 * else can write the state. Writes are kept in {@link Pending} and sent when the transaction commits, because a version has one row a key
 * however often the transaction wrote it. Confined to the transaction's thread.
 */
final class TransactionAccess implements Access {

  private final StateId id;
  private final UUID uuid;
  private final StoredTransaction transaction;
  private final Core core;

  /** The state below, known once it is locked. */
  private @Nullable Position base;

  private Pending pending = new Pending();

  /** Whether a savepoint may come back to what is pending, so that it is copied before it changes. */
  private boolean isMarked;

  TransactionAccess(StateId id, StoredTransaction transaction, Core core) {
    this.id = id;
    this.uuid = id.uuid();
    this.transaction = transaction;
    this.core = core;
  }

  StateId id() {
    return id;
  }

  UUID uuid() {
    return uuid;
  }

  /** Whether the state is locked here. */
  boolean isLocked() {
    return base != null;
  }

  /** The state below, when it is locked. */
  Head head() {
    return new Head(uuid, Objects.requireNonNull(base));
  }

  private long baseVersion() {
    return base == null ? 0 : base.version();
  }

  /** The version that the transaction makes when it writes anything. */
  long nextVersion() {
    return baseVersion() + 1;
  }

  /** What was written and not sent yet. */
  Pending pending() {
    return pending;
  }

  /** Where this state stands, for a savepoint that may bring it back. */
  Point mark() {
    isMarked = true;
    return new Point(base, pending);
  }

  void returnTo(Point earlier) {
    base = earlier.base;
    pending = earlier.pending;
    isMarked = true;
  }

  @Override
  public Optional<StoredEntry> entry(String key) {
    transaction.requireUsable();
    StoredEntry stored = pending.needsStored(key) ? storedEntry(key).orElse(null) : null;
    Item item = pending.item(key);
    if (item != null && item.form() == Form.APPEND) {
      Appends.requireArray(id, key, stored == null ? null : stored.json());
    }
    return Optional.ofNullable(pending.over(key, stored, nextVersion()));
  }

  Optional<StoredEntry> storedEntry(String key) {
    return read(connection -> core.reader().entry(connection, uuid, key));
  }

  @Override
  public boolean has(String key) {
    transaction.requireUsable();
    Item item = pending.item(key);
    return item == null
        ? read(connection -> core.reader().has(connection, uuid, key)).isThere()
        : item.form() != Form.NONE;
  }

  @Override
  public List<String> keys() {
    NavigableSet<String> keys = new TreeSet<>(KeyOrder.BYTEWISE);
    keys.addAll(read(connection -> core.reader().keys(connection, uuid)).names());
    for (Item item : pending.items()) {
      if (item.form() == Form.NONE) {
        keys.remove(item.key());
      } else {
        keys.add(item.key());
      }
    }
    return List.copyOf(keys);
  }

  @Override
  public long version() {
    transaction.requireUsable();
    if (!pending.isEmpty()) {
      return nextVersion();
    }
    return base != null
        ? base.version()
        : read(connection -> core.reader().version(connection, uuid));
  }

  /** Takes the lock, once. A row that is made for it goes again if the transaction is rolled back. */
  private void lock() {
    transaction.requireWritable();
    if (base == null) {
      core.transactions().requireUnlockedOutside(transaction, id);
      base = transaction.call(
          "locking state " + id, connection -> core.writer().lock(connection, id, uuid));
    }
  }

  @Override
  public WriteOutcome write(Author author, @Nullable Long expectedVersion, List<Item> items) {
    lock();
    long version = version();
    if (expectedVersion != null && expectedVersion != version) {
      return new WriteOutcome.Moved(null, expectedVersion, version);
    }
    List<Item> effective = new ArrayList<>();
    for (Item item : items) {
      if (item.form() != Form.NONE || has(item.key())) {
        effective.add(item.form() == Form.APPEND ? appendable(item) : item);
      }
    }
    return keep(author, effective);
  }

  /** An append as it can be put onto what is pending. */
  private Item appendable(Item append) {
    String key = append.key();
    Item before = pending.below(key);
    if (before == null || before.form() == Form.APPEND || before.form() == Form.NONE) {
      return append;
    }
    if (before.form() == Form.VALUE) {
      Appends.requireArray(id, key, before.payload());
      return append;
    }
    return Appends.whole(id, append, entry(key).map(StoredEntry::json).orElseThrow());
  }

  private WriteOutcome keep(Author author, List<Item> items) {
    if (items.isEmpty()) {
      return new WriteOutcome.Unchanged(version());
    }
    if (isMarked) {
      pending = pending.copy();
      isMarked = false;
    }
    pending.add(author, items);
    return new WriteOutcome.Written(nextVersion());
  }

  @Override
  public <R> Written<R> edit(
      Author author, String key, Function<Optional<StoredEntry>, Edit<R>> function) {
    lock();
    Optional<StoredEntry> entry = entry(key);
    Item before = pending.item(key);
    Edit<R> edit = function.apply(entry.filter(StoredEntry::isPresent));
    transaction.requireUsable();
    if (!Objects.equals(before, pending.item(key))) {
      throw transaction.misuse("The callback that changes key \"" + Shown.key(key) + "\" of state "
          + id + " changed the same key itself");
    }
    Item item = edit.item();
    if (item == null) {
      return new Written<>(entry.map(StoredEntry::version).orElse(0L), edit.result());
    }
    keep(author, List.of(item.form() == Form.APPEND ? appendable(item) : item));
    return new Written<>(nextVersion(), edit.result());
  }

  @Override
  public WriteOutcome clear(Author author) {
    lock();
    return keep(
        author, keys().stream().map(key -> Item.none(key, Operation.CLEAR)).toList());
  }

  @Override
  public WriteOutcome rollback(Author author, long target) {
    lock();
    long version = version();
    if (target > version) {
      return new WriteOutcome.NoSuchVersion(version);
    }
    Optional<StoredSnapshot> then = storedSnapshot(Math.min(target, baseVersion()));
    long oldest = then.map(StoredSnapshot::oldest).orElse(0L);
    if (target < oldest && !isTagged(target)) {
      return new WriteOutcome.Cleared(oldest);
    }
    return target == version
        ? new WriteOutcome.Unchanged(version)
        : keep(author, restoring(target, entries(then)));
  }

  /** Every key that was written after the target goes back to what it was. */
  private List<Item> restoring(long target, Map<String, StoredEntry> then) {
    NavigableSet<String> written = new TreeSet<>(KeyOrder.BYTEWISE);
    written.addAll(
        read(connection -> core.transactionWriter().keysSince(connection, uuid, target)));
    written.addAll(pending.keys());
    List<Item> items = new ArrayList<>();
    for (String key : written) {
      StoredEntry entry = then.get(key);
      items.add(
          entry == null
              ? Item.none(key, Operation.ROLLBACK)
              : Item.value(key, Operation.ROLLBACK, Objects.requireNonNull(entry.json())));
    }
    return items;
  }

  @Override
  public WriteOutcome cut(Author author, @Nullable Long version) {
    throw transaction.misuse("The history of state " + id
        + " cannot be cleared within a transaction; clear it before or after");
  }

  @Override
  public WriteOutcome tag(Author author, String name, @Nullable Long version) {
    throw transaction.misuse("Versions of state " + id
        + " cannot be tagged within a transaction; tag them before or after");
  }

  @Override
  public WriteOutcome untag(Author author, String name) {
    throw transaction.misuse("Tags of state " + id
        + " cannot be removed within a transaction; remove them before or after");
  }

  @Override
  public WriteOutcome fork(Author author, StateId fork, long version) {
    throw transaction.misuse(
        "State " + id + " cannot be forked within a transaction; fork it before or after");
  }

  @Override
  public List<Tag> tags() {
    return read(connection -> core.tags().tags(connection, uuid));
  }

  @Override
  public OptionalLong versionOf(String tag) {
    return read(connection -> core.tags().version(connection, uuid, tag));
  }

  @Override
  public boolean isTagged(long version) {
    return read(connection -> core.tags().isTagged(connection, uuid, version));
  }

  @Override
  public Optional<StoredSnapshot> snapshot(long version) {
    transaction.requireUsable();
    if (pending.isEmpty()) {
      return storedSnapshot(version);
    }
    boolean newest = version == Long.MAX_VALUE || version == nextVersion();
    StoredSnapshot stored = storedSnapshot(newest ? Long.MAX_VALUE : version).orElseThrow();
    return Optional.of(new StoredSnapshot(
        nextVersion(),
        stored.oldest(),
        null,
        newest ? null : stored.versionAt(),
        newest ? current(stored.entries()) : stored.entries()));
  }

  private Map<String, StoredEntry> current(Map<String, StoredEntry> stored) {
    NavigableMap<String, StoredEntry> entries = new TreeMap<>(KeyOrder.BYTEWISE);
    entries.putAll(stored);
    for (Item item : pending.items()) {
      StoredEntry below = stored.get(item.key());
      if (item.form() == Form.APPEND) {
        Appends.requireArray(id, item.key(), below == null ? null : below.json());
      }
      StoredEntry entry = pending.over(item.key(), below, nextVersion());
      if (entry != null && entry.isPresent()) {
        entries.put(item.key(), entry);
      } else {
        entries.remove(item.key());
      }
    }
    return entries;
  }

  private static Map<String, StoredEntry> entries(Optional<StoredSnapshot> snapshot) {
    return snapshot.map(StoredSnapshot::entries).orElse(Map.of());
  }

  private Optional<StoredSnapshot> storedSnapshot(long version) {
    return read(connection -> core.reader().snapshot(connection, uuid, version));
  }

  @Override
  public Optional<StoredSnapshot> changed(Span span) {
    throw new IllegalStateException("Nothing read within a transaction is remembered");
  }

  @Override
  public VersionAt versionAt(Instant time) {
    return read(connection -> core.reader().versionAt(connection, uuid, time));
  }

  @Override
  public List<StoredChange> history(History query) {
    return read(connection -> core.historyReader().page(connection, uuid, query));
  }

  @Override
  public boolean readsWhatIsCommitted() {
    return false;
  }

  private <T> T read(SqlWork<T> work) {
    return transaction.call("reading state " + id, work);
  }

  /** An append that no delta can store, as the whole value. */
  Item whole(Item append) {
    return Appends.whole(
        id, append, storedEntry(append.key()).map(StoredEntry::json).orElse(null));
  }

  /** The state is not at the version that was locked; only SQL of the caller's own can have done that. */
  ConflictException moved() {
    return new ConflictException(
        id, null, baseVersion(), read(connection -> core.reader().version(connection, uuid)));
  }

  /**
   * Where a state stood within its transaction.
   *
   * @param base the state below, known once it is locked
   * @param pending what had been written; nobody changes it any more
   */
  record Point(@Nullable Position base, Pending pending) {

    static final Point UNTOUCHED = new Point(null, new Pending());
  }
}
