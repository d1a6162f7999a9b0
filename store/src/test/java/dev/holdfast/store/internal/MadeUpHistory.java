package dev.holdfast.store.internal;

import dev.holdfast.testkit.TestDatabase;

/** History that was never written by a call, for plans of statements over much of it. */
public final class MadeUpHistory {

  private MadeUpHistory() {}

  /** Adds changes of as many states, spread over all transactions until now, with what the planner knows of them. */
  public static void fill(TestDatabase database, int changes) {
    database.execute("""
        INSERT INTO holdfast.change (state_id, key, version, operation, changed_at, transaction_id, xid, form, payload)
        SELECT gen_random_uuid(), 'a', 1, 'set', now(), gen_random_uuid(),
          greatest(3, i * (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) / %1$d)::text::xid8, 'value', '1'
        FROM generate_series(1, %1$d) AS i""".formatted(changes));
    database.execute(
        "SELECT brin_summarize_new_values('holdfast.change_in_order'); ANALYZE holdfast.change");
  }
}
