package dev.holdfast.store;

/**
 * How the writes of a store outside transactions were sent since it was opened. A copy: it does not change.
 *
 * @param messages messages sent; each is one round trip and one database transaction
 * @param changeSets change sets in them; divided by the messages, how many writers shared a message on average
 * @param held how often a change set was left out of a message because its state was locked elsewhere, or had to be created; one that is
 *     tried again counts again
 * @param withdrawn writes that were taken back before they were sent, because they were interrupted or waited too long
 */
public record GroupCommitMetrics(long messages, long changeSets, long held, long withdrawn) {}
