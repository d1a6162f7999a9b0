package dev.holdfast.store;

import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.internal.ArrayText;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a transaction has written to one state and not sent yet: one item a key, for a version has one row a key. Confined to one thread. */
final class Pending {

  private final Map<String, Item> items = new LinkedHashMap<>();

  /** The same, which changes on its own. */
  Pending copy() {
    Pending copy = new Pending();
    copy.items.putAll(items);
    return copy;
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  List<Item> items() {
    return List.copyOf(items.values());
  }

  Set<String> keys() {
    return Collections.unmodifiableSet(items.keySet());
  }

  /** What is pending for a key, null when nothing is. */
  @Nullable
  Item item(String key) {
    return items.get(key);
  }

  /** Whether the value of a key can only be told together with the one in the database. */
  boolean needsStored(String key) {
    Item item = items.get(key);
    return item == null || item.form() == Form.APPEND || item.form() == Form.PATCH;
  }

  void add(Author author, List<Item> more) {
    more.forEach(item -> items.merge(item.key(), item.by(author), Pending::joined));
  }

  /**
   * An append goes on from an append or a removal; behind anything else it comes as the whole value that it makes. Everything else replaces
   * what was before.
   */
  private static Item joined(Item before, Item next) {
    if (next.form() != Form.APPEND) {
      return next;
    }
    return switch (before.form()) {
      case NONE -> next.asValue();
      case APPEND ->
        Item.append(next.key(), concat(json(before), json(next)))
            .by(Objects.requireNonNull(next.author()));
      case VALUE, PATCH, REFERENCE ->
        throw new IllegalStateException("An append behind a pending " + before.form());
    };
  }

  private static String concat(String before, String appended) {
    return ArrayText.concat(List.of(before, appended));
  }

  /** The entry of a key as the transaction sees it, given the one in the database, at the version that is to come. */
  @Nullable
  StoredEntry over(String key, @Nullable StoredEntry stored, long version) {
    Item item = items.get(key);
    if (item == null) {
      return stored;
    }
    // Said to be a reference because no delta can be put on a row that is not written yet.
    return new StoredEntry(key, version, seen(item, stored), Form.REFERENCE, null, 0);
  }

  private static @Nullable String seen(Item item, @Nullable StoredEntry stored) {
    String before = stored == null ? null : stored.json();
    return switch (item.form()) {
      case APPEND -> concat(before == null ? "[]" : before, json(item));
      case PATCH ->
        Json.write(JsonPatch.parse(json(item)).apply(Json.parse(Objects.requireNonNull(before))));
      case VALUE, REFERENCE, NONE -> item.payload();
    };
  }

  private static String json(Item item) {
    return Objects.requireNonNull(item.payload());
  }
}
