package dev.holdfast.store.internal;

import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import dev.holdfast.store.internal.Tails.Trail;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where the items of a batch go when none of them has to look at what is stored: each change set makes the next version of its state.
 * Confined to one thread.
 */
final class Placement {

  private final List<Place> places = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private final Map<UUID, Head> heads = new LinkedHashMap<>();
  private final Tails tails;

  private Placement(Tails tails) {
    this.tails = tails;
  }

  /** The places of all items; null when one of them has to look. */
  static @Nullable Placement of(Batch batch, Tails tails) {
    Placement placement = new Placement(tails);
    for (ChangeSet set : batch.sets()) {
      if (!placement.add(set)) {
        return null;
      }
    }
    return placement;
  }

  private boolean add(ChangeSet set) {
    Head head = heads.get(set.stateUuid());
    if (head == null) {
      head = new Head(heads.size() + 1, set.stateUuid(), tails.trail(set.stateUuid()));
      heads.put(head.state, head);
    }
    List<Item> items = head.resolve(set);
    if (items == null) {
      return false;
    }
    int ordinal = ++head.sets;
    for (Item item : items) {
      rows.add(new Row(head, ordinal, set, item));
    }
    places.add(new Place(head, ordinal));
    return true;
  }

  /** Whether a state must be as it is known to be. */
  boolean follows() {
    return heads.values().stream().anyMatch(head -> head.trail != null);
  }

  /** The states, each once. */
  List<Head> heads() {
    return List.copyOf(heads.values());
  }

  /** The items as they are to be stored. */
  List<Row> rows() {
    return rows;
  }

  /** What becomes of each change set, in order. */
  List<Place> places() {
    return places;
  }

  /**
   * Where a change set goes.
   *
   * @param head its state
   * @param ordinal how many change sets of the state there are with it
   */
  record Place(Head head, int ordinal) {}

  /**
   * Where an item goes.
   *
   * @param head its state
   * @param ordinal of its change set
   * @param set its change set
   * @param item how it is stored
   */
  record Row(Head head, int ordinal, ChangeSet set, Item item) {
    Author author() {
      return set.authorOf(item);
    }
  }

  /** A state and how many change sets it gets. */
  static final class Head {

    final int place;
    final UUID state;

    /** What it has to be like; null for anything. */
    final @Nullable Trail trail;

    int sets;

    Head(int place, UUID state, @Nullable Trail trail) {
      this.place = place;
      this.state = state;
      this.trail = trail;
    }

    private @Nullable List<Item> resolve(ChangeSet set) {
      if (trail != null) {
        return trail.resolve(set);
      }
      return set.isBlind() ? set.items() : null;
    }

    @Nullable
    Long version() {
      return trail == null ? null : trail.position().version();
    }

    @Nullable
    Instant changedAt() {
      return trail == null ? null : trail.position().changedAt();
    }
  }
}
