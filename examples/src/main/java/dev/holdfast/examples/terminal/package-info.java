/**
 * What a job prints and how it ends. Read {@link dev.holdfast.examples.terminal.Job} first; {@link
 * dev.holdfast.examples.terminal.Terminal} is where it prints to.
 */
@NullMarked
package dev.holdfast.examples.terminal;

import org.jspecify.annotations.NullMarked;
