package dev.holdfast.store.feed;

/**
 * What the subscriptions of this process did since the feed was opened, closed ones included. A copy: it does not change.
 *
 * @param delivered how often a handler returned
 * @param failedAttempts how often a handler threw
 * @param deadLetters change sets that no attempt could deliver
 */
public record FeedMetrics(long delivered, long failedAttempts, long deadLetters) {}
