package dev.holdfast.store.transaction;

/**
 * How the transactions of a store went, counted since it was opened. Immutable copy; the numbers are read one after the other, so under
 * load they need not belong to one instant.
 *
 * @param committed transactions that were committed
 * @param rolledBack transactions that were given up: the work threw, a timeout passed, or the attempts were used up
 * @param retried attempts that failed to serialize or were chosen to break a deadlock, and were followed by another
 * @param savepointsUndone savepoints whose work threw
 * @param commitsInDoubt commits during which the connection was lost, whatever was found out about them afterwards
 */
public record TransactionMetrics(
    long committed, long rolledBack, long retried, long savepointsUndone, long commitsInDoubt) {}
