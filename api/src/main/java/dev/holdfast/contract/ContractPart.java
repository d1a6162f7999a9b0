package dev.holdfast.contract;

/** A contract, or a mapping within one: a record whose components are fields. Immutable. */
public interface ContractPart {}
