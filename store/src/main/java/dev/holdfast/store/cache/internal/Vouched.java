package dev.holdfast.store.cache.internal;

/**
 * A content that may be shown for as long as nothing else is held and nothing else is known: whoever has it need not judge the content again at
 * each read. Immutable but for what the values remember.
 *
 * <p>What it was made of is compared by identity. Neither is ever put back once it was replaced, so what is still there was there all the
 * time since the content was judged.
 *
 * @param <V> what values are decoded to
 */
public final class Vouched<V> {

  final Watched watched;
  final Slot.Held held;

  /** In the nanoseconds of {@link System#nanoTime()}; not to be used at this time or later. */
  final long until;

  private final Content content;
  private final DecodedValues<V> values;

  Vouched(Watched watched, Slot.Held held, long until, Content content, DecodedValues<V> values) {
    this.watched = watched;
    this.held = held;
    this.until = until;
    this.content = content;
    this.values = values;
  }

  /** The content, as long as the cache {@linkplain ReadCache#isCurrent says} so. */
  public Content content() {
    return content;
  }

  /** A faster way to its values. */
  public DecodedValues<V> values() {
    return values;
  }
}
