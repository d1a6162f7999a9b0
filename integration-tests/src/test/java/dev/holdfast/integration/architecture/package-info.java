/** The rules of CONTRIBUTING.md that a machine can check. */
@NullMarked
package dev.holdfast.integration.architecture;

import org.jspecify.annotations.NullMarked;
