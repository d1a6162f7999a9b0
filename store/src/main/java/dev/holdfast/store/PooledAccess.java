package dev.holdfast.store;

import dev.holdfast.store.KeyEditor.Written;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.Tag;
import dev.holdfast.store.internal.ChangeSet;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Reader.Keys;
import dev.holdfast.store.internal.Reader.Span;
import dev.holdfast.store.internal.Reader.VersionAt;
import dev.holdfast.store.internal.SqlWork;
import dev.holdfast.store.internal.StoredChange;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.internal.WriteOutcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Every call is a transaction of its own on a connection of the pool. Safe for use by multiple threads. */
final class PooledAccess implements Access {

  private final StateId id;
  private final UUID uuid;
  private final Core core;
  private final Sender sender;
  private final KeyEditor editor;

  PooledAccess(StateId id, Core core, Counters counters) {
    this.id = id;
    this.core = core;
    this.sender = new Sender(id, core, counters);
    this.uuid = sender.uuid();
    this.editor = new KeyEditor(id, core, counters, sender);
  }

  @Override
  public Optional<StoredEntry> entry(String key) {
    requireNotInTransaction();
    return editor.entry(key);
  }

  @Override
  public boolean has(String key) {
    requireNotInTransaction();
    return editor.has(key);
  }

  @Override
  public List<String> keys() {
    Keys keys = read(connection -> core.reader().keys(connection, uuid));
    core.cache().saw(uuid, keys.version());
    return keys.names();
  }

  @Override
  public long version() {
    long version = read(connection -> core.reader().version(connection, uuid));
    core.cache().saw(uuid, version);
    return version;
  }

  @Override
  public WriteOutcome write(Author author, @Nullable Long expectedVersion, List<Item> items) {
    requireNotInTransaction();
    return sender.send(sender.changeSet(author, expectedVersion, items));
  }

  @Override
  public <R> Written<R> edit(
      Author author, String key, Function<Optional<StoredEntry>, Edit<R>> function) {
    requireNotInTransaction();
    return editor.edit(author, key, function);
  }

  @Override
  public WriteOutcome clear(Author author) {
    ChangeSet set = sender.changeSet(author, null, List.of());
    return run(set, connection -> core.writer().clear(connection, set));
  }

  @Override
  public WriteOutcome rollback(Author author, long version) {
    ChangeSet set = sender.changeSet(author, null, List.of());
    return run(set, connection -> core.writer().rollback(connection, set, version));
  }

  @Override
  public WriteOutcome cut(Author author, @Nullable Long version) {
    ChangeSet set = sender.changeSet(author, null, List.of());
    return run(set, connection -> core.writer().cut(connection, set, version));
  }

  @Override
  public WriteOutcome tag(Author author, String name, @Nullable Long version) {
    ChangeSet set = sender.changeSet(author, null, List.of());
    return run(set, connection -> core.tags().tag(connection, set, name, version));
  }

  @Override
  public WriteOutcome untag(Author author, String name) {
    ChangeSet set = sender.changeSet(author, null, List.of());
    return run(set, connection -> core.tags().untag(connection, set, name));
  }

  @Override
  public WriteOutcome fork(Author author, StateId fork, long version) {
    core.transactions().requireUnused(fork);
    Sender ofFork = new Sender(fork, core, core.counters());
    ChangeSet set = ofFork.changeSet(author, null, List.of());
    requireNotInTransaction();
    return ofFork.run(set, connection -> core.forks().fork(connection, set, uuid, version));
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

  private WriteOutcome run(ChangeSet set, SqlWork<WriteOutcome> work) {
    requireNotInTransaction();
    return sender.run(set, work);
  }

  @Override
  public Optional<StoredSnapshot> snapshot(long version) {
    return saw(read(connection -> core.reader().snapshot(connection, uuid, version)));
  }

  @Override
  public Optional<StoredSnapshot> changed(Span span) {
    return saw(read(connection -> core.reader().changed(connection, uuid, span)));
  }

  private Optional<StoredSnapshot> saw(Optional<StoredSnapshot> stored) {
    stored.ifPresent(found -> core.cache().saw(uuid, found.newest()));
    return stored;
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
    return true;
  }

  private <T> T read(SqlWork<T> work) {
    requireNotInTransaction();
    return core.engine().read(id, work);
  }

  private void requireNotInTransaction() {
    core.transactions().requireUnused(id);
  }
}
