/**
 * Contracts: the configuration as thirteen immutable records, read from YAML.
 *
 * <p>Read {@link dev.holdfast.contract.Contracts} first. A field either drives a component or is refused when it asks for what is not
 * there; docs/contracts.md says which.
 */
@NullMarked
package dev.holdfast.contract;

import org.jspecify.annotations.NullMarked;
