/**
 * What goes on, told while it does: operations of states, transactions, and through the effect module its operations. Metrics and traces are
 * made of it elsewhere. Begin with {@link dev.holdfast.store.activity.ActivityListener}.
 */
@NullMarked
package dev.holdfast.store.activity;

import org.jspecify.annotations.NullMarked;
