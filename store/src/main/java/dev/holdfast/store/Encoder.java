package dev.holdfast.store;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.json.Codec;
import dev.holdfast.store.json.CodecException;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonLimits;
import dev.holdfast.store.json.internal.JsonGuard;
import dev.holdfast.store.json.internal.TextRules;
import dev.holdfast.store.validation.ValueRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Checks keys and turns values into JSON text that is safe to store, before any connection is borrowed. Immutable. */
final class Encoder<V> {

  private final StateId id;
  private final Codec<V> codec;
  private final JsonLimits limits;
  private final ValueRules rules;

  Encoder(StateId id, Codec<V> codec, JsonLimits limits, ValueRules rules) {
    this.id = id;
    this.codec = codec;
    this.limits = limits;
    this.rules = rules;
  }

  static String key(String key) {
    return TextRules.requireText("key", key, StateId.MAX_BYTES);
  }

  /** What every value has to keep. */
  JsonLimits limits() {
    return limits;
  }

  String value(String key, @Nullable V value) {
    return whole(key, encoded(key, () -> codec.encode(value)));
  }

  /** A whole value that is going to be written. */
  String whole(String key, String json) {
    guarded(key, json);
    if (isGoverned(key)) {
      rules.check(id, key, json);
    }
    return json;
  }

  /** Whether there are rules for the values of a key; then a value must not be changed without looking at the whole. */
  boolean isGoverned(String key) {
    return rules.govern(id, key);
  }

  /** Elements of an append are not of the type of the state's values; any object that can be JSON will do. */
  String array(String key, Collection<? extends @Nullable Object> elements) {
    List<String> texts = new ArrayList<>();
    for (Object element : elements) {
      texts.add(encoded(key, () -> Json.write(Json.json(element))));
    }
    return guarded(key, "[" + String.join(",", texts) + "]");
  }

  /** A codec does not know which key it works for. */
  private static String encoded(String key, Supplier<String> encoding) {
    try {
      return encoding.get();
    } catch (CodecException e) {
      throw e.in(what(key));
    }
  }

  String guarded(String key, String json) {
    JsonGuard.check(json, limits, () -> what(key));
    return json;
  }

  private static String what(String key) {
    return "the value of key \"" + Shown.key(key) + "\"";
  }

  Item value(String key, Operation operation, @Nullable V value) {
    return Item.value(key(key), operation, value(key, value));
  }

  List<Item> items(Changes<V> changes, Operation set) {
    List<Item> items = new ArrayList<>();
    for (Map.Entry<String, ChangeItems.Item<V>> entry : ChangeItems.of(changes).entrySet()) {
      item(entry.getKey(), entry.getValue(), set, items);
    }
    return items;
  }

  /** The whole would have to be read for it, which a set of changes does not do. */
  private void requireUngoverned(String key) {
    if (isGoverned(key)) {
      throw new HoldfastException(
          ErrorCode.INVALID_ARGUMENT,
          "There are rules for the value of key \"" + Shown.key(key) + "\" of state " + id
              + ", so it cannot be appended to among other changes; call append",
          Map.of("state", id.toString(), "key", key),
          null);
    }
  }

  private void item(String key, ChangeItems.Item<V> item, Operation set, List<Item> items) {
    key(key);
    if (item instanceof ChangeItems.SetItem<V> setItem) {
      items.add(value(key, set, setItem.value()));
    } else if (item instanceof ChangeItems.AppendItem<V> append) {
      if (!append.elements().isEmpty()) {
        requireUngoverned(key);
        items.add(Item.append(key, array(key, append.elements())));
      }
    } else {
      items.add(Item.none(key, Operation.DELETE));
    }
  }
}
