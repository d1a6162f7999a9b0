/** Contracts that need a database to show what they drive. */
@NullMarked
package dev.holdfast.integration.contract;

import org.jspecify.annotations.NullMarked;
