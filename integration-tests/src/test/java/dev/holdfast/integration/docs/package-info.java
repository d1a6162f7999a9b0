/** The samples of the documentation, compiled and run, and the test that the documents show exactly these. */
@NullMarked
package dev.holdfast.integration.docs;

import org.jspecify.annotations.NullMarked;
