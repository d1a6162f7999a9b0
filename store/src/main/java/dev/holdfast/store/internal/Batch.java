package dev.holdfast.store.internal;

import dev.holdfast.store.internal.ChangeSet.Author;
import dev.holdfast.store.internal.ChangeSet.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Change sets that can go in one message. All of them are judged by what is stored before the message, so a change set that would have to see
 * what an earlier one of the same message does must wait for the next. Whole values see nothing and always fit. An append fits behind other
 * appends to the same key, as it only has to know how many they are; for that none of them may fail alone, so each must be in a change set
 * that otherwise has only whole values. Everything else needs keys that no earlier change set touches, and an expected version a state that
 * none touches. Confined to one thread.
 */
final class Batch {

  /** More rows do not make a message cheaper for each, and let the others wait. */
  private static final int MOST_SETS = 256;

  private static final int MOST_ROWS = 2_000;
  private static final int MOST_CHARACTERS = 4 << 20;

  private final List<ChangeSet> sets = new ArrayList<>();
  private final Map<UUID, Touched> states = new HashMap<>();
  private @Nullable Touched last;
  private int rows;
  private int characters;

  /** Adds a change set, if it fits; the first one always does. */
  boolean add(ChangeSet set) {
    if (isFull(set)) {
      return false;
    }
    Touched touched = touched(set.stateUuid());
    if (!set.isBlind() && !touched.admits(set)) {
      return false;
    }
    touched.add(set);
    sets.add(set);
    rows += set.items().size();
    characters += set.characters();
    return true;
  }

  /** One after the other are often of the same state. */
  private Touched touched(UUID state) {
    if (last == null || !last.state.equals(state)) {
      last = states.computeIfAbsent(state, Touched::new);
    }
    return last;
  }

  private boolean isFull(ChangeSet set) {
    return !sets.isEmpty()
        && (sets.size() == MOST_SETS
            || rows + set.items().size() > MOST_ROWS
            || characters + set.characters() > MOST_CHARACTERS);
  }

  /** Whether not even a change set of one small key would be taken. */
  boolean isFull() {
    return sets.size() == MOST_SETS || rows >= MOST_ROWS || characters >= MOST_CHARACTERS;
  }

  /** How many change sets of a state are in. */
  int setsOf(UUID state) {
    Touched touched = last != null && last.state.equals(state) ? last : states.get(state);
    return touched == null ? 0 : touched.sets.size();
  }

  List<ChangeSet> sets() {
    return sets;
  }

  /** The states, each once. */
  List<UUID> states() {
    return List.copyOf(states.keySet());
  }

  /** All items, each with its change set. */
  List<Row> rows() {
    List<Row> all = new ArrayList<>(rows);
    Map<UUID, Map<String, Integer>> appends = new HashMap<>();
    for (int i = 0; i < sets.size(); i++) {
      ChangeSet set = sets.get(i);
      for (Item item : set.items()) {
        int before = item.form() == Form.APPEND
            ? appends
                    .computeIfAbsent(set.stateUuid(), state -> new HashMap<>())
                    .merge(item.key(), 1, Integer::sum)
                - 1
            : 0;
        all.add(new Row(i + 1, set, item, before));
      }
    }
    return all;
  }

  /**
   * An item in its place.
   *
   * @param place of the change set, from 1
   * @param set the change set
   * @param item one of its items
   * @param before how many appends to the same key come before it
   */
  record Row(int place, ChangeSet set, Item item, int before) {
    Author author() {
      return set.authorOf(item);
    }
  }

  /** What the change sets so far do to one state. */
  private static final class Touched {

    private final UUID state;
    private final List<ChangeSet> sets = new ArrayList<>();

    /** Whether each key that is touched is only appended to; made when it is asked for, which is never while all is blind. */
    private @Nullable Map<String, Boolean> onlyAppended;

    private Touched(UUID state) {
      this.state = state;
    }

    void add(ChangeSet set) {
      sets.add(set);
      if (onlyAppended != null) {
        touch(onlyAppended, set);
      }
    }

    private static void touch(Map<String, Boolean> keys, ChangeSet set) {
      boolean sure = set.onlyAppendsOnce();
      for (Item item : set.items()) {
        keys.merge(item.key(), sure && item.form() == Form.APPEND, Boolean::logicalAnd);
      }
    }

    boolean admits(ChangeSet set) {
      if (sets.isEmpty()) {
        return true;
      }
      if (set.expectedVersion() != null) {
        return false;
      }
      boolean sure = set.onlyAppendsOnce();
      Map<String, Boolean> keys = keys();
      for (Item item : set.items()) {
        Boolean appended = keys.get(item.key());
        boolean fits = appended == null || item.isBlind() || (sure && appended);
        if (!fits) {
          return false;
        }
      }
      return true;
    }

    private Map<String, Boolean> keys() {
      Map<String, Boolean> keys = onlyAppended;
      if (keys == null) {
        keys = new HashMap<>();
        for (ChangeSet set : sets) {
          touch(keys, set);
        }
        onlyAppended = keys;
      }
      return keys;
    }
  }
}
