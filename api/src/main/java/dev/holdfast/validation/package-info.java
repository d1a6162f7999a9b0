/**
 * JSON Schemas and constraints for the values of keys.
 *
 * <p>Read {@link dev.holdfast.validation.Validation}; the validation contract says how it is done.
 */
@NullMarked
package dev.holdfast.validation;

import org.jspecify.annotations.NullMarked;
