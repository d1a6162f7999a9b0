/**
 * Checks at the door: what these refuse is never written; and what several packages have to know of JSON in the same way.
 *
 * <p>Not part of the public API. Read {@link dev.holdfast.store.json.internal.JsonGuard} first.
 */
@NullMarked
package dev.holdfast.store.json.internal;

import org.jspecify.annotations.NullMarked;
