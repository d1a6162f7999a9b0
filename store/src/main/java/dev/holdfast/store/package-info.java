/**
 * Durable, versioned state in PostgreSQL.
 *
 * <p>Read {@link dev.holdfast.store.State} first: a map of keys to JSON values with a version, a history and an actor for every change.
 * {@link dev.holdfast.store.StateStore} hands them out. History queries are in {@code history}, JSON values and patches in
 * {@code json}, records as views of a whole state in {@code record}.
 */
@NullMarked
package dev.holdfast.store;

import org.jspecify.annotations.NullMarked;
