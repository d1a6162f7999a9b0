/** The change feed under load and failure. */
@NullMarked
package dev.holdfast.integration.feed;

import org.jspecify.annotations.NullMarked;
