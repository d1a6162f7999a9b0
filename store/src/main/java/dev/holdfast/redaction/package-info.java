/**
 * Hides the values of sensitive names, such as {@code password}, before something is shown.
 *
 * <p>Read {@link dev.holdfast.redaction.Redactor}; {@link dev.holdfast.redaction.SensitiveNames} says which names are meant.
 */
@NullMarked
package dev.holdfast.redaction;

import org.jspecify.annotations.NullMarked;
