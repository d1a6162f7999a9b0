package dev.holdfast.effect.file;

/**
 * Asks for a file to be moved to a path at which there is none. Immutable.
 *
 * @param from relative to the base folder, with {@code /} between its parts
 * @param to likewise
 */
public record MoveFile(String from, String to) {}
