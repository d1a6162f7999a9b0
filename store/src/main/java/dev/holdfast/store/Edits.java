package dev.holdfast.store;

import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.JacksonCodec;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.MergePatch;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What each read-modify-write makes of the value that it read; the entry is empty when the key is absent. Immutable. */
final class Edits<V> {

  private final StateId id;
  private final Codec<V> codec;
  private final Encoder<V> encoder;
  private final int deltasPerSnapshot;

  Edits(StateId id, Codec<V> codec, Encoder<V> encoder, int deltasPerSnapshot) {
    this.id = id;
    this.codec = codec;
    this.encoder = encoder;
    this.deltasPerSnapshot = deltasPerSnapshot;
  }

  Edit<Optional<V>> compute(
      String key, Optional<StoredEntry> entry, UnaryOperator<@Nullable V> function) {
    return replace(key, Operation.COMPUTE, entry, function.apply(decode(entry)));
  }

  Edit<Optional<V>> merge(
      String key, Optional<StoredEntry> entry, V given, BinaryOperator<@Nullable V> function) {
    V stored = decode(entry);
    return replace(
        key, Operation.MERGE, entry, stored == null ? given : function.apply(stored, given));
  }

  private Edit<Optional<V>> replace(
      String key, Operation operation, Optional<StoredEntry> entry, @Nullable V value) {
    if (value != null) {
      return new Edit<>(encoder.value(key, operation, value), Optional.of(value));
    }
    return new Edit<>(entry.isPresent() ? Item.none(key, operation) : null, Optional.empty());
  }

  private @Nullable V decode(Optional<StoredEntry> entry) {
    return entry.isEmpty() ? null : Decoder.decode(codec, entry.get().key(), json(entry.get()));
  }

  private static String json(StoredEntry entry) {
    return Objects.requireNonNull(entry.json());
  }

  Edit<Long> increment(String key, Optional<StoredEntry> entry, long by) {
    BigDecimal sum = number(key, entry).add(BigDecimal.valueOf(by));
    try {
      return new Edit<>(item(key, sum), sum.longValueExact());
    } catch (ArithmeticException e) {
      throw new ValueTypeException(
          id, key, "increment by a long", "a whole number whose sum fits 64 bits");
    }
  }

  Edit<BigDecimal> increment(String key, Optional<StoredEntry> entry, BigDecimal by) {
    // Before the sum, which could be too large to be made at all.
    encoder.guarded(key, by.toString());
    BigDecimal sum = number(key, entry).add(by);
    return new Edit<>(item(key, sum), sum);
  }

  private Item item(String key, BigDecimal sum) {
    return Item.value(key, Operation.INCREMENT, readable(key, encoder.whole(key, sum.toString())));
  }

  /** What was made of JSON and not of a value of the state's type has to be one: nobody could read the key, or its history, again. */
  @SuppressWarnings("ReferenceEquality") // The very codec is meant.
  private String readable(String key, String json) {
    if (codec != JacksonCodec.tree()) {
      Decoder.decode(codec, key, json);
    }
    return json;
  }

  private BigDecimal number(String key, Optional<StoredEntry> entry) {
    if (entry.isEmpty()) {
      return BigDecimal.ZERO;
    }
    JsonNode node = Json.parse(json(entry.get()));
    if (!node.isNumber()) {
      throw new ValueTypeException(id, key, "increment", "a number");
    }
    return node.decimalValue();
  }

  /** An append whose whole has to keep rules. What is written is the same as without. */
  Edit<Boolean> append(String key, Optional<StoredEntry> entry, String elements) {
    ArrayNode whole = JsonNodeFactory.instance.arrayNode();
    if (entry.isPresent()) {
      JsonNode before = Json.parse(json(entry.get()));
      if (!before.isArray()) {
        throw new ValueTypeException(id, key, "append", "an array");
      }
      before.forEach(whole::add);
    }
    Json.parse(elements).forEach(whole::add);
    encoder.whole(key, Json.write(whole));
    return new Edit<>(Item.append(key, elements), true);
  }

  Edit<JsonNode> patch(String key, StoredEntry entry, JsonPatch patch) {
    JsonNode before = Json.parse(json(entry));
    return patched(key, Optional.of(entry), before, patch.apply(before, encoder.limits()));
  }

  Edit<JsonNode> patch(String key, Optional<StoredEntry> entry, MergePatch patch) {
    JsonNode before = entry.map(present -> Json.parse(json(present))).orElse(null);
    return patched(key, entry, before, patch.apply(before));
  }

  private Edit<JsonNode> patched(
      String key, Optional<StoredEntry> entry, @Nullable JsonNode before, JsonNode after) {
    String whole = readable(key, encoder.whole(key, Json.write(after)));
    return new Edit<>(
        entry
            .flatMap(present -> delta(key, present, Objects.requireNonNull(before), after, whole))
            .orElseGet(() -> Item.value(key, Operation.PATCH, whole)),
        after);
  }

  /** The difference as a delta, if the row below can bear one more and it is smaller than the value itself. */
  private Optional<Item> delta(
      String key, StoredEntry below, JsonNode before, JsonNode after, String whole) {
    boolean bears = below.form() != Form.REFERENCE && below.deltas() < deltasPerSnapshot;
    if (!bears) {
      return Optional.empty();
    }
    String patch = JsonPatch.between(before, after).toString();
    if (patch.length() >= whole.length()) {
      return Optional.empty();
    }
    long base = below.base() == null ? below.version() : below.base();
    return Optional.of(Item.patch(key, patch, base, below.deltas() + 1));
  }
}
