package dev.holdfast.effect.internal;

import dev.holdfast.effect.EffectId;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A write on its way to the journal of an effect transaction. Immutable, as long as its write is left alone.
 *
 * @param owner the run that writes
 * @param fence what the write is conditional on; null for the first one, which creates the row
 */
record JournalEntry(
    EffectId effect, UUID effectId, Owner owner, @Nullable Fence fence, JournalWrite write)
    implements JournalGroup.Request {

  static JournalEntry of(EffectId effect, Owner owner, @Nullable Fence fence, JournalWrite write) {
    UUID effectId = fence == null ? effect.uuid() : fence.effectId();
    return new JournalEntry(effect, effectId, owner, fence, write);
  }

  @Override
  public long chars() {
    return write.chars();
  }

  boolean isFirst() {
    return fence == null;
  }

  Fence fenceRequired() {
    return Objects.requireNonNull(fence, "not the first write");
  }
}
