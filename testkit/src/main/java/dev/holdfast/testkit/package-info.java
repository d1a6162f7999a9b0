/**
 * Tests against a real PostgreSQL: a migrated database per test class, and a check of the stored history after each test.
 *
 * <p>Read {@link dev.holdfast.testkit.HoldfastTest} first, then {@link dev.holdfast.testkit.TestDatabase}. The rules that every test
 * must leave intact are in {@link dev.holdfast.testkit.Invariants}. For tests with several processes see
 * {@link dev.holdfast.testkit.ChildJvm}, for those with random input {@link dev.holdfast.testkit.Seed}.
 */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
