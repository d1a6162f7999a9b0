package dev.holdfast.store.history;

/**
 * The name of a version. Immutable.
 *
 * @param name unique per state as long as it is not removed
 * @param version the version that it names
 * @param origin who named it, why and when
 */
public record Tag(String name, long version, Origin origin) {}
