package dev.holdfast.effect.event;

/**
 * Asks for an event to be emitted, and for another one when that is to be taken back. Immutable, if nobody changes the trees.
 *
 * @param event that is emitted
 * @param retraction that is emitted when the effect transaction is rolled back, also when it is not known whether the event was emitted
 */
public record RetractableEvent(EmitEvent event, EmitEvent retraction) {}
