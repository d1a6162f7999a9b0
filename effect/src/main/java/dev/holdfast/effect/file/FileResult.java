package dev.holdfast.effect.file;

/**
 * What became of a file. Immutable.
 *
 * @param path that was written, deleted or moved to
 * @param existed whether there was a file at that path before; of a move, at the path it came from
 */
public record FileResult(String path, boolean existed) {}
