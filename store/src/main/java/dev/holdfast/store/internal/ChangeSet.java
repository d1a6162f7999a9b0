package dev.holdfast.store.internal;

import dev.holdfast.store.StateId;
import dev.holdfast.store.history.Operation;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one call writes to one state, encoded and ready to send. Immutable.
 *
 * @param state the state
 * @param stateUuid its identity as stored
 * @param author who and why, for items that do not say
 * @param transactionId made for this call; tells afterwards whether it landed
 * @param expectedVersion the version that the state must have, null for any
 * @param seen a version that the state had before this was sent, 0 when none is known
 * @param items the keys, each once
 */
public record ChangeSet(
    StateId state,
    UUID stateUuid,
    Author author,
    UUID transactionId,
    @Nullable Long expectedVersion,
    long seen,
    List<Item> items) {

  /** A change set to a state of which no version is known. */
  public ChangeSet(
      StateId state,
      UUID stateUuid,
      Author author,
      UUID transactionId,
      @Nullable Long expectedVersion,
      List<Item> items) {
    this(state, stateUuid, author, transactionId, expectedVersion, 0, items);
  }

  /** The same, about to be sent to a state that had this version. */
  ChangeSet seen(long version) {
    return new ChangeSet(state, stateUuid, author, transactionId, expectedVersion, version, items);
  }

  /** Whatever is written of it, its version is higher: expected versions are checked. */
  long landsAbove() {
    long above = expectedVersion == null ? seen : Math.max(seen, expectedVersion);
    for (Item item : items) {
      above = item.guard == null ? above : Math.max(above, item.guard);
    }
    return above;
  }

  /**
   * Whether the items need nothing but to be written: no condition, and nothing that depends on the value before. Such a change set is one
   * plain statement.
   */
  boolean isBlind() {
    if (expectedVersion != null) {
      return false;
    }
    // Asked several times for each write, where a stream is a good part of the answer.
    for (Item item : items) {
      if (!item.isBlind()) {
        return false;
      }
    }
    return true;
  }

  /** Whether all items come from the same call and author, as those of everything but a transaction do. */
  boolean isOfOneCall() {
    Item first = items.get(0);
    return items.stream()
        .allMatch(
            item -> item.operation == first.operation && authorOf(item).equals(authorOf(first)));
  }

  /** Whether all items have the author of the set. */
  boolean isOfOneAuthor() {
    return items.stream().allMatch(item -> authorOf(item).equals(author));
  }

  /** Whether the state's row has to be made when it is missing; removing keys from nothing needs none. */
  boolean createsState() {
    return items.stream().anyMatch(item -> item.form != Form.NONE);
  }

  /** Whether all items are whole values, but for one append without a condition: such a set writes all its items, or has to be folded. */
  boolean onlyAppendsOnce() {
    return expectedVersion == null
        && items.stream().filter(item -> !item.isBlind()).count() == 1
        && items.stream().anyMatch(item -> item.form == Form.APPEND && item.guard == null);
  }

  /** About how long the values are. */
  int characters() {
    int characters = 0;
    for (Item item : items) {
      characters += item.characters();
    }
    return characters;
  }

  /** Who changes a key of this set, and why. */
  Author authorOf(Item item) {
    return item.author == null ? author : item.author;
  }

  /**
   * Who makes a change, and why.
   *
   * @param actor null when not stated
   * @param reason null when not stated
   */
  public record Author(@Nullable String actor, @Nullable String reason) {}

  /**
   * One key of a change set.
   *
   * @param key the key
   * @param operation the call
   * @param form how to store it; an append becomes a whole value where there is no array to append to yet, or after too many deltas
   * @param payload JSON text, null for {@link Form#NONE}
   * @param guard the version that the newest row of the key must have, 0 for no row at all, null for any
   * @param base for a patch, the version of the whole value below
   * @param deltas for a patch, how many deltas with this one
   * @param author who and why, null for the author of the change set; a transaction can have several
   */
  public record Item(
      String key,
      Operation operation,
      Form form,
      @Nullable String payload,
      @Nullable Long guard,
      @Nullable Long base,
      @Nullable Integer deltas,
      @Nullable Author author) {

    /** A whole value, whatever was there before. */
    public static Item value(String key, Operation operation, String json) {
      return new Item(key, operation, Form.VALUE, json, null, null, null, null);
    }

    /** A removal; no change when the key is absent. */
    public static Item none(String key, Operation operation) {
      return new Item(key, operation, Form.NONE, null, null, null, null, null);
    }

    /** Elements to append, as a JSON array. */
    public static Item append(String key, String array) {
      return new Item(key, Operation.APPEND, Form.APPEND, array, null, null, null, null);
    }

    /** A patch of the whole value at {@code base}, on top of {@code deltas - 1} others. */
    public static Item patch(String key, String patch, long base, int deltas) {
      return new Item(key, Operation.PATCH, Form.PATCH, patch, null, base, deltas, null);
    }

    /** How long its value is. */
    public int characters() {
      return payload == null ? 0 : payload.length();
    }

    /** The same item, to be written only if the newest row of the key has this version. */
    public Item guardedBy(long version) {
      return new Item(key, operation, form, payload, version, base, deltas, author);
    }

    /** An append as a delta on the whole value at {@code base}, on top of {@code deltas - 1} others. */
    Item onto(long base, int deltas) {
      return new Item(key, operation, Form.APPEND, payload, guard, base, deltas, author);
    }

    /** An append as the whole value that it makes. */
    public Item asValue(String json) {
      return new Item(key, operation, Form.VALUE, json, guard, null, null, author);
    }

    /** An append to nothing. */
    public Item asValue() {
      return asValue(Objects.requireNonNull(payload));
    }

    /** The same item, made by an author of its own. */
    public Item by(Author who) {
      return new Item(key, operation, form, payload, guard, base, deltas, who);
    }

    boolean isBlind() {
      return form == Form.VALUE && guard == null;
    }
  }
}
