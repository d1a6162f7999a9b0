package dev.holdfast.store.cache.internal;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A map that never changes: adding to it or removing from it makes a new map, which shares all but a few small arrays with the old one.
 * After Steindorfer and Vinju, "Optimizing Hash-Array Mapped Tries for Fast and Lean Immutable JVM Collections" (CHAMP, 2015): a node has
 * up to 32 places by five bits of the hash; two bit sets tell which hold an entry and which a node, and one array has the entries at its
 * front and the nodes at its end.
 *
 * <p>Where the 32 bits of {@link String#hashCode()} are used up, the bits of a second hash follow that nobody outside can predict, so that
 * keys made to collide cost no more than others. Safe for use by multiple threads.
 *
 * @param <V> the values
 */
public final class PersistentMap<V> {

  private static final int BITS = 5;
  private static final int MASK = (1 << BITS) - 1;
  private static final int FIRST_HASH_SHIFTS = 35;
  private static final long SEED = ThreadLocalRandom.current().nextLong() | 1;
  private static final Node NO_NODE = new Node(0, 0, new Object[0]);
  private static final PersistentMap<?> EMPTY = new PersistentMap<>(NO_NODE, 0);

  private final Node root;
  private final int size;

  private PersistentMap(Node root, int size) {
    this.root = root;
    this.size = size;
  }

  /** A map without entries. */
  @SuppressWarnings("unchecked") // It holds no value of any type.
  public static <V> PersistentMap<V> empty() {
    return (PersistentMap<V>) EMPTY;
  }

  /** The number of entries. */
  public int size() {
    return size;
  }

  /** The value of a key, null when there is none. */
  @SuppressWarnings("unchecked") // Only values of the type are put in.
  public @Nullable V get(String key) {
    int hash = key.hashCode();
    Node node = root;
    for (int shift = 0; ; shift += BITS) {
      int bit = bit(key, hash, shift);
      if ((node.entries & bit) != 0) {
        int at = node.entryAt(bit);
        return key.equals(node.content[at]) ? (V) node.content[at + 1] : null;
      }
      if ((node.nodes & bit) == 0) {
        return null;
      }
      node = (Node) node.content[node.nodeAt(bit)];
    }
  }

  /** A map in which the key has the value. */
  public PersistentMap<V> with(String key, V value) {
    boolean isNew = get(key) == null;
    Node next = root.with(key, key.hashCode(), value, 0);
    return new PersistentMap<>(next, isNew ? size + 1 : size);
  }

  /** A map without the key; this one when it is not there. */
  public PersistentMap<V> without(String key) {
    return get(key) == null
        ? this
        : new PersistentMap<>(root.without(key, key.hashCode(), 0), size - 1);
  }

  /** Hands over every entry, in no particular order. */
  @SuppressWarnings("unchecked") // Only values of the type are put in.
  public void forEach(BiConsumer<String, ? super V> action) {
    root.forEach((key, value) -> action.accept(key, (V) value));
  }

  private static int bit(String key, int hash, int shift) {
    long bits = shift < FIRST_HASH_SHIFTS
        ? hash >>> shift
        : secondHash(key, shift / 70) >>> (shift - FIRST_HASH_SHIFTS);
    return 1 << ((int) bits & MASK);
  }

  /** Another hash for every so many levels: two different keys part sooner or later. */
  private static long secondHash(String key, int round) {
    long hash = SEED + round;
    for (int i = 0; i < key.length(); i++) {
      hash = Long.rotateLeft((hash ^ key.charAt(i)) * SEED, 29);
    }
    return hash ^ (hash >>> 32);
  }

  /** Immutable. */
  private static final class Node {

    private final int entries;
    private final int nodes;
    private final Object[] content;

    private Node(int entries, int nodes, Object[] content) {
      this.entries = entries;
      this.nodes = nodes;
      this.content = content;
    }

    private int entryAt(int bit) {
      return 2 * Integer.bitCount(entries & (bit - 1));
    }

    private int nodeAt(int bit) {
      return content.length - 1 - Integer.bitCount(nodes & (bit - 1));
    }

    Node with(String key, int hash, Object value, int shift) {
      int bit = bit(key, hash, shift);
      if ((entries & bit) != 0) {
        int at = entryAt(bit);
        String other = (String) content[at];
        if (other.equals(key)) {
          Object[] copy = content.clone();
          copy[at + 1] = value;
          return new Node(entries, nodes, copy);
        }
        Node both = NO_NODE
            .with(other, other.hashCode(), content[at + 1], shift + BITS)
            .with(key, hash, value, shift + BITS);
        return pushedDown(bit, at, both);
      }
      if ((nodes & bit) != 0) {
        int at = nodeAt(bit);
        Object[] copy = content.clone();
        copy[at] = ((Node) content[at]).with(key, hash, value, shift + BITS);
        return new Node(entries, nodes, copy);
      }
      return inserted(bit, key, value);
    }

    private Node inserted(int bit, String key, Object value) {
      int at = entryAt(bit);
      Object[] copy = new Object[content.length + 2];
      System.arraycopy(content, 0, copy, 0, at);
      copy[at] = key;
      copy[at + 1] = value;
      System.arraycopy(content, at, copy, at + 2, content.length - at);
      return new Node(entries | bit, nodes, copy);
    }

    /** In place of an entry, a node that holds it and more. */
    private Node pushedDown(int bit, int entryAt, Node node) {
      Node without = removed(bit, entryAt);
      int at = without.content.length - Integer.bitCount(nodes & (bit - 1));
      Object[] copy = new Object[without.content.length + 1];
      System.arraycopy(without.content, 0, copy, 0, at);
      copy[at] = node;
      System.arraycopy(without.content, at, copy, at + 1, without.content.length - at);
      return new Node(without.entries, nodes | bit, copy);
    }

    private Node removed(int bit, int at) {
      Object[] copy = new Object[content.length - 2];
      System.arraycopy(content, 0, copy, 0, at);
      System.arraycopy(content, at + 2, copy, at, content.length - at - 2);
      return new Node(entries & ~bit, nodes, copy);
    }

    /** The key is there. */
    Node without(String key, int hash, int shift) {
      int bit = bit(key, hash, shift);
      if ((entries & bit) != 0) {
        return removed(bit, entryAt(bit));
      }
      int at = nodeAt(bit);
      Node node = ((Node) content[at]).without(key, hash, shift + BITS);
      if (node.isOneEntry()) {
        return pulledUp(bit, at, node);
      }
      Object[] copy = content.clone();
      copy[at] = node;
      return new Node(entries, nodes, copy);
    }

    private boolean isOneEntry() {
      return nodes == 0 && content.length == 2;
    }

    /** In place of a node, the only entry that it holds. */
    private Node pulledUp(int bit, int nodeAt, Node node) {
      Object[] copy = Arrays.copyOf(content, content.length - 1);
      System.arraycopy(content, nodeAt + 1, copy, nodeAt, content.length - nodeAt - 1);
      return new Node(entries, nodes & ~bit, copy)
          .inserted(bit, (String) node.content[0], node.content[1]);
    }

    void forEach(BiConsumer<String, Object> action) {
      int end = content.length - Integer.bitCount(nodes);
      for (int i = 0; i < end; i += 2) {
        action.accept((String) content[i], content[i + 1]);
      }
      for (int i = end; i < content.length; i++) {
        ((Node) content[i]).forEach(action);
      }
    }
  }
}
