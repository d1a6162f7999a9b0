/** What effect transactions and the rest of the library make of each other. */
@NullMarked
package dev.holdfast.integration.effect;

import org.jspecify.annotations.NullMarked;
