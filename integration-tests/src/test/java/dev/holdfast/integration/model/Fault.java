package dev.holdfast.integration.model;

/** A rule that the model gets wrong on purpose, to show that the comparison would notice. */
enum Fault {
  NONE,
  REUSES_VERSIONS_AFTER_ROLLBACK,
  IGNORES_EQUAL_VALUES,
  TAKES_NULL_FOR_ABSENT
}
