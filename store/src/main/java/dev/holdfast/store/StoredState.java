package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.cache.ReadMode;
import dev.holdfast.store.history.History;
import dev.holdfast.store.history.HistoryPage;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.history.Tag;
import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.WriteOutcome;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import dev.holdfast.store.json.internal.TextRules;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A state over one way to reach it. All views that {@link #by}, {@link #because} and {@link #reading} make share everything but the author
 * and the reads.
 */
final class StoredState<V> implements State<V> {

  private static final int MAX_REASON_BYTES = 4096;

  private final Shared<V> shared;
  private final Author author;
  private final Reads<V> reads;

  StoredState(Shared<V> shared, Author author) {
    this(shared, author, shared.strict);
  }

  private StoredState(Shared<V> shared, Author author, Reads<V> reads) {
    this.shared = shared;
    this.author = author;
    this.reads = reads;
  }

  @Override
  public StateId id() {
    return shared.id;
  }

  @Override
  public State<V> by(String actor) {
    TextRules.requireText("actor", actor, StateId.MAX_BYTES);
    return new StoredState<>(shared, new Author(actor, author.reason()), reads);
  }

  @Override
  public State<V> because(String reason) {
    TextRules.requireText("reason", reason, MAX_REASON_BYTES);
    return new StoredState<>(shared, new Author(author.actor(), reason), reads);
  }

  @Override
  public State<V> reading(ReadMode mode) {
    return new StoredState<>(shared, author, shared.reads(mode));
  }

  @Override
  public Optional<V> get(String key) {
    return reads.get(key);
  }

  @Override
  public @Nullable V getRequired(String key) {
    return reads.getRequired(key);
  }

  @Override
  public Optional<Versioned<V>> find(String key) {
    return reads.find(key);
  }

  @Override
  public boolean has(String key) {
    return reads.has(key);
  }

  @Override
  public List<String> keys() {
    return reads.keys();
  }

  @Override
  public int size() {
    return reads.size();
  }

  @Override
  public long version() {
    return reads.version();
  }

  @Override
  public long set(String key, @Nullable V value) {
    return write(null, List.of(shared.encoder.value(key, Operation.SET, value)));
  }

  @Override
  public long update(Map<String, ? extends @Nullable V> values) {
    return write(null, shared.encoder.items(Changes.setAll(values), Operation.UPDATE));
  }

  @Override
  public long apply(Changes<V> changes) {
    return write(null, shared.encoder.items(changes, Operation.SET));
  }

  @Override
  public long compareAndSet(long expectedVersion, Changes<V> changes) {
    requireNotNegative(expectedVersion);
    return write(expectedVersion, shared.encoder.items(changes, Operation.SET));
  }

  @Override
  public boolean delete(String key) {
    return send(null, List.of(Item.none(Encoder.key(key), Operation.DELETE)))
        instanceof WriteOutcome.Written;
  }

  @Override
  public long append(String key, @Nullable Object element) {
    return appendAll(key, Arrays.asList(element));
  }

  @Override
  public long appendAll(String key, Collection<?> elements) {
    Encoder.key(key);
    String array = shared.encoder.array(key, elements);
    if (!elements.isEmpty() && shared.encoder.isGoverned(key)) {
      return shared
          .access
          .edit(author, key, entry -> shared.edits.append(key, entry, array))
          .version();
    }
    return write(null, elements.isEmpty() ? List.of() : List.of(Item.append(key, array)));
  }

  private long write(@Nullable Long expectedVersion, List<Item> items) {
    return items.isEmpty()
        ? unchanged(expectedVersion)
        : shared.outcomes.version(send(expectedVersion, items), 0);
  }

  private WriteOutcome send(@Nullable Long expectedVersion, List<Item> items) {
    return shared.access.write(author, expectedVersion, items);
  }

  private long unchanged(@Nullable Long expectedVersion) {
    long version = shared.strict.version();
    if (expectedVersion != null && version != expectedVersion) {
      throw new ConflictException(id(), null, expectedVersion, version);
    }
    return version;
  }

  @Override
  public long clear() {
    return shared.outcomes.version(shared.access.clear(author), 0);
  }

  @Override
  public long rollback(long version) {
    requireNotNegative(version);
    return shared.outcomes.version(shared.access.rollback(author, version), version);
  }

  @Override
  public long clearHistory() {
    return shared.outcomes.version(shared.access.cut(author, null), 0);
  }

  @Override
  public long clearHistoryBefore(long version) {
    requireNotNegative(version);
    return shared.outcomes.version(shared.access.cut(author, version), version);
  }

  @Override
  public long tag(String name) {
    return tagged(name, null);
  }

  @Override
  public long tag(String name, long version) {
    requireNotNegative(version);
    return tagged(name, version);
  }

  private long tagged(String name, @Nullable Long version) {
    requireTag(name);
    WriteOutcome outcome = shared.access.tag(author, name, version);
    if (outcome instanceof WriteOutcome.Taken taken) {
      throw StateTagException.taken(id(), name, taken.version());
    }
    return shared.outcomes.version(outcome, version == null ? 0 : version);
  }

  @Override
  public boolean untag(String name) {
    requireTag(name);
    return shared.access.untag(author, name) instanceof WriteOutcome.Written;
  }

  @Override
  public List<Tag> tags() {
    return shared.access.tags();
  }

  @Override
  public Snapshot<V> at(String tag) {
    return at(versionOf(tag));
  }

  @Override
  public long rollbackTo(String tag) {
    return rollback(versionOf(tag));
  }

  @Override
  public State<V> fork(String name, long version) {
    requireNotNegative(version);
    StateId fork = new StateId(id().namespace(), name);
    WriteOutcome outcome = shared.access.fork(author, fork, version);
    if (outcome instanceof WriteOutcome.Taken) {
      throw new HoldfastException(
          ErrorCode.ALREADY_EXISTS,
          "State " + fork + " exists already, so state " + id() + " cannot be forked to it",
          Map.of("state", fork.toString(), "origin", id().toString()),
          null);
    }
    shared.outcomes.version(outcome, version);
    return new StoredState<>(Shared.pooled(fork, shared.core, shared.codec), author);
  }

  private long versionOf(String tag) {
    requireTag(tag);
    return shared.access.versionOf(tag).orElseThrow(() -> StateTagException.absent(id(), tag));
  }

  private static void requireTag(String name) {
    TextRules.requireText("tag", name, StateId.MAX_BYTES);
  }

  private void requireNotNegative(long version) {
    if (version < 0) {
      throw new StateVersionException(id(), 0, version);
    }
  }

  @Override
  public Optional<V> compute(String key, UnaryOperator<@Nullable V> function) {
    Encoder.key(key);
    return shared
        .access
        .edit(author, key, entry -> shared.edits.compute(key, entry, function))
        .result();
  }

  @Override
  public Optional<V> merge(String key, V value, BinaryOperator<@Nullable V> function) {
    Encoder.key(key);
    Objects.requireNonNull(value, "value");
    return shared
        .access
        .edit(author, key, entry -> shared.edits.merge(key, entry, value, function))
        .result();
  }

  @Override
  public boolean putIfAbsent(String key, @Nullable V value) {
    Item item = shared.encoder.value(key, Operation.PUT_IF_ABSENT, value);
    return shared
        .access
        .<Boolean>edit(
            author,
            key,
            entry -> entry.isPresent() ? new Edit<>(null, false) : new Edit<>(item, true))
        .result();
  }

  @Override
  public long increment(String key, long by) {
    Encoder.key(key);
    return shared
        .access
        .edit(author, key, entry -> shared.edits.increment(key, entry, by))
        .result();
  }

  @Override
  public BigDecimal increment(String key, BigDecimal by) {
    Encoder.key(key);
    return shared
        .access
        .edit(author, key, entry -> shared.edits.increment(key, entry, by))
        .result();
  }

  @Override
  public long patch(String key, JsonPatch patch) {
    Encoder.key(key);
    return shared
        .access
        .edit(
            author,
            key,
            entry -> shared.edits.patch(
                key,
                entry.orElseThrow(() -> new StateKeyException(id(), key, shared.strict.keys())),
                patch))
        .version();
  }

  @Override
  public long patch(String key, MergePatch patch) {
    Encoder.key(key);
    return shared
        .access
        .edit(author, key, entry -> shared.edits.patch(key, entry, patch))
        .version();
  }

  @Override
  public Snapshot<V> snapshot() {
    return reads.snapshot();
  }

  @Override
  public Snapshot<V> at(long version) {
    requireNotNegative(version);
    return shared.snapshots.at(version);
  }

  @Override
  public Snapshot<V> asOf(Instant time) {
    return shared.snapshots.asOf(time);
  }

  @Override
  public StateDiff diff(long from, long to) {
    requireNotNegative(from);
    requireNotNegative(to);
    return shared.snapshots.diff(from, to);
  }

  @Override
  public HistoryPage<V> history(History query) {
    return new HistoryPages<>(shared.codec).page(query, shared.access.history(query));
  }

  @Override
  public StateMetrics metrics() {
    return shared.counters.copy();
  }

  /** Names the state and the author; reads nothing. */
  @Override
  public String toString() {
    String actor = author.actor();
    String by = actor == null ? "" : ", actor=" + Shown.key(actor);
    return "State[" + id() + by + "]";
  }
}
