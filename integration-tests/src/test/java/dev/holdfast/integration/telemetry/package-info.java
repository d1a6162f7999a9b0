/** What a registry sees of real work. */
@NullMarked
package dev.holdfast.integration.telemetry;

import org.jspecify.annotations.NullMarked;
