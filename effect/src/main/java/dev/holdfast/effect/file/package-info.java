/**
 * Files of a folder as operations of effect transactions: written, deleted and moved, and restored when the whole fails.
 *
 * <p>Read {@link dev.holdfast.effect.file.FileOperations}.
 */
@NullMarked
package dev.holdfast.effect.file;

import org.jspecify.annotations.NullMarked;
