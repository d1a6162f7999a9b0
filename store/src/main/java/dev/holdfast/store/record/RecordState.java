package dev.holdfast.store.record;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.Changes;
import dev.holdfast.store.ConflictException;
import dev.holdfast.store.Snapshot;
import dev.holdfast.store.State;
import dev.holdfast.store.StateId;
import dev.holdfast.store.json.CodecException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A whole state seen as one record: each component is a key, named in snake_case, so {@code sessionId} is the key {@code session_id}. Keys
 * that are no component are left alone, and so are getters that are none. Constants of enums are their {@code name()}. An update writes only
 * the components that differ, as one change set.
 *
 * <p>Safe for use by multiple threads; every method blocks while the database answers.
 *
 * @param <R> the record type; for an absent key its constructor gets null, which it may turn into a default, or zero or false where the
 *     component is primitive
 */
public final class RecordState<R extends Record> {

  private static final int MAX_ATTEMPTS = 1_000;

  private final State<JsonNode> state;
  private final RecordMapper<R> mapper;

  private RecordState(State<JsonNode> state, RecordMapper<R> mapper) {
    this.state = state;
    this.mapper = mapper;
  }

  /**
   * A state seen as a record.
   *
   * @throws dev.holdfast.error.HoldfastException when a component would not be written: an annotation renames or ignores it, or two have
   *     the same key
   */
  public static <R extends Record> RecordState<R> of(Class<R> type, State<JsonNode> state) {
    return new RecordState<>(state, new RecordMapper<>(type));
  }

  /** The state below, for everything else. */
  public State<JsonNode> state() {
    return state;
  }

  /** The same record, whose changes are recorded as made by this actor. */
  public RecordState<R> by(String actor) {
    return new RecordState<>(state.by(actor), mapper);
  }

  /** The same record, whose changes are recorded with this reason. */
  public RecordState<R> because(String reason) {
    return new RecordState<>(state.because(reason), mapper);
  }

  /**
   * The record at the newest version; empty when none of its keys is there.
   *
   * @throws CodecException when the values do not fit the record
   */
  public Optional<R> get() {
    return read(state.snapshot());
  }

  /**
   * The record at a version; empty when none of its keys was there.
   *
   * @throws CodecException when the values do not fit the record
   */
  public Optional<R> at(long version) {
    return read(state.at(version));
  }

  private Optional<R> read(Snapshot<JsonNode> snapshot) {
    return mapper.keys().stream().anyMatch(snapshot::has)
        ? Optional.of(mapper.read(snapshot.toJson()))
        : Optional.empty();
  }

  /**
   * Writes the components that differ from what is stored, atomically.
   *
   * @return the new version, or the newest one when nothing differs
   * @throws ConflictException when others were faster a thousand times
   */
  public long set(R value) {
    return retried(() -> attempt(state.snapshot(), null, value)).version();
  }

  /**
   * Replaces the record by a function of it, atomically: no update is lost. What the function leaves as it was read stays as it is stored,
   * also where the type is narrower than that: {@code 1} where it is {@code double}, or a property that it does not know.
   *
   * @param function gets the stored record; may be called again when somebody else changed the state meanwhile
   * @return the record that was written
   * @throws dev.holdfast.store.StateKeyException when none of the record's keys is there
   * @throws ConflictException when others were faster a thousand times; one that the function throws ends the update
   */
  public R update(UnaryOperator<R> function) {
    return retried(() -> {
          Snapshot<JsonNode> before = state.snapshot();
          R stored = read(before).orElseGet(() -> absent(before));
          ObjectNode asRead = asRead(stored);
          return attempt(before, asRead, function.apply(stored));
        })
        .value();
  }

  /** Null when it cannot be written, as {@code 1E400} cannot that was read as an infinity: the function has to say something else then. */
  private @Nullable ObjectNode asRead(R stored) {
    try {
      return mapper.write(stored);
    } catch (CodecException e) {
      return null;
    }
  }

  /** Whoever was faster made progress, so only a caller that is always the slowest comes to the end of its attempts. */
  private Written<R> retried(Supplier<Attempt<R>> attempts) {
    for (int left = MAX_ATTEMPTS; ; left--) {
      // Outside: a function may write to other states, and their conflicts are its affair.
      Attempt<R> attempt = attempts.get();
      try {
        return new Written<>(
            state.compareAndSet(attempt.expectedVersion, attempt.changes), attempt.value);
      } catch (ConflictException e) {
        if (left == 1) {
          throw e;
        }
      }
    }
  }

  private R absent(Snapshot<JsonNode> snapshot) {
    snapshot.getRequired(mapper.keys().get(0));
    throw new IllegalStateException("A key that was absent is there");
  }

  /** To write what differs from what is stored, and from how that was read, if it was. */
  private Attempt<R> attempt(
      Snapshot<JsonNode> before, @Nullable ObjectNode asRead, @Nullable R value) {
    if (value == null) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "State " + state.id() + ": the " + mapper.type().getName()
              + " to write is null; to remove it, delete its keys");
    }
    ObjectNode after = mapper.write(value);
    Changes<JsonNode> changes = Changes.none();
    for (String key : mapper.keys()) {
      JsonNode wanted = after.get(key);
      boolean untouched =
          asRead != null && before.has(key) && Objects.equals(wanted, asRead.get(key));
      if (!untouched && !mapper.isSame(before, key, wanted)) {
        // An annotation can leave a component out because of its value, such as null.
        changes = wanted == null ? changes.andDelete(key) : changes.andSet(key, wanted);
      }
    }
    return new Attempt<>(before.version(), changes, value);
  }

  /** The keys of the record, in the order of its components. */
  public List<String> keys() {
    return mapper.keys();
  }

  /** The state below. */
  public StateId id() {
    return state.id();
  }

  @Override
  public String toString() {
    return "RecordState[" + state.id() + ", keys=" + mapper.keys() + "]";
  }

  private record Attempt<R>(long expectedVersion, Changes<JsonNode> changes, R value) {}

  private record Written<R>(long version, R value) {}
}
