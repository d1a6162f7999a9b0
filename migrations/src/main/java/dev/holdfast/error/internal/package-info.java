/** The one place that reads a SQLSTATE. Not for use outside Holdfast. */
@NullMarked
package dev.holdfast.error.internal;

import org.jspecify.annotations.NullMarked;
