/** What features cost that contracts switch on and off: {@link dev.holdfast.benchmarks.features.FeaturesSuite}. */
@NullMarked
package dev.holdfast.benchmarks.features;

import org.jspecify.annotations.NullMarked;
