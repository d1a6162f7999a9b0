package dev.holdfast.store.feed;

import java.time.Duration;

/**
 * How far a consumer is behind.
 *
 * @param age how long ago the oldest change was made that was not delivered yet, by the clock of the database; zero when there is none
 * @param changes how many changes of single keys were not delivered yet, counted up to 10,000
 */
public record FeedLag(Duration age, long changes) {}
