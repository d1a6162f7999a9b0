/**
 * Removing what no version that is kept needs any more, with a plan beforehand and a record afterwards.
 *
 * <p>Read {@link dev.holdfast.store.retention.Retention} first.
 */
@NullMarked
package dev.holdfast.store.retention;

import org.jspecify.annotations.NullMarked;
