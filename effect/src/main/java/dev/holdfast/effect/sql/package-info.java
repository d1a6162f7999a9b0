/**
 * SQL in a database of the application as operations of effect transactions: exactly once, and undone by a statement of its own.
 *
 * <p>Read {@link dev.holdfast.effect.sql.SqlOperation}.
 */
@NullMarked
package dev.holdfast.effect.sql;

import org.jspecify.annotations.NullMarked;
