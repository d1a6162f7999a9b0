/**
 * Following the changes of all states, in order and without a gap.
 *
 * <p>Read {@link dev.holdfast.store.feed.ChangeFeed} first.
 */
@NullMarked
package dev.holdfast.store.feed;

import org.jspecify.annotations.NullMarked;
