/**
 * The statements and what runs them. Not for use outside Holdfast; everything here may change in any release.
 *
 * <p>Read {@link dev.holdfast.store.internal.WriteSql} for the write protocol, {@link dev.holdfast.store.internal.ReadSql} for reads.
 */
@NullMarked
package dev.holdfast.store.internal;

import org.jspecify.annotations.NullMarked;
