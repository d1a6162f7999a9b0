/**
 * Reads from the caches of several processes, checked in real time while everything that can go wrong does. {@code CoherenceTest} runs them
 * and {@code CoherenceChecker} judges what they saw.
 */
@NullMarked
package dev.holdfast.integration.coherence;

import org.jspecify.annotations.NullMarked;
