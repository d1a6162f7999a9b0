/** What people find out about history in plain SQL. */
@NullMarked
package dev.holdfast.integration.audit;

import org.jspecify.annotations.NullMarked;
