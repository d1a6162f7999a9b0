/** Tests of single guarantees that need more than one client, or a server that dies. */
@NullMarked
package dev.holdfast.integration.guarantees;

import org.jspecify.annotations.NullMarked;
