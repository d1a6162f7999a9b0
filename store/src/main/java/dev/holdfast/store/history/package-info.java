/**
 * What happened to a state: every change with the value before and after, who made it, why and when.
 *
 * <p>Read {@link dev.holdfast.store.history.History}, the query, and {@link dev.holdfast.store.history.Change}, the record.
 */
@NullMarked
package dev.holdfast.store.history;

import org.jspecify.annotations.NullMarked;
