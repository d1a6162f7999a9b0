/**
 * What Holdfast does when the connection to the server breaks, and a proxy that sees and breaks it.
 *
 * <p>Read {@link dev.holdfast.integration.connection.TestingProxy} first.
 */
@NullMarked
package dev.holdfast.integration.connection;

import org.jspecify.annotations.NullMarked;
