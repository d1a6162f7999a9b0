/**
 * What values have to be, beyond being JSON, before they are written.
 *
 * <p>Read {@link dev.holdfast.store.validation.ValueRules}; who breaks one gets a
 * {@link dev.holdfast.store.validation.ValidationException}.
 */
@NullMarked
package dev.holdfast.store.validation;

import org.jspecify.annotations.NullMarked;
