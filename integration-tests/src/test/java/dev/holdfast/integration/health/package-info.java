/** Health of a real database, and of one that is not there. */
@NullMarked
package dev.holdfast.integration.health;

import org.jspecify.annotations.NullMarked;
