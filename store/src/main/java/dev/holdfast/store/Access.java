package dev.holdfast.store;

import dev.holdfast.store.KeyEditor.Written;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.Tag;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Reader.Span;
import dev.holdfast.store.internal.Reader.VersionAt;
import dev.holdfast.store.internal.StoredChange;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.internal.StoredSnapshot;
import dev.holdfast.store.internal.WriteOutcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How one state is read and written: each call by itself on a connection of the pool, or within a transaction. Arguments are checked and
 * values encoded before they come here.
 */
interface Access {

  /** The newest row of a key; empty when the key was never written. */
  Optional<StoredEntry> entry(String key);

  boolean has(String key);

  List<String> keys();

  long version();

  /** Writes a change set; what comes back is never {@link WriteOutcome.NeedsFold}. */
  WriteOutcome write(Author author, @Nullable Long expectedVersion, List<Item> items);

  /** Changes one key by a function of its value, atomically. */
  <R> Written<R> edit(Author author, String key, Function<Optional<StoredEntry>, Edit<R>> function);

  /** Removes every key. */
  WriteOutcome clear(Author author);

  /** Appends a version whose content is that of an earlier one. */
  WriteOutcome rollback(Author author, long version);

  /** Makes everything before a version unreadable; null for the newest. */
  WriteOutcome cut(Author author, @Nullable Long version);

  /** Names a version, null for the newest. */
  WriteOutcome tag(Author author, String name, @Nullable Long version);

  /** Removes a name. */
  WriteOutcome untag(Author author, String name);

  /** Makes a state that did not exist from a version of this one. */
  WriteOutcome fork(Author author, StateId fork, long version);

  List<Tag> tags();

  OptionalLong versionOf(String tag);

  boolean isTagged(long version);

  /** See {@link dev.holdfast.store.internal.Reader#snapshot}. */
  Optional<StoredSnapshot> snapshot(long version);

  /** See {@link dev.holdfast.store.internal.Reader#changed}; only where one {@linkplain #readsWhatIsCommitted reads what is committed}. */
  Optional<StoredSnapshot> changed(Span span);

  VersionAt versionAt(Instant time);

  List<StoredChange> history(History query);

  /** Whether a snapshot read here is what everybody else reads, so that it may be remembered. */
  boolean readsWhatIsCommitted();
}
