/**
 * The tables of Holdfast and the one class that creates and checks them.
 *
 * <p>Read {@link dev.holdfast.migrations.Migrations}. The SQL stands beside it as resources; every table, column and function
 * carries a comment in the database.
 */
@NullMarked
package dev.holdfast.migrations;

import org.jspecify.annotations.NullMarked;
