package dev.holdfast.store.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides which rows of a state's history no kept version needs. Rows come key by key, each key from its oldest version on; only those of the
 * rows up to the newest pin come.
 *
 * <p>A row is <b>needed</b> when it is the newest of its key at some pin, or when a reference that stays leads to it. A needed delta is folded
 * from the rows of its chain: the whole value and the deltas up to it. Of each chain the rows before the oldest needed one go, which therefore
 * becomes the whole value; those between needed ones stay; those after the newest needed one go.
 *
 * <p><b>Why nothing else has to be rewritten.</b> The rows after the folded one, and references to them, still name the old whole value in
 * {@code base_version}. That is only where reading begins: from there on the first row that is left is the folded one, which is a whole value.
 * So a reader, a writer or a rollback that read the old base just before does nothing wrong with it.
 *
 * <p>A row that says that a key is absent is needed only as long as an older row would show through. At a pin it stays, because the time of a
 * version is taken from its rows. Confined to one thread.
 */
public final class Sweep {

  private final NavigableSet<Long> pins;
  private final Target target;
  private final List<Long> pending = new ArrayList<>();
  private @Nullable Row last;
  private boolean hasNeeded;
  private boolean showsThrough;

  /**
   * A sweep.
   *
   * @param pins versions that stay readable; the highest stands for everything above it as well
   * @param target is told what to do
   */
  public Sweep(NavigableSet<Long> pins, Target target) {
    this.pins = pins;
    this.target = target;
  }

  /** Takes the next row. */
  public void accept(Row row) {
    Row before = last;
    if (before != null) {
      boolean sameKey = before.key.equals(row.key);
      decide(before, sameKey ? row.version : Long.MAX_VALUE);
      if (!sameKey) {
        endKey(before.key);
      }
    }
    last = row;
  }

  /** Decides what is left to decide. */
  public void end() {
    Row before = last;
    if (before != null) {
      decide(before, Long.MAX_VALUE);
      endKey(before.key);
    }
    last = null;
  }

  private void endKey(String key) {
    endChain(key);
    showsThrough = false;
  }

  private void endChain(String key) {
    if (!pending.isEmpty()) {
      target.remove(key, List.copyOf(pending));
    }
    pending.clear();
    hasNeeded = false;
  }

  private void decide(Row row, long next) {
    Long pin = pins.ceiling(row.version);
    boolean needed = row.isReferredTo || (pin != null && pin < next);
    switch (row.form) {
      case VALUE -> {
        endChain(row.key);
        decideInChain(row, needed);
      }
      case APPEND, PATCH -> decideInChain(row, needed);
      case REFERENCE -> {
        endChain(row.key);
        keep(row, needed, true);
      }
      case NONE -> {
        endChain(row.key);
        keep(row, needed && (showsThrough || pins.contains(row.version)), false);
      }
    }
  }

  private void decideInChain(Row row, boolean needed) {
    if (!needed) {
      pending.add(row.version);
      return;
    }
    if (!hasNeeded && row.form != Form.VALUE) {
      target.fold(row.key, row.version, List.copyOf(pending));
    }
    pending.clear();
    hasNeeded = true;
    showsThrough = true;
  }

  private void keep(Row row, boolean kept, boolean isPresent) {
    if (kept) {
      showsThrough = isPresent;
    } else {
      target.remove(row.key, List.of(row.version));
    }
  }

  /**
   * A row of history without its value.
   *
   * @param isReferredTo whether a reference that stays leads to it
   */
  public record Row(String key, long version, Form form, boolean isReferredTo) {}

  /** What is done with the rows. */
  public interface Target {

    /** These rows of a key go, in any order. */
    void remove(String key, List<Long> versions);

    /** A delta becomes a whole value, and in the same transaction the rows of its chain before it go. */
    void fold(String key, long version, List<Long> before);
  }
}
