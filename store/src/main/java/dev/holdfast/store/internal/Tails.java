package dev.holdfast.store.internal;

import dev.holdfast.store.history.Operation;
import dev.holdfast.store.internal.ChangeSet.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the lists of states end, as this process has last written them. An append is a delta on a whole value, and has to say on which one
 * and how many deltas there are by now. Who wrote the newest version knows that, and need not look: the append is a plain row under the one
 * condition that the state is still as it was left, see {@link WriteSql}. When it is not, nothing was written, and the append looks.
 *
 * <p>The condition is the version and the time of the last change, see {@link Position}. Who holds the lock of the state compares them itself.
 * What was learned of a transaction that was rolled back does no harm, as nothing else has the same time; a time that others may have as
 * well, {@linkplain Position#isOfClock because the clock stands behind}, is not remembered.
 *
 * <p>Knowing nothing of a state costs nothing but a look, so whatever is known may be forgotten at any time. A state that others write as
 * well is let be for a while. Safe for use by multiple threads.
 */
final class Tails {

  /** States of which something is known; about 300 bytes each. */
  private static final int MOST_STATES = 10_000;

  private static final int MOST_KEYS = 16;

  /** So many writes of a state are let pass at most before its tails are believed again. */
  private static final int LONGEST_REST = 64;

  private final int deltasPerSnapshot;
  private final Map<UUID, Known> states = new ConcurrentHashMap<>();

  Tails(int deltasPerSnapshot) {
    this.deltasPerSnapshot = deltasPerSnapshot;
  }

  /** What can be written to a state without a look; null when nothing is known of it. */
  @Nullable
  Trail trail(UUID state) {
    Known known = states.get(state);
    return known == null || known.position == null
        ? null
        : new Trail(known.position, new HashMap<>(known.tails), deltasPerSnapshot);
  }

  /** What can be written without a look to a state that stands at a position; null when nothing is known of it there. */
  @Nullable
  Trail trail(UUID state, Position position) {
    Trail trail = trail(state);
    return trail != null && trail.position.equals(position) ? trail : null;
  }

  /** The state was as the trail has it, and was changed as the trail says. */
  void kept(UUID state, Trail trail, Position now) {
    if (now.isOfClock(trail.position)) {
      put(state, new Known(now, trail.tails, 0, 0));
    } else {
      states.remove(state);
    }
  }

  /** The state was not as its trail had it. Each time in a row it is let be for twice as long. */
  void missed(UUID state) {
    states.computeIfPresent(state, (same, known) -> {
      int rest = Math.min(LONGEST_REST, 2 * known.rest + 1);
      return new Known(null, Map.of(), rest, rest);
    });
  }

  /** Something was written by who had looked, or held the lock. */
  void learn(Lesson lesson) {
    UUID state = lesson.state;
    if (!lesson.isOfClock) {
      states.remove(state);
      return;
    }
    Known known = states.get(state);
    if (known != null && known.left > 0) {
      put(state, new Known(null, Map.of(), known.rest, known.left - 1));
      return;
    }
    Map<String, Tail> tails = new HashMap<>();
    if (known != null && lesson.before.equals(known.position)) {
      tails.putAll(known.tails);
    }
    lesson.keys.forEach(tails::remove);
    tails.putAll(lesson.tails);
    put(state, new Known(lesson.after, tails, known == null ? 0 : known.rest, 0));
  }

  /** Whether what was written to a state is worth learning from. */
  boolean concerns(UUID state, List<Item> items) {
    return states.containsKey(state)
        || items.stream().anyMatch(item -> item.operation() == Operation.APPEND);
  }

  private void put(UUID state, Known known) {
    boolean says = known.rest > 0 || !known.tails.isEmpty();
    if (!says || known.tails.size() > MOST_KEYS) {
      states.remove(state);
    } else if (states.put(state, known) == null && states.size() > MOST_STATES) {
      // Starts over, like KnownStates.
      states.clear();
    }
  }

  /**
   * What the next append to a key has to know of its newest row.
   *
   * @param base the version of the whole value
   * @param deltas how many deltas follow it
   */
  record Tail(long base, int deltas) {}

  /**
   * What is known of a state behind a write that had looked.
   *
   * @param state identity of the state
   * @param before the state that it found
   * @param after the state that it left
   * @param keys all keys that it wrote
   * @param tails by key, where the lists among them end
   * @param isOfClock whether the clock has given the time
   */
  record Lesson(
      UUID state,
      Position before,
      Position after,
      Set<String> keys,
      Map<String, Tail> tails,
      boolean isOfClock) {

    /**
     * The lesson of items.
     *
     * @param before the state as it was found before the message
     * @param items what was to be written, or how it is stored
     * @param deltas by key, the deltas that appends became; those that are not there became whole values
     */
    static Lesson of(
        UUID state, Position before, Position after, List<Item> items, Map<String, Tail> deltas) {
      Set<String> keys = new HashSet<>();
      Map<String, Tail> tails = new HashMap<>();
      for (Item item : items) {
        keys.add(item.key());
        if (item.operation() == Operation.APPEND) {
          tails.put(item.key(), deltas.getOrDefault(item.key(), new Tail(after.version(), 0)));
        }
      }
      return new Lesson(state, before, after, keys, tails, after.isOfClock(before));
    }

    /** The same behind another change set of its message, which every look of a message overlooks. */
    Lesson behind(Position position) {
      return new Lesson(state, position, after, keys, tails, isOfClock);
    }
  }

  /**
   * What is known of a state.
   *
   * @param position null while it is let be
   * @param tails by key; never changed
   * @param rest for how many writes it was let be the last time
   * @param left for how many more it is let be
   */
  private record Known(@Nullable Position position, Map<String, Tail> tails, int rest, int left) {}

  /** The tails of one state, moved on by what is about to be written. Confined to one thread. */
  static final class Trail {

    private final Position position;
    private final Map<String, Tail> tails;
    private final int deltasPerSnapshot;

    private Trail(Position position, Map<String, Tail> tails, int deltasPerSnapshot) {
      this.position = position;
      this.tails = tails;
      this.deltasPerSnapshot = deltasPerSnapshot;
    }

    /** The state that all of it is about. */
    Position position() {
      return position;
    }

    /** The items of a change set as they are to be stored; null when one of them has to look. Then the trail is of no use any more. */
    @Nullable
    List<Item> resolve(ChangeSet set) {
      if (set.expectedVersion() != null) {
        return null;
      }
      List<Item> resolved = new ArrayList<>(set.items().size());
      for (Item item : set.items()) {
        Item stored = item.isBlind() ? overwrite(item) : append(item);
        if (stored == null) {
          return null;
        }
        resolved.add(stored);
      }
      return resolved;
    }

    private Item overwrite(Item value) {
      tails.remove(value.key());
      return value;
    }

    /** An append as it is to be stored; null when it has to look. */
    @Nullable
    Item append(Item item) {
      Tail tail = item.form() == Form.APPEND && item.guard() == null ? tails.get(item.key()) : null;
      if (tail == null || tail.deltas >= deltasPerSnapshot) {
        return null;
      }
      Tail next = new Tail(tail.base, tail.deltas + 1);
      tails.put(item.key(), next);
      return item.onto(next.base, next.deltas);
    }
  }
}
