/** What is left when a process dies, or sleeps too long, at any point. */
@NullMarked
package dev.holdfast.effect.crash;

import org.jspecify.annotations.NullMarked;
