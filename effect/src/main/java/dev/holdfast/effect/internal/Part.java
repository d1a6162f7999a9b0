package dev.holdfast.effect.internal;

/** What a payload is. Requests are stored with the intent and responses with the outcome, all others by themselves. */
enum Part {
  REQUEST,
  RESPONSE,
  /** The states and versions that a step made. */
  WRITTEN,
  /** Whose candidate performs it; not written for the default provider. */
  PROVIDER,
  /** What undoes a step instead of restoring. */
  COMPENSATION,
  /** The versions that undid a step. */
  RESTORED,
  /** Of the whole transaction; written when recovery is to go on with it. */
  INPUT
}
