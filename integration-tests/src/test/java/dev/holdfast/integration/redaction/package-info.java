/** What must not be shown is shown nowhere. */
@NullMarked
package dev.holdfast.integration.redaction;

import org.jspecify.annotations.NullMarked;
