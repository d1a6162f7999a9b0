/** Build tool, not published: writes the jOOQ sources of the store from the schema of a real, migrated PostgreSQL. */
@NullMarked
package dev.holdfast.codegen;

import org.jspecify.annotations.NullMarked;
