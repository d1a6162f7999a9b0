package dev.holdfast.store.internal;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A state as read in one statement. Immutable by convention.
 *
 * @param newest the newest version
 * @param oldest the oldest version that can be read
 * @param newestAt when the newest version was made, null when it is not committed yet
 * @param versionAt when the version asked for was made, null when there is none such or the newest was meant
 * @param entries the keys that are there, in order; if what has changed was asked for, those that have, be they there or not
 */
public record StoredSnapshot(
    long newest,
    long oldest,
    @Nullable Instant newestAt,
    @Nullable Instant versionAt,
    Map<String, StoredEntry> entries) {}
