package dev.holdfast.effect.internal;

import dev.holdfast.migrations.SchemaName;
import dev.holdfast.store.StateId;
import dev.holdfast.store.internal.Binder;
import dev.holdfast.store.retention.VersionHold;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.OptionalLong;

/** Keeps the history that steps which may still have to be restored need. Safe for use by multiple threads. */
public final class StepHold implements VersionHold {

  /** Parameters: namespace, name. Looked up one by one (OFFSET 0), since few are unfinished, however few payloads there are of steps. */
  private static final String OLDEST = """
      SELECT min((w.value ->> 'version')::bigint)
      FROM (
        SELECT t.effect_id FROM {schema}.effect_transaction AS t WHERE t.leased_until IS NOT NULL
        UNION
        SELECT f.effect_id FROM {schema}.rollback_failure AS f WHERE f.status IN ('open', 'retrying')
      ) AS o
      CROSS JOIN LATERAL (
        SELECT p.payload
        FROM {schema}.effect_payload AS p
        WHERE p.effect_id = o.effect_id AND p.part = 'written'
        OFFSET 0
      ) AS p
      CROSS JOIN LATERAL json_array_elements(p.payload) AS w
      WHERE w.value ->> 'namespace' = ? AND w.value ->> 'name' = ?""";

  private final JournalStore journals;
  private final String oldest;

  StepHold(JournalStore journals, SchemaName schema) {
    this.journals = journals;
    this.oldest = schema.in(OLDEST);
  }

  /** The version before the oldest that an unfinished step made. */
  @Override
  public OptionalLong oldestNeeded(StateId state) {
    return journals.read("looking which versions of " + state + " steps need", connection -> {
      try (PreparedStatement statement = connection.prepareStatement(oldest)) {
        Binder.of(statement).text(state.namespace()).text(state.name());
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          long version = row.getLong(1);
          return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(version - 1);
        }
      }
    });
  }
}
