package dev.holdfast;

/**
 * How a pool is used. Immutable.
 *
 * @param active connections that are borrowed
 * @param idle connections that nobody uses
 * @param waiting threads that wait for one
 * @param maximum connections at most
 */
record PoolUse(int active, int idle, int waiting, int maximum) {}
