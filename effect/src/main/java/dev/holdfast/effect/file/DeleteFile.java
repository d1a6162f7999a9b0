package dev.holdfast.effect.file;

/**
 * Asks for a file to be deleted; one that is not there is no error. Immutable.
 *
 * @param path relative to the base folder, with {@code /} between its parts
 */
public record DeleteFile(String path) {}
