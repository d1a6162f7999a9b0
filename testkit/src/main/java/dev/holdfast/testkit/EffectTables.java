package dev.holdfast.testkit;

/** The tables of effect transactions. */
public final class EffectTables {

  /** All that a journal is written to, for a {@code TRUNCATE} between two tests; breakers are not of it. */
  public static final String ALL = "holdfast.effect_transaction, holdfast.effect_operation, "
      + "holdfast.effect_outcome, holdfast.effect_compensation, holdfast.effect_payload, "
      + "holdfast.effect_attempt, holdfast.rollback_failure";

  private EffectTables() {}
}
