/**
 * How contracts are described, checked, read and merged.
 *
 * <p>Read {@link dev.holdfast.contract.internal.ContractType} first: everything that is known of a field stands in the annotation of its
 * record component, and constructor, reader, writer, JSON Schema and documentation take it from there.
 */
@NullMarked
package dev.holdfast.contract.internal;

import org.jspecify.annotations.NullMarked;
