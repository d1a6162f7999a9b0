package dev.holdfast.testkit;

/** The tables of effect transactions. */
public final class EffectTables {

  /** All that a journal is written to, for a {@code TRUNCATE} between two tests; breakers are not of it. */
  public static final String ALL = "holdfast.effect_transaction, holdfast.effect_lease, "
      + "holdfast.effect_operation, holdfast.effect_outcome, holdfast.effect_compensation, holdfast.effect_payload, "
      + "holdfast.effect_attempt, holdfast.rollback_failure";

  private EffectTables() {}

  /**
   * As if the process of an effect transaction had given no sign of life for long. One that lives gives its next sign all the same.
   *
   * @param which a condition on the row {@code t} of the effect transaction, in SQL
   */
  public static void expireLeases(TestDatabase database, String which) {
    database.execute("""
        DELETE FROM holdfast.effect_lease AS l
        USING holdfast.effect_transaction AS t
        WHERE t.effect_id = l.effect_id AND (%1$s);
        UPDATE holdfast.effect_transaction AS t
        SET leased_until = clock_timestamp() - interval '1 second'
        WHERE t.leased_until IS NOT NULL AND (%1$s)""".formatted(which));
  }
}
