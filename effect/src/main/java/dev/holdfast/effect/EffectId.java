package dev.holdfast.effect;

import dev.holdfast.store.StateId;
import dev.holdfast.store.json.internal.TextRules;
import java.util.UUID;

/**
 * The identity of an effect transaction. Both parts are non-empty text of at most {@value StateId#MAX_BYTES} bytes in UTF-8 without NUL
 * and without lone surrogates, compared byte by byte. Immutable.
 *
 * @param name what kind of work it is, such as {@code book-trip}
 * @param id which one of its kind; the same id never runs twice
 */
public record EffectId(String name, String id) {

  private static final int SHOWN = 100;

  /** Checks both parts. */
  public EffectId {
    TextRules.requireText("name of the effect transaction", name, StateId.MAX_BYTES);
    TextRules.requireText("id of the effect transaction", id, StateId.MAX_BYTES);
  }

  /** The identity as it is stored, which the SQL function {@code state_id(name, id)} computes too. */
  public UUID uuid() {
    return new StateId(name, id).uuid();
  }

  /** Name and id for messages and logs: what does not print is escaped, what is long is cut. */
  @Override
  public String toString() {
    return TextRules.shown(name, SHOWN) + "/" + TextRules.shown(id, SHOWN);
  }
}
