/**
 * Values as JSON text: how they are encoded, compared, patched and kept within bounds.
 *
 * <p>Read {@link dev.holdfast.store.json.Codec} first, then {@link dev.holdfast.store.json.JacksonCodec}, which is the one that is
 * used unless another is given. {@link dev.holdfast.store.json.Json} has the few helpers that are handy with trees,
 * {@link dev.holdfast.store.json.JsonPatch} and {@link dev.holdfast.store.json.MergePatch} change them.
 */
@NullMarked
package dev.holdfast.store.json;

import org.jspecify.annotations.NullMarked;
