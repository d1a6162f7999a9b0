package dev.holdfast.effect.sql;

/**
 * What came of an SQL operation. Immutable.
 *
 * @param rows that the statement changed; -1 when it says nothing about that, such as a {@code SELECT} of a function
 */
public record SqlResult(long rows) {}
