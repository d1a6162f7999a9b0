package dev.holdfast.store;

import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Form;
import dev.holdfast.store.internal.StoredEntry;
import dev.holdfast.store.json.Json;
import dev.holdfast.store.json.JsonPatch;
import dev.holdfast.store.json.internal.ArrayText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a transaction has written to one state and not sent yet: one item a key, for a version has one row a key. Confined to one thread. */
final class Pending {

  private final Map<String, Item> items = new LinkedHashMap<>();

  /** By key, appends behind its item that are not joined with it yet: to join each as it comes would copy all before it each time. */
  private final Map<String, List<Item>> appends = new HashMap<>();

  /** The same, which changes on its own. */
  Pending copy() {
    join();
    Pending copy = new Pending();
    copy.items.putAll(items);
    return copy;
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  List<Item> items() {
    join();
    return List.copyOf(items.values());
  }

  Set<String> keys() {
    return Collections.unmodifiableSet(items.keySet());
  }

  /** What is pending for a key, null when nothing is. */
  @Nullable
  Item item(String key) {
    join(key);
    return items.get(key);
  }

  /** What an append would be put onto: how the pending item of a key is stored and what it is made of, without what was appended to it. */
  @Nullable
  Item below(String key) {
    return items.get(key);
  }

  /** Whether the value of a key can only be told together with the one in the database. */
  boolean needsStored(String key) {
    Item item = items.get(key);
    return item == null || item.form() == Form.APPEND || item.form() == Form.PATCH;
  }

  void add(Author author, List<Item> more) {
    more.forEach(item -> add(item.by(author)));
  }

  /**
   * An append goes on from an append, an array or a removal; behind anything else it comes as the whole value that it makes. Everything else
   * replaces what was before.
   */
  private void add(Item next) {
    String key = next.key();
    Item before = items.get(key);
    if (before == null || next.form() != Form.APPEND) {
      items.put(key, next);
      appends.remove(key);
      return;
    }
    switch (before.form()) {
      case NONE -> items.put(key, next.asValue());
      case APPEND, VALUE ->
        appends.computeIfAbsent(key, missing -> new ArrayList<>()).add(next);
      case PATCH, REFERENCE ->
        throw new IllegalStateException("An append behind a pending " + before.form());
    }
  }

  private void join() {
    List.copyOf(appends.keySet()).forEach(this::join);
  }

  /** Whoever appended last is the author of all. */
  private void join(String key) {
    List<Item> more = appends.remove(key);
    if (more != null) {
      Item before = Objects.requireNonNull(items.get(key));
      Item last = more.get(more.size() - 1);
      String joined = ArrayText.concat(
          Stream.concat(Stream.of(before), more.stream()).map(Pending::json).toList());
      items.put(
          key,
          before.form() == Form.APPEND
              ? Item.append(key, joined).by(Objects.requireNonNull(last.author()))
              : last.asValue(joined));
    }
  }

  private static String concat(String before, String appended) {
    return ArrayText.concat(List.of(before, appended));
  }

  /** The entry of a key as the transaction sees it, given the one in the database, at the version that is to come. */
  @Nullable
  StoredEntry over(String key, @Nullable StoredEntry stored, long version) {
    Item item = item(key);
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
