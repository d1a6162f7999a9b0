/**
 * Records as views of a whole state: each component is a key, an update writes only what differs.
 *
 * <p>Read {@link dev.holdfast.store.record.RecordState}. {@link dev.holdfast.store.record.AgentCoordinationState} and
 * {@link dev.holdfast.store.record.CodeGenerationState} are ready-made for two common workflows.
 */
@NullMarked
package dev.holdfast.store.record;

import org.jspecify.annotations.NullMarked;
