/** Binds what Holdfast counts and tells to Micrometer. Begin with {@link dev.holdfast.telemetry.internal.MeterName}, the table of meters. */
@NullMarked
package dev.holdfast.telemetry.internal;

import org.jspecify.annotations.NullMarked;
