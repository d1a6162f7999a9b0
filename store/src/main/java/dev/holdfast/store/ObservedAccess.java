package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.KeyEditor.Written;
import dev.holdfast.store.activity.Activities;
import dev.holdfast.store.activity.Activity;
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

/** Tells of each call of another access. Exists only where somebody listens. Safe for use by multiple threads if the other one is. */
final class ObservedAccess implements Access {

  private final Access access;
  private final Activities activities;
  private final String namespace;

  private ObservedAccess(Access access, Activities activities, String namespace) {
    this.access = access;
    this.activities = activities;
    this.namespace = namespace;
  }

  /** The access itself when nobody listens. */
  static Access of(@Nullable Activities activities, StateId state, Access access) {
    return activities == null ? access : new ObservedAccess(access, activities, state.namespace());
  }

  private <T> T observed(String operation, Activities.Work<T, RuntimeException> work) {
    return activities.run(Activity.ofState(operation, namespace), work);
  }

  private WriteOutcome written(
      String operation, Activities.Work<WriteOutcome, RuntimeException> work) {
    return activities.run(Activity.ofState(operation, namespace), work, ObservedAccess::failure);
  }

  /** What callers throw later for an outcome that is no success. */
  private static @Nullable Throwable failure(WriteOutcome outcome) {
    if (outcome instanceof WriteOutcome.Moved) {
      return refused(ErrorCode.CONFLICT);
    }
    if (outcome instanceof WriteOutcome.NoSuchVersion) {
      return refused(ErrorCode.VERSION);
    }
    if (outcome instanceof WriteOutcome.Cleared) {
      return refused(ErrorCode.VERSION_CLEARED);
    }
    return outcome instanceof WriteOutcome.Taken ? refused(ErrorCode.ALREADY_EXISTS) : null;
  }

  private static HoldfastException refused(ErrorCode code) {
    return new HoldfastException(code, "The write was refused: " + code);
  }

  @Override
  public Optional<StoredEntry> entry(String key) {
    return observed("get", () -> access.entry(key));
  }

  @Override
  public boolean has(String key) {
    return observed("has", () -> access.has(key));
  }

  @Override
  public List<String> keys() {
    return observed("keys", () -> access.keys());
  }

  @Override
  public long version() {
    return observed("version", () -> access.version());
  }

  @Override
  public WriteOutcome write(Author author, @Nullable Long expectedVersion, List<Item> items) {
    return written("write", () -> access.write(author, expectedVersion, items));
  }

  @Override
  public <R> Written<R> edit(
      Author author, String key, Function<Optional<StoredEntry>, Edit<R>> function) {
    return observed("edit", () -> access.edit(author, key, function));
  }

  @Override
  public WriteOutcome clear(Author author) {
    return written("clear", () -> access.clear(author));
  }

  @Override
  public WriteOutcome rollback(Author author, long version) {
    return written("rollback", () -> access.rollback(author, version));
  }

  @Override
  public WriteOutcome cut(Author author, @Nullable Long version) {
    return written("clear_history", () -> access.cut(author, version));
  }

  @Override
  public WriteOutcome tag(Author author, String name, @Nullable Long version) {
    return written("tag", () -> access.tag(author, name, version));
  }

  @Override
  public WriteOutcome untag(Author author, String name) {
    return written("untag", () -> access.untag(author, name));
  }

  @Override
  public WriteOutcome fork(Author author, StateId fork, long version) {
    return written("fork", () -> access.fork(author, fork, version));
  }

  @Override
  public List<Tag> tags() {
    return observed("tags", () -> access.tags());
  }

  @Override
  public OptionalLong versionOf(String tag) {
    return observed("version_of_tag", () -> access.versionOf(tag));
  }

  @Override
  public boolean isTagged(long version) {
    return observed("is_tagged", () -> access.isTagged(version));
  }

  @Override
  public Optional<StoredSnapshot> snapshot(long version) {
    return observed("snapshot", () -> access.snapshot(version));
  }

  @Override
  public Optional<StoredSnapshot> changed(Span span) {
    return observed("snapshot", () -> access.changed(span));
  }

  @Override
  public VersionAt versionAt(Instant time) {
    return observed("version_at", () -> access.versionAt(time));
  }

  @Override
  public List<StoredChange> history(History query) {
    return observed("history", () -> access.history(query));
  }

  @Override
  public boolean readsWhatIsCommitted() {
    return access.readsWhatIsCommitted();
  }
}
