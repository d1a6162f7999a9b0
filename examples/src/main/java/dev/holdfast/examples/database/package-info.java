/**
 * The database that a job works on: one that somebody has, or a PostgreSQL that Holdfast starts itself. Read {@link
 * dev.holdfast.examples.database.ExampleDatabase} first.
 */
@NullMarked
package dev.holdfast.examples.database;

import org.jspecify.annotations.NullMarked;
