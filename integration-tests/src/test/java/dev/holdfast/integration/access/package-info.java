/**
 * Who may do what, and what somebody is told whose configuration is wrong.
 *
 * <p>Read {@link dev.holdfast.integration.access.BadConfigurationTest} and {@link dev.holdfast.integration.access.RolesTest}.
 */
@NullMarked
package dev.holdfast.integration.access;

import org.jspecify.annotations.NullMarked;
