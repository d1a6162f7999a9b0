CREATE OR REPLACE VIEW ${schema}.effect_summary AS
SELECT
  t.name,
  t.id,
  t.status,
  t.open_failures,
  t.process,
  CASE WHEN t.leased_until IS NOT NULL THEN greatest(t.leased_until, l.leased_until) END AS leased_until,
  t.started_at,
  t.changed_at,
  t.ended_at,
  t.error,
  t.epoch,
  t.effect_id,
  t.recoveries
FROM ${schema}.effect_transaction AS t
LEFT JOIN ${schema}.effect_lease AS l ON l.effect_id = t.effect_id AND l.epoch = t.epoch;

COMMENT ON VIEW ${schema}.effect_summary IS 'Every effect transaction: how it stands and who runs it.';
COMMENT ON COLUMN ${schema}.effect_summary.name IS 'What kind of work it is.';
COMMENT ON COLUMN ${schema}.effect_summary.id IS 'Which one of its kind.';
COMMENT ON COLUMN ${schema}.effect_summary.status IS 'running, committed, compensating, rolled_back, rollback_failed or resolved.';
COMMENT ON COLUMN ${schema}.effect_summary.open_failures IS 'Rollback failures that are not settled.';
COMMENT ON COLUMN ${schema}.effect_summary.process IS 'The process that runs it, or ran it last.';
COMMENT ON COLUMN ${schema}.effect_summary.leased_until IS 'When another process may take over; null once it has ended.';
COMMENT ON COLUMN ${schema}.effect_summary.started_at IS 'Database time of its begin.';
COMMENT ON COLUMN ${schema}.effect_summary.changed_at IS 'Database time of its newest progress.';
COMMENT ON COLUMN ${schema}.effect_summary.ended_at IS 'Database time of its end; null while it runs.';
COMMENT ON COLUMN ${schema}.effect_summary.error IS 'Why it is rolled back; null otherwise.';
COMMENT ON COLUMN ${schema}.effect_summary.epoch IS 'How many runs it took.';
COMMENT ON COLUMN ${schema}.effect_summary.effect_id IS 'Identity, see the function state_id.';
COMMENT ON COLUMN ${schema}.effect_summary.recoveries IS 'How often recovery has taken it over to go on with it.';
